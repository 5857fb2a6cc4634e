//! Runs one process, or a pipeline of them, to its end: own process group, deadline, log file, typed error.
//!
//! The only place of the tool that starts a process. A command is a list of arguments; the one shell that runs is a
//! daemon's, on a constant script.
//! This module knows nothing of what it runs.

mod cmd;
mod error;
mod identity;
mod runner;
mod stage;
mod stream;
mod wait;

pub use cmd::{Cmd, Output, Pipeline};
pub use error::{ExecError, How, says_disk_full};
pub use identity::{ProcessId, end_leftovers};
pub use runner::{Runner, Stop};
pub use stream::LineStream;
