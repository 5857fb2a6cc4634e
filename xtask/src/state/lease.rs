//! Ports of the host: those that definitions would like, where they are free, and others where not.

use std::{
    collections::BTreeSet,
    fmt,
    net::{Ipv4Addr, TcpListener},
};

use serde::{Deserialize, Serialize};

use crate::catalog::{HostPort, Name};

/// A port of the host that leads to a port of the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The port's name in the catalogue.
    pub name: Name,
    /// The port on the node.
    pub node_port: u16,
    /// The port on 127.0.0.1.
    pub host_port: u16,
    /// The port that the definition asked for.
    pub wanted: u16,
}

/// What to do when a wanted port is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum PortPolicy {
    /// Take another one.
    #[default]
    Lease,
    /// Fail, and name the holder.
    Fixed,
}

/// Wanted ports that are taken, under [`PortPolicy::Fixed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken(pub Vec<(Name, u16, String)>);

/// Leases a host port for every port of the catalogue. `others` are ports that clusters of ours hold or will hold again
/// (port, cluster), whether they listen now or not.
pub fn lease(wanted: &[&HostPort], others: &[(u16, String)], policy: PortPolicy) -> Result<Vec<Lease>, Taken> {
    let mut used: BTreeSet<u16> = others.iter().map(|(port, _)| *port).collect();
    let preferred: BTreeSet<u16> = wanted.iter().map(|p| p.host_port).collect();
    let (mut leases, mut taken) = (Vec::new(), Vec::new());
    for port in wanted {
        let holder = holder(port.host_port, others);
        let host_port = match (&holder, policy) {
            (None, _) => port.host_port,
            (Some(_), PortPolicy::Lease) => free_port(&used, &preferred),
            (Some(holder), PortPolicy::Fixed) => {
                taken.push((port.name.clone(), port.host_port, holder.clone()));
                continue;
            }
        };
        used.insert(host_port);
        leases.push(Lease { name: port.name.clone(), node_port: port.node_port, host_port, wanted: port.host_port });
    }
    if taken.is_empty() { Ok(leases) } else { Err(Taken(taken)) }
}

fn holder(port: u16, others: &[(u16, String)]) -> Option<String> {
    if let Some((_, cluster)) = others.iter().find(|(p, _)| *p == port) {
        return Some(format!("cluster {cluster}"));
    }
    let listening = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err();
    listening.then(|| crate::observe::listener(port).unwrap_or_else(|| "another process".to_owned()))
}

/// A port that the kernel has free, is leased to nobody, and that no definition would rather have.
fn free_port(used: &BTreeSet<u16>, preferred: &BTreeSet<u16>) -> u16 {
    // Listeners are kept while we look, or the kernel may offer one port again and again.
    let mut tried = Vec::new();
    loop {
        let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)) else { return 0 };
        let port = listener.local_addr().map_or(0, |a| a.port());
        if port == 0 || !(used.contains(&port) || preferred.contains(&port)) {
            return port;
        }
        tried.push(listener);
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host ports are taken, and --ports fixed forbids others:")?;
        self.0.iter().try_for_each(|(name, port, by)| write!(f, "\n  {port} ({name}) is held by {by}"))
    }
}

impl std::error::Error for Taken {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Scheme;

    fn port(name: &str, host_port: u16) -> HostPort {
        HostPort {
            name: Name::new(name),
            scheme: Scheme::Http,
            service: String::new(),
            port: 80,
            node_port: 30000,
            host_port,
        }
    }

    #[test]
    fn a_taken_port_is_replaced_and_a_fixed_one_names_its_holder() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let busy = held.local_addr().unwrap().port();
        let free = free_port(&BTreeSet::new(), &BTreeSet::new());
        let (a, b) = (port("a", busy), port("b", free));
        let leases = lease(&[&a, &b], &[], PortPolicy::Lease).unwrap();
        assert_ne!(leases[0].host_port, busy);
        assert_ne!(leases[0].host_port, free, "b would rather have this one");
        assert_eq!(leases[1].host_port, free);
        let Taken(taken) = lease(&[&a, &b], &[(free, "x".to_owned())], PortPolicy::Fixed).unwrap_err();
        assert_eq!(taken.len(), 2, "all conflicts at once: {taken:?}");
        assert_eq!(taken[1].2, "cluster x");
    }
}
