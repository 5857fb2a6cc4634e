//! The directory of one cluster: its record, private kubeconfig, inventory, lock, and the evidence of its runs.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Lease, Lock, Locked, read, write};
use crate::{catalog::ImageRef, exec::ProcessId, tools::engine::EngineKind};

/// How the names of pod logs begin that were put aside.
const LOGS_ASIDE: &str = "pods.before";

/// The directory of one cluster.
#[derive(Debug, Clone)]
pub struct ClusterDir {
    path: PathBuf,
    name: String,
}

/// What a cluster is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterRecord {
    /// Its name, as kind knows it.
    pub name: String,
    /// The engine whose container it is.
    pub engine: EngineKind,
    /// The node image it was made from.
    pub node_image: ImageRef,
    /// The digest of the rest of its configuration.
    pub config: String,
    /// Ports of the host that lead into it.
    pub ports: Vec<Lease>,
    /// Whether its creation ended well; otherwise it is a leftover.
    pub complete: bool,
    /// Definitions that were set up in it.
    #[serde(default)]
    pub definitions: Vec<String>,
}

/// What was applied, by definition: `apiVersion kind namespace/name` of each object.
pub type Inventory = BTreeMap<String, Vec<crate::render::ObjectKey>>;

impl ClusterRecord {
    /// Of a run that has no cluster.
    #[must_use]
    pub fn none(engine: &crate::tools::engine::Engine) -> Self {
        Self {
            name: String::new(),
            engine: engine.kind,
            node_image: ImageRef::new(""),
            config: String::new(),
            ports: Vec::new(),
            complete: false,
            definitions: Vec::new(),
        }
    }
}

impl ClusterDir {
    pub(super) fn new(path: PathBuf, name: &str) -> Self {
        Self { path, name: name.to_owned() }
    }

    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where everything of it is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of its one node, which is that of its container.
    #[must_use]
    pub fn node(&self) -> String {
        format!("{}-control-plane", self.name)
    }

    /// Its own kubeconfig; no other is ever written.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.path.join("kubeconfig")
    }

    /// Where the logs of its pods appear while they are written: the node's `/var/log/pods`.
    #[must_use]
    pub fn pod_logs(&self) -> PathBuf {
        self.path.join("pods")
    }

    /// Puts aside the pod logs of the cluster that was here before, in place of those of the one before that. A kubelet
    /// that finds logs of its static pods believes that they were restarted. Returns what does not let itself be removed:
    /// kubelets write as root, whoever we are.
    pub fn set_pod_logs_aside(&self) -> io::Result<Vec<PathBuf>> {
        let logs = self.pod_logs();
        if fs_err::read_dir(&logs)?.next().is_none() {
            return Ok(Vec::new());
        }
        let mut refused = Vec::new();
        for entry in fs_err::read_dir(&self.path)? {
            let entry = entry?;
            let is_aside = entry.file_name().to_string_lossy().starts_with(LOGS_ASIDE);
            if is_aside && std::fs::remove_dir_all(entry.path()).is_err() {
                refused.push(entry.path());
            }
        }
        let mut aside = self.path.join(LOGS_ASIDE);
        for n in 1.. {
            if !aside.exists() {
                break;
            }
            aside = self.path.join(format!("{LOGS_ASIDE}-{n}"));
        }
        fs_err::rename(&logs, aside)?;
        fs_err::create_dir_all(logs)?;
        Ok(refused)
    }

    /// The journal of the processes of the run that holds the lock.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("processes")
    }

    /// Creates the directory, for the user alone.
    pub fn create(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        // The node's kubelet writes here as root of the node.
        fs_err::create_dir_all(self.pod_logs())
    }

    /// A new directory for the logs and events of one run, named after the moment.
    pub fn new_run(&self, stamp: &str) -> io::Result<PathBuf> {
        let runs = self.path.join("runs");
        let mut dir = runs.join(stamp);
        for n in 1.. {
            if !dir.exists() {
                break;
            }
            dir = runs.join(format!("{stamp}-{n}"));
        }
        fs_err::create_dir_all(&dir)?;
        self.forget_old_runs(&runs)?;
        Ok(dir)
    }

    /// The directories of its runs, the latest last.
    pub fn runs(&self) -> io::Result<Vec<PathBuf>> {
        let runs = self.path.join("runs");
        if !runs.exists() {
            return Ok(Vec::new());
        }
        let mut all: Vec<PathBuf> = fs_err::read_dir(runs)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
        all.sort();
        Ok(all)
    }

    fn forget_old_runs(&self, runs: &Path) -> io::Result<()> {
        const KEPT: usize = 20;
        debug_assert!(runs.starts_with(&self.path));
        let all = self.runs()?;
        for old in &all[..all.len().saturating_sub(KEPT)] {
            fs_err::remove_dir_all(old)?;
        }
        Ok(())
    }

    /// Takes the cluster's lock if nobody has it.
    pub fn try_lock(&self, purpose: &str) -> io::Result<Locked> {
        Lock::try_now(&self.path.join("lock"), purpose)
    }

    /// What the cluster is; nothing where there is none.
    pub fn record(&self) -> io::Result<Option<ClusterRecord>> {
        read(&self.path.join("cluster.json"))
    }

    /// Replaces the record.
    pub fn save_record(&self, record: &ClusterRecord) -> io::Result<()> {
        write(&self.path.join("cluster.json"), record)
    }

    /// What was applied.
    pub fn inventory(&self) -> io::Result<Inventory> {
        Ok(read(&self.path.join("inventory.json"))?.unwrap_or_default())
    }

    /// Replaces the inventory.
    pub fn save_inventory(&self, inventory: &Inventory) -> io::Result<()> {
        write(&self.path.join("inventory.json"), inventory)
    }

    /// Forgets the cluster and keeps what its runs recorded: evidence outlives the cluster.
    pub fn forget(&self) -> io::Result<()> {
        // Not the journal: whoever makes the cluster anew is writing it.
        for file in ["cluster.json", "inventory.json", "kubeconfig"] {
            match fs_err::remove_file(self.path.join(file)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    /// The directories in which runs let recipes work.
    pub fn scratches(&self) -> io::Result<Vec<PathBuf>> {
        let mut all = self.runs()?;
        all.push(self.path.clone());
        Ok(all)
    }

    /// Processes that a killed run left behind, or that the run has which holds the lock.
    #[must_use]
    pub fn leftovers(&self) -> Vec<ProcessId> {
        let journal = std::fs::read_to_string(self.journal()).unwrap_or_default();
        crate::exec::Runner::leftovers(&journal)
    }
}
