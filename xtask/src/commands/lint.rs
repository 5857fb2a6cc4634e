//! `lint`: the lint is a binary of its own, so that its parsers stay out of this one; this builds and runs it.

use std::ffi::OsString;

use crate::{
    cli::Env,
    exec::{Cmd, How, Runner},
    session::{CommandError, Exit},
    state::StateHome,
};

/// Runs the lint where we are, with the arguments as they are.
pub fn run(env: &Env, args: &[OsString]) -> Result<Exit, CommandError> {
    let runner = Runner::new().map_err(CommandError::failed)?;
    crate::signals::stop_on_signal(&runner)?;
    let lint = Cmd::new("cargo").args(["run", "--quiet", "--locked", "--package", "xtask-lint", "--"]).inherit();
    // Recorded runs say what a finding costs.
    let history = StateHome::below(&env.state_home).history_file();
    let lint = if history.exists() { lint.arg("--durations").arg(history) } else { lint };
    let lint = lint.args(args);
    match lint.run(&runner) {
        Ok(_) => Ok(Exit::Ok),
        Err(error) => match error.how {
            How::Exit(1) => Ok(Exit::Failed),
            How::Exit(2) => Ok(Exit::Usage),
            How::Cancelled => Ok(Exit::Interrupted),
            How::NotFound => Err(CommandError { exit: Exit::Missing, message: "cargo is not on the PATH".to_owned() }),
            _ => Err(CommandError::failed(error)),
        },
    }
}
