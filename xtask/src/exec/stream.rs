//! A process that is read line by line while it runs: a watch.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Stdio},
};

use rustix::process::Signal;

use super::{Cmd, ExecError, How, ProcessId, Runner, runner::signal_group};

/// The lines of a running process. Dropping it ends the process.
#[derive(Debug)]
pub struct LineStream {
    child: Child,
    lines: BufReader<ChildStdout>,
    id: ProcessId,
    runner: Runner,
}

impl LineStream {
    pub(super) fn start(cmd: &Cmd, runner: &Runner) -> Result<Self, ExecError> {
        if runner.stopping().is_some() {
            return Err(cmd.error(How::Cancelled, &[]));
        }
        let mut command = cmd.command();
        let stdin = cmd.stdin_file().map_err(|e| cmd.spawn_error(&e))?;
        // A watch's stderr says why it ended; what we need to know of that the next list says too.
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = runner.spawn(&mut command).map_err(|e| cmd.spawn_error(&e))?;
        let id = runner.started(child.id());
        let Some(stdout) = child.stdout.take() else {
            return Err(cmd.error(How::Io("no standard output".to_owned()), &[]));
        };
        Ok(Self { child, lines: BufReader::new(stdout), id, runner: runner.clone() })
    }

    /// Which process this is, to end it from another thread.
    #[must_use]
    pub fn id(&self) -> ProcessId {
        self.id.clone()
    }

    /// Ends the process of a stream; its reader then sees the end.
    pub fn end(id: &ProcessId) {
        signal_group(id, Signal::KILL);
    }
}

impl Iterator for LineStream {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(n) if n > 0 => Some(line),
            _ => None,
        }
    }
}

impl Drop for LineStream {
    fn drop(&mut self) {
        signal_group(&self.id, Signal::KILL);
        let _ = self.child.wait();
        self.runner.ended(&self.id);
    }
}
