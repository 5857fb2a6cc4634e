//! How a process failed, said so that the reader can paste the command and find the log.

use std::{fmt, path::PathBuf, time::Duration};

/// Lines of stderr that an error carries; the log has the rest.
const TAIL_LINES: usize = 12;

/// A process that did not end well.
#[derive(Debug, Clone)]
pub struct ExecError {
    /// The program.
    pub program: String,
    /// The command as one could paste it into a shell.
    pub command: String,
    /// How it ended.
    pub how: How,
    /// The last lines of its stderr.
    pub stderr_tail: Vec<String>,
    /// Everything that it printed, where a log was asked for.
    pub log: Option<PathBuf>,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The program is not on the PATH.
    NotFound,
    /// It could not be started, or its streams not be read.
    Io(String),
    /// It exited with this code.
    Exit(i32),
    /// This signal ended it.
    Signal(i32),
    /// It ran longer than it may, and was ended by us.
    Deadline(Duration),
    /// The run was interrupted, and it was ended by us.
    Cancelled,
}

impl ExecError {
    pub(super) fn new(program: String, command: String, how: How, stderr: &[u8], log: Option<PathBuf>) -> Self {
        let text = String::from_utf8_lossy(stderr);
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(|l| (*l).to_owned()).collect();
        Self { program, command, how, stderr_tail: tail, log }
    }

    /// Whether the run was interrupted, which is no failure of this process.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.how == How::Cancelled
    }

    /// Whether stderr's tail contains `text`; for telling apart failures that a tool gives one exit code.
    #[must_use]
    pub fn stderr_contains(&self, text: &str) -> bool {
        self.stderr_tail.iter().any(|l| l.contains(text))
    }
}

/// Whether what a program printed says that a disk is full (`ENOSPC`, in whichever case the program writes it).
#[must_use]
pub fn says_disk_full(text: &str) -> bool {
    text.to_lowercase().contains("no space left on device")
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = &self.program;
        match &self.how {
            How::NotFound => {
                write!(f, "`{program}` was not found on the PATH; `cargo xtask doctor --fix` installs it")?;
            }
            How::Io(e) => write!(f, "`{program}` could not be run: {e}")?,
            How::Exit(code) => write!(f, "`{program}` exited with code {code}")?,
            How::Signal(n) => write!(f, "`{program}` was ended by signal {n}")?,
            How::Deadline(d) => {
                write!(f, "`{program}` did not end within {} and was stopped", humantime::format_duration(*d))?;
            }
            How::Cancelled => write!(f, "`{program}` was interrupted")?,
        }
        write!(f, "\n  command: {}", self.command)?;
        for line in &self.stderr_tail {
            write!(f, "\n  | {line}")?;
        }
        if let Some(log) = &self.log {
            write!(f, "\n  log: {}", log.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for ExecError {}
