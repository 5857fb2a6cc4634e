//! Runs one process, or a pipeline of them, to its end: own process group, deadline, log file, typed error.
//!
//! The only place of the tool that starts a process. No shell is ever involved: a command is a list of arguments.
//! This module knows nothing of what it runs.

mod cmd;
mod error;
mod identity;
mod runner;
mod stage;
mod stream;
mod wait;

pub use cmd::{Cmd, Output, Pipeline};
pub use error::{ExecError, How};
pub use identity::{ProcessId, end_leftovers};
pub use runner::{Runner, Stop};
pub use stream::LineStream;
