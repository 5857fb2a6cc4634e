//! What is there already: the cluster's container, the images of engine and node, who holds a port.
//!
//! Looks, and changes nothing.

use crate::{
    exec::{ExecError, Runner},
    state::ClusterRecord,
    tools::engine::{Container, Engine},
};

/// The label under which kind keeps the cluster's name at each container.
const KIND_LABEL: &str = "io.x-k8s.kind.cluster";

/// The container of a cluster's node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    /// There is none.
    Absent,
    /// It is there and does not run.
    Stopped,
    /// It runs.
    Running,
}

/// A cluster, by what is recorded of it and what its engine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Neither record nor container.
    Nothing,
    /// A container, and no record of ours.
    Foreign,
    /// A record whose creation never ended, with or without a container.
    Leftover,
    /// A record, and its container has gone.
    Lost,
    /// A record, and its container does not run.
    Stopped,
    /// A record and a running container.
    Running,
}

/// Whether a cluster has a node container, and whether that runs.
pub fn node(engine: &Engine, cluster: &str, runner: &Runner) -> Result<NodeState, ExecError> {
    Ok(match containers(engine, cluster, runner)?.first() {
        None => NodeState::Absent,
        Some(c) if c.state == "running" => NodeState::Running,
        Some(_) => NodeState::Stopped,
    })
}

/// All containers of a cluster.
pub fn containers(engine: &Engine, cluster: &str, runner: &Runner) -> Result<Vec<Container>, ExecError> {
    engine.containers(&format!("{KIND_LABEL}={cluster}"), runner)
}

/// Brings record and container together.
#[must_use]
pub fn found(record: Option<&ClusterRecord>, node: NodeState) -> Found {
    match (record, node) {
        (None, NodeState::Absent) => Found::Nothing,
        (None, _) => Found::Foreign,
        (Some(record), _) if !record.complete => Found::Leftover,
        (Some(_), NodeState::Absent) => Found::Lost,
        (Some(_), NodeState::Stopped) => Found::Stopped,
        (Some(_), NodeState::Running) => Found::Running,
    }
}

/// Which process listens on a port of 127.0.0.1, as far as this user may know.
#[must_use]
pub fn listener(port: u16) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let text = std::fs::read_to_string(table).ok()?;
        text.lines().skip(1).find_map(|line| listening_inode(line, port))
    })?;
    let link = format!("socket:[{inode}]");
    let entries = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok).map(|e| e.path());
    let is_process =
        |p: &std::path::PathBuf| p.file_name().is_some_and(|n| n.as_encoded_bytes().iter().all(u8::is_ascii_digit));
    entries.filter(is_process).find_map(|process| {
        let mut fds = std::fs::read_dir(process.join("fd")).ok()?.filter_map(Result::ok);
        fds.find(|fd| std::fs::read_link(fd.path()).is_ok_and(|l| l.as_os_str() == link.as_str()))?;
        let name = std::fs::read_to_string(process.join("comm")).ok()?;
        Some(format!("process {} ({})", process.file_name()?.to_string_lossy(), name.trim()))
    })
}

/// The inode of a listening socket in a line of `/proc/net/tcp` (proc(5)): local address, state 0A, tenth field.
fn listening_inode(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let local = u16::from_str_radix(fields.get(1)?.rsplit(':').next()?, 16).ok()?;
    (local == port && *fields.get(3)? == "0A").then(|| fields.get(9).map(|s| (*s).to_owned()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let held = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let holder = listener(held.local_addr().unwrap().port()).unwrap();
        assert!(holder.starts_with(&format!("process {} (", std::process::id())), "{holder}");
    }
}
