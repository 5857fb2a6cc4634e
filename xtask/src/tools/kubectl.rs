//! kubectl, always with a kubeconfig that is named.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::locate::Toolbox;
use crate::{
    exec::{Cmd, ExecError},
    render::ObjectKey,
};

/// What a request may say that is made again: the API server had no time, and nothing is wrong with what was asked. Each
/// with the place where it is said; any other failure is told at once.
const TRANSIENT: [(&str, &str); 4] = [
    ("etcdserver: request timed out", "etcd, server/v3/etcdserver/errors: the disk was busy"),
    ("etcdserver: leader changed", "etcd, server/v3/etcdserver/errors: the disk was busy"),
    ("the server is currently unable to handle the request", "apimachinery, pkg/api/errors: HTTP 503 while it starts"),
    ("http2: client connection lost", "golang.org/x/net/http2: no answer to a ping"),
];

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

    /// Which transient condition a failure names, if it names one.
    #[must_use]
    pub fn transient(failure: &ExecError) -> Option<&'static str> {
        TRANSIENT.iter().map(|(said, _where)| *said).find(|said| failure.stderr_contains(said))
    }

    /// Lists objects of several kinds, of all namespaces, that have a label, with who set which of their fields.
    #[must_use]
    pub fn list(&self, kinds: &str, selector: &str) -> Cmd {
        let list = self.cmd().args(["get", kinds, "--all-namespaces", "--selector", selector]);
        list.args(["--show-managed-fields", "--output", "json"])
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
