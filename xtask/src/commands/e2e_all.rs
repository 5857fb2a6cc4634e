//! `e2e-all`: every service of the catalogue, set up and tested.

use crate::{
    cli::AllArgs,
    report::terminal,
    session::{CommandError, Exit, Options, Session},
    suite,
};

/// Builds once, then sets up and tests each service on a cluster of its own.
pub fn run(session: &Session, args: &AllArgs) -> Result<Exit, CommandError> {
    crate::signals::stop_on_signal(&session.runner)?;
    session.bootstrap(&args.cluster, &session.tested())?;
    let options = Options::of(&args.cluster);
    let after = if args.keep { suite::After::Keep } else { suite::After::Remove };
    let suites = suite::all(session, &options, after)?;
    terminal::data(&suite::table(&suites));
    let total = suite::total(&suites);
    terminal::data(&total.to_string());
    Ok(if session.runner.stopping().is_some() {
        Exit::Interrupted
    } else if total.is_ok() {
        Exit::Ok
    } else {
        Exit::Failed
    })
}
