//! Watches: one stream a kind of object, from the API server to the coordinator. The readers judge nothing.
//!
//! A stream that begins without a resource version first gives every object there is, then every change (Kubernetes API
//! concepts, "Get State and Start at Any"), so one process both lists and watches.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Message, Sender};
use crate::{
    exec::{ExecError, LineStream, ProcessId, Runner},
    tools::kubectl::Kubectl,
};

/// Between a stream's end and the next one.
const PAUSE: Duration = Duration::from_millis(300);
/// A stream that lives shorter than this without a word has failed.
const SHORT: Duration = Duration::from_secs(2);
/// So many failures in a row, and the API server is taken for gone.
const FAILURES: u32 = 20;

/// What a watch says.
#[derive(Debug)]
pub(super) enum Change {
    /// A stream begins, and will say again what there is: what was known of this kind is no longer.
    Restarted { what: &'static str },
    /// An object is new or has changed.
    Set { object: Box<Value> },
    /// An object is gone.
    Gone { object: Box<Value> },
}

/// A kind of object, and where the API server has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// `kind` of the objects.
    pub(super) name: &'static str,
    /// `apiVersion` of the objects.
    pub(super) api_version: &'static str,
    resource: &'static str,
    namespaced: bool,
}

/// Kinds whose objects tell whether something is Ready, or why not.
pub(super) const KINDS: &[Kind] = &[
    kind("Pod", "v1", "pods"),
    kind("Event", "v1", "events"),
    kind("PersistentVolumeClaim", "v1", "persistentvolumeclaims"),
    kind("Deployment", "apps/v1", "deployments"),
    kind("ReplicaSet", "apps/v1", "replicasets"),
    kind("StatefulSet", "apps/v1", "statefulsets"),
    kind("DaemonSet", "apps/v1", "daemonsets"),
    kind("Job", "batch/v1", "jobs"),
    Kind {
        name: "CustomResourceDefinition",
        api_version: "apiextensions.k8s.io/v1",
        resource: "customresourcedefinitions",
        namespaced: false,
    },
];

const fn kind(name: &'static str, api_version: &'static str, resource: &'static str) -> Kind {
    Kind { name, api_version, resource, namespaced: true }
}

/// Running watches. Dropping them ends them.
pub(super) struct Watches {
    live: Arc<Live>,
    readers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Live {
    ended: AtomicBool,
    processes: Mutex<Vec<ProcessId>>,
}

impl Watches {
    pub(super) fn none() -> Self {
        Self { live: Arc::default(), readers: Vec::new() }
    }

    /// Begins to watch these kinds.
    pub(super) fn begin(
        &mut self,
        kinds: Vec<Kind>,
        namespace: &str,
        kubectl: &Kubectl,
        runner: &Runner,
        tell: &Sender,
    ) {
        for kind in kinds {
            let reader = Reader {
                kind,
                path: kind.path(namespace),
                kubectl: kubectl.clone(),
                runner: runner.clone(),
                tell: tell.clone(),
                live: Arc::clone(&self.live),
            };
            let thread = std::thread::Builder::new().name(format!("watch {}", kind.resource));
            match thread.spawn(move || reader.read()) {
                Ok(handle) => self.readers.push(handle),
                Err(e) => {
                    let lost = Message::WatchLost { what: kind.resource.to_owned(), error: e.to_string() };
                    let _ = tell.send(lost);
                }
            }
        }
    }
}

impl Drop for Watches {
    fn drop(&mut self) {
        self.live.ended.store(true, Ordering::SeqCst);
        for process in self.live.processes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            LineStream::end(process);
        }
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

impl Kind {
    fn path(self, namespace: &str) -> String {
        let (api, version) =
            if self.api_version.contains('/') { ("apis", self.api_version) } else { ("api", self.api_version) };
        let place = if self.namespaced { format!("namespaces/{namespace}/") } else { String::new() };
        format!("/{api}/{version}/{place}{}?watch=1", self.resource)
    }
}

struct Reader {
    kind: Kind,
    path: String,
    kubectl: Kubectl,
    runner: Runner,
    tell: Sender,
    live: Arc<Live>,
}

impl Reader {
    fn read(&self) {
        let mut failures = 0;
        loop {
            let begun = Instant::now();
            let read = self.read_once();
            if self.is_over() {
                return;
            }
            let went_well = read.as_ref().is_ok_and(|lines| *lines > 0) || begun.elapsed() > SHORT;
            failures = if went_well { 0 } else { failures + 1 };
            if failures >= FAILURES {
                let error = why(read);
                let _ = self.tell.send(Message::WatchLost { what: self.kind.resource.to_owned(), error });
                return;
            }
            if !self.runner.pause(PAUSE) {
                return;
            }
        }
    }

    /// Reads one stream to its end. Returns how many lines it had.
    fn read_once(&self) -> Result<usize, ExecError> {
        let stream = self.kubectl.raw(&self.path).stream(&self.runner)?;
        {
            let mut processes = self.live.processes.lock().unwrap_or_else(PoisonError::into_inner);
            processes.push(stream.id());
        }
        let id = stream.id();
        if self.is_over() {
            LineStream::end(&id);
        }
        let what = self.kind.name;
        if self.tell.send(Message::Changed(Change::Restarted { what })).is_err() {
            return Ok(0);
        }
        let mut lines = 0;
        for line in stream {
            let Some(change) = self.change(&line) else { break };
            lines += 1;
            if self.tell.send(Message::Changed(change)).is_err() {
                break;
            }
        }
        self.live.processes.lock().unwrap_or_else(PoisonError::into_inner).retain(|p| *p != id);
        Ok(lines)
    }

    fn change(&self, line: &str) -> Option<Change> {
        let mut event: Value = serde_json::from_str(line).ok()?;
        let mut object = Box::new(event["object"].take());
        // Objects in a watch say what they are, but for some built-in kinds of old servers.
        object["kind"] = self.kind.name.into();
        object["apiVersion"] = self.kind.api_version.into();
        match event["type"].as_str()? {
            "ADDED" | "MODIFIED" => Some(Change::Set { object }),
            "DELETED" => Some(Change::Gone { object }),
            // ERROR: the resource version is too old, or the server stops. The next stream begins anew.
            _ => None,
        }
    }

    fn is_over(&self) -> bool {
        self.live.ended.load(Ordering::SeqCst) || self.runner.stopping().is_some()
    }
}

/// Why a watch is given up: what kubectl says when it cannot even be started is another cause than a server that is gone.
fn why(last: Result<usize, ExecError>) -> String {
    last.err().map_or_else(|| "the API server does not answer any more".to_owned(), |e| e.to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt, sync::mpsc};

    use super::*;
    use crate::tools::locate::Toolbox;

    #[test]
    fn a_kubectl_that_does_not_start_is_not_a_server_that_does_not_answer() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("kubectl"), "#!/nowhere/sh\n").unwrap();
        fs_err::set_permissions(dir.path().join("kubectl"), Permissions::from_mode(0o755)).unwrap();
        let toolbox = Toolbox::new(dir.path(), "");
        let reader = Reader {
            kind: KINDS[0],
            path: "/api/v1/pods?watch=1".to_owned(),
            kubectl: Kubectl::new(&toolbox, &dir.path().join("kubeconfig")),
            runner: Runner::new().unwrap(),
            tell: mpsc::channel().0,
            live: Arc::default(),
        };
        assert!(why(reader.read_once()).contains("not found"));
        assert!(why(Ok(0)).contains("does not answer"));
    }
}
