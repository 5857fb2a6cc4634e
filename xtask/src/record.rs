//! Events on disk as they happen, so that a kill loses nothing of what was known.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::event::Event;

/// The file of a run's events, one JSON object a line.
#[derive(Debug)]
pub struct Record {
    file: File,
    path: PathBuf,
}

impl Record {
    /// Begins the record in the directory of a run.
    pub fn create(run_dir: &Path) -> io::Result<Self> {
        let path = run_dir.join("events.jsonl");
        Ok(Self { file: File::options().create(true).append(true).open(&path)?, path })
    }

    /// Appends an event, in one write, so that a kill leaves whole lines.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Where the record is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
