//! A lock on a file: the kernel frees it when its holder ends, however it ends.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use crate::exec::ProcessId;

/// A lock that is held.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// The outcome of an attempt that does not wait.
#[derive(Debug)]
pub enum Locked {
    /// It is ours.
    Ours(Lock),
    /// Somebody has it: process id and purpose, in words.
    By(String),
}

impl Lock {
    /// Waits for the lock, then says in the file who has it, and for what.
    pub fn wait(path: &Path, purpose: &str) -> io::Result<Self> {
        let file = open(path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        Self::taken(file, purpose)
    }

    /// Takes the lock if it is free.
    pub fn try_now(path: &Path, purpose: &str) -> io::Result<Locked> {
        let mut file = open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Locked::Ours(Self::taken(file, purpose)?)),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                Ok(Locked::By(holder.trim().to_owned()))
            }
            Err(e) => Err(e.into()),
        }
    }

    fn taken(mut file: File, purpose: &str) -> io::Result<Self> {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "process {} ({purpose})", ProcessId::ours())?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would do, but for a process that is just being started and has the file until it runs its own program.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        fs_err::create_dir_all(dir)?;
    }
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_learns_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Lock::wait(&path, "e2e-setup a").unwrap();
        match Lock::try_now(&path, "e2e-setup b").unwrap() {
            Locked::By(holder) => assert_eq!(holder, format!("process {} (e2e-setup a)", std::process::id())),
            Locked::Ours(_) => panic!("two hold one lock"),
        }
        drop(first);
        assert!(matches!(Lock::try_now(&path, "e2e-setup b").unwrap(), Locked::Ours(_)));
    }
}
