//! What is kept between runs: for each cluster a directory with its record, private kubeconfig, lock, ports, evidence.
//!
//! Files are replaced whole, so that a kill leaves the old one or the new one.

mod lease;
mod lock;
mod reach;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use lease::{Lease, PortPolicy, Taken, lease};
pub use lock::{Lock, Locked};
pub use reach::{environment, urls};

use crate::{catalog::ImageRef, exec::ProcessId, tools::engine::EngineKind};

/// The directory below the user's state directory (`$XDG_STATE_HOME`) in which all clusters are kept.
#[derive(Debug, Clone)]
pub struct StateHome(PathBuf);

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

/// Durations of tasks in earlier runs, in seconds, the latest last.
pub type History = BTreeMap<String, Vec<f64>>;

/// How many earlier durations of a task are kept.
const HISTORY: usize = 7;

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

impl StateHome {
    /// `kubernaut-e2e` below the user's state directory.
    #[must_use]
    pub fn below(user_state: &Path) -> Self {
        Self(user_state.join("kubernaut-e2e"))
    }

    /// Where everything is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The directory of a cluster; it need not exist.
    #[must_use]
    pub fn cluster(&self, name: &str) -> ClusterDir {
        ClusterDir { path: self.0.join("clusters").join(name), name: name.to_owned() }
    }

    /// Every cluster that has a record, by name.
    pub fn clusters(&self) -> io::Result<Vec<ClusterRecord>> {
        let mut records = Vec::new();
        let dir = self.0.join("clusters");
        if !dir.exists() {
            return Ok(records);
        }
        for entry in fs_err::read_dir(dir)? {
            let name = entry?.file_name();
            records.extend(self.cluster(&name.to_string_lossy()).record()?);
        }
        records.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(records)
    }

    /// The lock under which ports are leased: two clusters may be created at once.
    pub fn lock_ports(&self) -> io::Result<Lock> {
        Lock::wait(&self.0.join("ports.lock"), "leasing ports")
    }

    /// Recorded durations.
    #[must_use]
    pub fn history(&self) -> History {
        // A history that cannot be read costs a worse order of tasks, no more.
        read(&self.0.join("history.json")).ok().flatten().unwrap_or_default()
    }

    /// Adds durations to those recorded.
    pub fn remember(&self, took: &BTreeMap<String, f64>) -> io::Result<()> {
        let _lock = Lock::wait(&self.0.join("history.lock"), "recording durations")?;
        let mut history = self.history();
        for (task, seconds) in took {
            let all = history.entry(task.clone()).or_default();
            all.push(*seconds);
            all.drain(..all.len().saturating_sub(HISTORY));
        }
        write(&self.0.join("history.json"), &history)
    }
}

impl ClusterDir {
    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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

    /// Takes the cluster's lock, waiting for whoever has it.
    pub fn lock(&self, purpose: &str) -> io::Result<Lock> {
        Lock::wait(&self.path.join("lock"), purpose)
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
        for file in ["cluster.json", "inventory.json", "kubeconfig", "processes"] {
            match fs_err::remove_file(self.path.join(file)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    /// Processes that a killed run left behind. Only whoever holds the lock may ask.
    #[must_use]
    pub fn leftovers(&self) -> Vec<ProcessId> {
        let journal = std::fs::read_to_string(self.journal()).unwrap_or_default();
        crate::exec::Runner::leftovers(&journal)
    }
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    // Temporary files are created with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let bytes = match fs_err::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let value = serde_json::from_slice(&bytes);
    value.map(Some).map_err(|e| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {e}; remove the file to start afresh", path.display()))
    })
}

fn write<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs_err::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    serde_json::to_writer_pretty(&mut file, value)?;
    file.write_all(b"\n")?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}
