//! The verbs, one a file. A verb reads its arguments, calls what does the work, and says how it ended.

mod e2e_setup;

use crate::{
    cli::{Cli, Command, Env},
    session::{CommandError, Exit, Session},
};

/// Does what the command line asks for.
pub fn dispatch(cli: &Cli) -> Result<Exit, CommandError> {
    let env = Env::read().map_err(CommandError::failed)?;
    let session = || Session::open(&env, cli.verbosity());
    match &cli.command {
        Command::E2eSetup(args) => e2e_setup::run(&session()?, args),
        _ => Err(CommandError::usage("not yet")),
    }
}
