//! What all processes of one run share: the list of those alive, and the way to stop them all.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process_group},
};

use super::ProcessId;

/// How often a busy program is tried, and how long between: together far longer than a fork takes.
const BUSY: u32 = 50;
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// How hard to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// SIGTERM, and SIGKILL after [`Runner::GRACE`].
    Gently,
    /// SIGKILL.
    AtOnce,
}

/// Starts processes on behalf of one run, and stops them together.
#[derive(Debug, Clone)]
pub struct Runner(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    /// Becomes readable for every waiter at once when the write end goes.
    stopped: OwnedFd,
}

#[derive(Debug, Default)]
struct State {
    live: BTreeMap<i32, ProcessId>,
    stop: Option<Stop>,
    keep_open: Option<OwnedFd>,
    journal: Option<(PathBuf, File)>,
}

impl Runner {
    /// What a process has between SIGTERM and SIGKILL.
    pub const GRACE: Duration = Duration::from_secs(5);

    /// A runner with nothing running.
    pub fn new() -> std::io::Result<Self> {
        let (stopped, keep_open) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let state = State { keep_open: Some(keep_open), ..State::default() };
        Ok(Self(Arc::new(Inner { state: Mutex::new(state), stopped })))
    }

    /// From now on, appends every process that starts or ends to this file, so that a later run can end what this one
    /// leaves behind when it is killed.
    pub fn journal(&self, path: &Path) -> std::io::Result<()> {
        let file = File::options().create(true).append(true).open(path)?;
        self.state().journal = Some((path.to_owned(), file));
        Ok(())
    }

    /// From now on, records nothing in this file; another that was begun since goes on.
    pub fn end_journal(&self, path: &Path) {
        self.state().journal.take_if(|(current, _)| current == path);
    }

    /// Processes that a journal names as started and not as ended.
    #[must_use]
    pub fn leftovers(journal: &str) -> Vec<ProcessId> {
        let mut live = BTreeMap::new();
        for line in journal.lines() {
            let mut words = line.split(' ');
            let (what, pid, started) = (words.next(), words.next(), words.next());
            let Some(pid) = pid.and_then(|p| p.parse::<i32>().ok()) else { continue };
            match (what, started.and_then(|s| s.parse().ok())) {
                (Some("start"), Some(started)) => drop(live.insert(pid, ProcessId { pid, started })),
                _ => drop(live.remove(&pid)),
            }
        }
        live.into_values().collect()
    }

    /// Stops everything that runs, and everything that would start later.
    pub fn stop(&self, how: Stop) {
        let mut state = self.state();
        state.stop = state.stop.max(Some(how));
        state.keep_open = None;
        let signal = if how == Stop::Gently { Signal::TERM } else { Signal::KILL };
        for pid in state.live.keys().filter_map(|p| Pid::from_raw(*p)) {
            // It may just have ended by itself, which is what we want.
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Whether the run was told to stop.
    #[must_use]
    pub fn stopping(&self) -> Option<Stop> {
        self.state().stop
    }

    /// Waits this long, or until the run is told to stop; says whether it may go on.
    #[must_use]
    pub fn pause(&self, time: Duration) -> bool {
        self.poll([PollFd::new(&self.0.stopped, PollFlags::IN)], time)
    }

    /// Waits until there is something to read, but no longer than this, or until the run is told to stop; says whether it
    /// may go on.
    #[must_use]
    pub fn pause_for(&self, what: &impl AsFd, time: Duration) -> bool {
        self.poll([PollFd::new(&self.0.stopped, PollFlags::IN), PollFd::new(what, PollFlags::IN)], time)
    }

    fn poll<const N: usize>(&self, mut fds: [PollFd<'_>; N], time: Duration) -> bool {
        // Woken early by a signal, the caller only looks again sooner.
        let _ = Timespec::try_from(time).map(|time| poll(&mut fds, Some(&time)));
        self.stopping().is_none()
    }

    /// Starts a process. A program that was written a moment ago can be busy (`ETXTBSY`): a process that another thread was
    /// just starting holds the file open for writing until it runs its own program.
    pub(super) fn spawn(&self, command: &mut Command) -> std::io::Result<Child> {
        for _ in 0..BUSY {
            match command.spawn() {
                Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy && self.pause(BUSY_PAUSE) => {}
                result => return result,
            }
        }
        command.spawn()
    }

    pub(super) fn stop_fd(&self) -> BorrowedFd<'_> {
        self.0.stopped.as_fd()
    }

    pub(super) fn started(&self, pid: u32) -> ProcessId {
        let id = ProcessId::of(pid);
        let mut state = self.state();
        state.note(format_args!("start {} {}\n", id.pid, id.started));
        state.live.insert(id.pid, id.clone());
        id
    }

    pub(super) fn ended(&self, id: &ProcessId) {
        let mut state = self.state();
        state.live.remove(&id.pid);
        state.note(format_args!("end {}\n", id.pid));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements that hold it, so a panic elsewhere spoils nothing.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn note(&mut self, line: std::fmt::Arguments<'_>) {
        if let Some((_, journal)) = &mut self.journal {
            // One write a line, so that a kill leaves whole lines. A full disk is reported by whoever needs the disk.
            let _ = journal.write_all(line.to_string().as_bytes());
        }
    }
}

pub(super) fn signal_group(id: &ProcessId, signal: Signal) {
    if let Some(pid) = Pid::from_raw(id.pid) {
        let _ = kill_process_group(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holding the file open for writing keeps it from being run until another thread lets go of it.
    #[test]
    fn a_busy_program_is_tried_again() {
        use std::os::unix::fs::OpenOptionsExt;
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("program");
        let mut file = File::options().create(true).write(true).truncate(true).mode(0o755).open(&program).unwrap();
        file.write_all(b"#!/bin/sh\n").unwrap();
        let runner = Runner::new().unwrap();
        std::thread::scope(|scope| {
            let run = scope.spawn(|| crate::exec::Cmd::new(&program).run(&runner));
            assert!(runner.pause(BUSY_PAUSE * 3), "nobody stops it");
            drop(file);
            run.join().unwrap().unwrap();
        });
    }

    #[test]
    fn leftovers_are_those_started_and_not_ended() {
        let journal = "start 10 5\nstart 11 6\nend 10\nstart 12 7\nend 12\nstart 1";
        assert_eq!(Runner::leftovers(journal), [ProcessId { pid: 11, started: 6 }]);
    }
}
