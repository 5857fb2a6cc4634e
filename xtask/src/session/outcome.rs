//! How a verb ends: the exit codes, each with one meaning.

use std::fmt::Display;

use super::Session;

/// What the process exits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything worked.
    Ok = 0,
    /// The run or tests failed, or there are findings.
    Failed = 1,
    /// Wrong usage, a definition with an error, a file that does not parse.
    Usage = 2,
    /// A tool or an engine is missing.
    Missing = 3,
    /// Interrupted by a signal.
    Interrupted = 130,
}

/// Why a verb ended before its work was done.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// What the process exits with.
    pub exit: Exit,
    /// What the user is told; nothing where that has been said.
    pub message: String,
}

impl CommandError {
    /// It went wrong.
    pub fn failed(message: impl Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string() }
    }

    /// What was asked for makes no sense.
    pub fn usage(message: impl Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }

    /// The user ended it.
    pub fn interrupted(message: impl Display) -> Self {
        Self { exit: Exit::Interrupted, message: message.to_string() }
    }

    /// Something needed is not installed or does not run.
    pub fn missing(message: impl Display) -> Self {
        Self { exit: Exit::Missing, message: message.to_string() }
    }
}

impl Session {
    /// How a verb ends that ended like this: one that was told to stop, and did not reach its end, was interrupted,
    /// whatever failed because of that.
    pub fn ending(&self, result: Result<Exit, CommandError>) -> Result<Exit, CommandError> {
        match result {
            result if self.runner.stopping().is_none() => result,
            Ok(Exit::Ok) => Ok(Exit::Ok),
            Ok(_) => Ok(Exit::Interrupted),
            Err(e) => Err(CommandError { exit: Exit::Interrupted, ..e }),
        }
    }
}

impl From<crate::exec::ExecError> for CommandError {
    fn from(e: crate::exec::ExecError) -> Self {
        let exit = match e.how {
            crate::exec::How::NotFound => Exit::Missing,
            crate::exec::How::Cancelled => Exit::Interrupted,
            _ => Exit::Failed,
        };
        Self { exit, message: e.to_string() }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(e: std::io::Error) -> Self {
        Self::failed(e)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
