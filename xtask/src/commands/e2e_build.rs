//! `e2e-build`: the images, without a cluster.

use crate::{
    cli::BuildArgs,
    plan::Scope,
    session::{CommandError, Exit, Options, Session, build},
};

/// Builds the images of these services, or of all.
pub fn run(session: &Session, args: &BuildArgs) -> Result<Exit, CommandError> {
    let roots = if args.services.is_empty() { session.tested() } else { session.select(&args.services)? };
    crate::signals::stop_on_signal(&session.runner)?;
    let options = Options { engine: args.engine, scope: Scope::Images, ..Options::default() };
    let run = build(session, &roots, &options)?;
    run.summarize(session.verbosity);
    Ok(run.exit())
}
