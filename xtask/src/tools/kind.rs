//! kind: creates and deletes clusters. What it prints while it creates one says how far the cluster is.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{engine::Engine, locate::Toolbox};
use crate::{catalog::ImageRef, exec::Cmd, state::Lease};

/// kind, with the engine that it is to use.
#[derive(Debug, Clone)]
pub struct Kind {
    program: PathBuf,
    env: Vec<(&'static str, std::ffi::OsString)>,
}

/// Where a node has the logs of its pods.
const POD_LOGS: &str = "/var/log/pods";

/// Asks a node whether its API server answers, given to its `bash`. kind reports nothing before the end of kubeadm, which
/// has seconds of work left when the API server answers.
pub const API_ANSWERS: &str = include_str!("kind-api-answers.sh");

impl Kind {
    /// kind on this engine; the provider is never left to kind's guess.
    #[must_use]
    pub fn new(toolbox: &Toolbox, engine: &Engine) -> Self {
        Self { program: toolbox.program("kind"), env: engine.kind_env().into() }
    }

    /// Creates a cluster from a configuration file; a failed node is kept, because it is the evidence.
    #[must_use]
    pub fn create(&self, name: &str, image: &ImageRef, kubeconfig: &Path, config: &Path) -> Cmd {
        let create = self.cmd().args(["create", "cluster", "--retain", "--name", name, "--config"]).arg(config);
        let create = create.args(["--image", image.as_str(), "--kubeconfig"]).arg(kubeconfig);
        create.deadline(Duration::from_mins(5))
    }

    /// Creates a cluster as anyone would: for comparison.
    #[must_use]
    pub fn create_bare(&self, name: &str, image: &str, kubeconfig: &Path) -> Cmd {
        let create = self.cmd().args(["create", "cluster", "--wait", "120s", "--name", name, "--image", image]);
        create.arg("--kubeconfig").arg(kubeconfig)
    }

    /// Deletes a cluster, complete or not.
    #[must_use]
    pub fn delete(&self, name: &str, kubeconfig: &Path) -> Cmd {
        let delete = self.cmd().args(["delete", "cluster", "--name", name, "--kubeconfig"]).arg(kubeconfig);
        delete.deadline(Duration::from_mins(1))
    }

    /// The kubeconfig of a cluster, on standard output.
    #[must_use]
    pub fn kubeconfig(&self, name: &str) -> Cmd {
        self.cmd().args(["get", "kubeconfig", "--name", name]).deadline(Duration::from_secs(30))
    }

    fn cmd(&self) -> Cmd {
        self.env.iter().fold(Cmd::new(&self.program), |cmd, (key, value)| cmd.env(key, value))
    }
}

/// Whether a line of `kind create cluster` says that the node's container runs, and systemd in it; kind marks what is
/// done with a check mark.
#[must_use]
pub fn node_runs(line: &str) -> bool {
    line.trim_start().strip_prefix('✓').is_some_and(|done| done.contains("Preparing nodes"))
}

/// Opens the logs of a node's pods for the user, to read and to remove: its kubelet makes them for root alone. Nobody else
/// gets at them, because they are in a directory of the user's own.
#[must_use]
pub fn open_pod_logs(engine: &Engine, node: &str) -> Cmd {
    engine.exec(node, ["chmod", "--recursive", "a+rwX", POD_LOGS]).deadline(Duration::from_secs(20))
}

/// The cluster's configuration: what the workspace says (its relative mounts meant from `base_dir`), with the mapped ports
/// and the mount that brings the pods' logs to the host while they are written.
#[must_use]
pub fn config(base: &Value, base_dir: &Path, ports: &[Lease], pod_logs: &Path) -> Value {
    let mut config = base.clone();
    let mappings: Vec<Value> = ports
        .iter()
        .map(|p| json!({ "containerPort": p.node_port, "hostPort": p.host_port, "listenAddress": "127.0.0.1" }))
        .collect();
    let node = &mut config["nodes"][0];
    node["extraPortMappings"] = Value::Array(mappings);
    let mut mounts = node["extraMounts"].as_array().cloned().unwrap_or_default();
    for mount in &mut mounts {
        if let Some(path) = mount["hostPath"].as_str() {
            mount["hostPath"] = base_dir.join(path).display().to_string().into();
        }
    }
    mounts.push(json!({ "hostPath": pod_logs, "containerPath": POD_LOGS }));
    node["extraMounts"] = Value::Array(mounts);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_from_what_kind_prints_that_the_node_runs() {
        // `kind create cluster` v0.30.0 without a terminal.
        let lines = [
            " • Preparing nodes 📦   ...",
            " ✓ Preparing nodes 📦 ",
            " ✓ Writing configuration 📜",
            " ✓ Starting control-plane 🕹️",
        ];
        let seen: Vec<_> = lines.iter().map(|line| node_runs(line)).collect();
        assert_eq!(seen, [false, true, false, false]);
    }
}
