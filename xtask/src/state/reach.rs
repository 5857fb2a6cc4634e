//! How a cluster is reached from the host: URLs, and the environment that tests get.

use std::{collections::BTreeMap, path::Path};

use super::Lease;
use crate::catalog::{Catalog, Name};

/// The URL of every port of the catalogue that leads into a cluster with these leases.
#[must_use]
pub fn urls(catalog: &Catalog, leases: &[Lease]) -> BTreeMap<Name, String> {
    let ports = catalog.definitions.values().flat_map(|d| &d.ports);
    let url = |port: &crate::catalog::HostPort| {
        let lease = leases.iter().find(|l| l.name == port.name)?;
        Some((port.name.clone(), format!("{}127.0.0.1:{}", port.scheme.prefix(), lease.host_port)))
    };
    ports.filter_map(url).collect()
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
