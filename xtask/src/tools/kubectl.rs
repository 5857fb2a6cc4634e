//! kubectl, always with a kubeconfig that is named.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::locate::Toolbox;
use crate::{exec::Cmd, render::ObjectKey};

/// kubectl for one cluster.
#[derive(Debug, Clone)]
pub struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
}

impl Kubectl {
    /// The name under which our fields are managed.
    pub const FIELD_MANAGER: &'static str = "kubernaut-e2e";

    /// kubectl for the cluster of this kubeconfig.
    #[must_use]
    pub fn new(toolbox: &Toolbox, kubeconfig: &Path) -> Self {
        Self { program: toolbox.program("kubectl"), kubeconfig: kubeconfig.to_owned() }
    }

    /// Any other call.
    #[must_use]
    pub fn cmd(&self) -> Cmd {
        Cmd::new(&self.program).arg("--kubeconfig").arg(&self.kubeconfig).deadline(Duration::from_mins(1))
    }

    /// The raw answer to a path of the API.
    #[must_use]
    pub fn raw(&self, path: &str) -> Cmd {
        self.cmd().args(["get", "--raw", path])
    }

    /// Applies documents, server-side, taking fields that somebody else changed.
    #[must_use]
    pub fn apply(&self, yaml: &str) -> Cmd {
        let manager = format!("--field-manager={}", Self::FIELD_MANAGER);
        self.cmd().args(["apply", "--server-side", "--force-conflicts", &manager, "-f", "-"]).stdin(yaml)
    }

    /// Lists objects of several kinds, of all namespaces, that have a label.
    #[must_use]
    pub fn list(&self, kinds: &str, selector: &str) -> Cmd {
        self.cmd().args(["get", kinds, "--all-namespaces", "--selector", selector, "--output", "json"])
    }

    /// Deletes one object, if it is there, and does not wait for its end.
    #[must_use]
    pub fn delete(&self, key: &ObjectKey) -> Cmd {
        let group = key.api_version.split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
        let kind = format!("{}{group}/{}", key.kind.to_lowercase(), key.name);
        let cmd = self.cmd().args(["delete", "--ignore-not-found", "--wait=false", &kind]);
        match &key.namespace {
            Some(namespace) => cmd.args(["--namespace", namespace]),
            None => cmd,
        }
    }
}
