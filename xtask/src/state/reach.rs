//! How a cluster is reached from the host: URLs, and the environment that tests get.

use std::{collections::BTreeMap, fmt, path::Path};

use serde::Serialize;

use super::Lease;
use crate::catalog::{Catalog, HostPort, Name};

/// How a port of a definition is reached from the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The port's name in the catalogue.
    pub name: Name,
    /// Its URL.
    pub url: String,
    /// The port of the host that the definition asked for, where another one is leased in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<u16>,
}

impl Reached {
    /// The ports of these definitions, and those of what they need that are not where they were asked for.
    #[must_use]
    pub fn by(catalog: &Catalog, roots: &[Name], leases: &[Lease]) -> Vec<Self> {
        let mut all = Vec::new();
        for definition in catalog.closure(roots).iter().filter_map(|n| catalog.definitions.get(n)) {
            let reached = definition.ports.iter().filter_map(|port| Self::of(port, leases));
            all.extend(reached.filter(|r| roots.contains(&definition.name) || r.instead_of.is_some()));
        }
        all
    }

    fn of(port: &HostPort, leases: &[Lease]) -> Option<Self> {
        let lease = leases.iter().find(|l| l.name == port.name)?;
        let url = format!("{}127.0.0.1:{}", port.scheme.prefix(), lease.host_port);
        let instead_of = (lease.wanted != lease.host_port).then_some(lease.wanted);
        Some(Self { name: port.name.clone(), url, instead_of })
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.url, self.name)?;
        self.instead_of.iter().try_for_each(|wanted| write!(f, ", instead of {wanted}, which was taken"))?;
        f.write_str(")")
    }
}

/// The URL of every port of the catalogue that leads into a cluster with these leases.
#[must_use]
pub fn urls(catalog: &Catalog, leases: &[Lease]) -> BTreeMap<Name, String> {
    let ports = catalog.definitions.values().flat_map(|d| &d.ports);
    ports.filter_map(|port| Reached::of(port, leases)).map(|r| (r.name, r.url)).collect()
}

/// The environment that tests get: `E2E_KUBECONFIG`, `E2E_NAMESPACE`, `E2E_URL_<NAME>`.
#[must_use]
pub fn environment(urls: &BTreeMap<Name, String>, kubeconfig: &Path, namespace: &str) -> BTreeMap<String, String> {
    let variable = |name: &Name| format!("E2E_URL_{}", name.as_str().to_uppercase().replace('-', "_"));
    let mut environment: BTreeMap<String, String> = urls.iter().map(|(n, url)| (variable(n), url.clone())).collect();
    environment.insert("E2E_KUBECONFIG".to_owned(), kubeconfig.display().to_string());
    environment.insert("E2E_NAMESPACE".to_owned(), namespace.to_owned());
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Scheme;

    #[test]
    fn a_port_that_was_replaced_says_so() {
        let name = Name::new("gateway");
        let scheme = Scheme::Http;
        let port = HostPort { name, scheme, service: String::new(), port: 80, node_port: 30090, host_port: 28091 };
        let lease = |host_port| Lease { name: port.name.clone(), node_port: 30090, host_port, wanted: 28091 };
        let told = |host_port| Reached::of(&port, &[lease(host_port)]).unwrap().to_string();
        assert_eq!(told(28091), "http://127.0.0.1:28091 (gateway)");
        assert_eq!(told(41233), "http://127.0.0.1:41233 (gateway, instead of 28091, which was taken)");
    }
}
