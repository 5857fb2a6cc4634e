//! What is kept between runs: for each cluster a directory with its record, private kubeconfig, lock, ports, evidence.
//!
//! Files are replaced whole, so that a kill leaves the old one or the new one.

mod cluster;
mod lease;
mod lock;
mod name;
mod reach;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

pub use cluster::{ClusterDir, ClusterRecord, Inventory};
pub use lease::{Lease, PortPolicy, Taken, lease};
pub use lock::{Lock, Locked};
pub use name::cluster_name;
pub use reach::{Reached, environment, urls};

/// The directory below the user's state directory (`$XDG_STATE_HOME`) in which all clusters are kept.
#[derive(Debug, Clone)]
pub struct StateHome(PathBuf);

/// Durations of tasks in earlier runs, in seconds, the latest last.
pub type History = BTreeMap<String, Vec<f64>>;

/// How many earlier durations of a task are kept.
const HISTORY: usize = 7;

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
        ClusterDir::new(self.0.join("clusters").join(name), name)
    }

    /// Every directory of a cluster that is or was, and of work without one.
    pub fn places(&self) -> io::Result<Vec<ClusterDir>> {
        let dir = self.0.join("clusters");
        if !dir.exists() {
            return Ok(Vec::new());
        }
        fs_err::read_dir(dir)?.map(|entry| Ok(self.cluster(&entry?.file_name().to_string_lossy()))).collect()
    }

    /// Every cluster that has a record, by name.
    pub fn clusters(&self) -> io::Result<Vec<ClusterRecord>> {
        let mut records = Vec::new();
        for place in self.places()? {
            records.extend(place.record()?);
        }
        records.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(records)
    }

    /// The lock under which ports are leased: two clusters may be created at once.
    pub fn lock_ports(&self) -> io::Result<Lock> {
        Lock::wait(&self.0.join("ports.lock"), "leasing ports")
    }

    /// The file of recorded durations.
    #[must_use]
    pub fn history_file(&self) -> PathBuf {
        self.0.join("history.json")
    }

    /// Recorded durations.
    #[must_use]
    pub fn history(&self) -> History {
        // A history that cannot be read costs a worse order of tasks, no more.
        read(&self.history_file()).ok().flatten().unwrap_or_default()
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
        write(&self.history_file(), &history)
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
