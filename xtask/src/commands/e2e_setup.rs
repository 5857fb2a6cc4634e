//! `e2e-setup`: services in a cluster.

use crate::{
    cli::SetupArgs,
    report::terminal::{self, Verbosity},
    session::{CommandError, Exit, Options, Session, set_up},
};

/// Sets up, and says what to type next.
pub fn run(session: &Session, args: &SetupArgs) -> Result<Exit, CommandError> {
    let roots = session.select(&args.services)?;
    crate::signals::stop_on_signal(&session.runner)?;
    let setup = set_up(session, &roots, &Options::of(&args.cluster))?;
    if session.verbosity > Verbosity::Quiet {
        terminal::summary(&setup.timings);
    }
    let exit = setup.exit();
    if exit == Exit::Ok {
        terminal::status("Next", &format!("cargo xtask e2e-test {}", args.services[0]));
    }
    Ok(exit)
}
