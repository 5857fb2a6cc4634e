//! `e2e-down`: clusters removed, evidence kept.

use crate::{
    cli::DownArgs,
    session::{CommandError, Doomed, Exit, Session, remove_clusters},
};

/// Removes clusters of ours; others are never touched.
pub fn run(session: &Session, args: &DownArgs) -> Result<Exit, CommandError> {
    crate::signals::stop_on_signal(&session.runner)?;
    let exit = remove_clusters(session, if args.all { Doomed::All } else { Doomed::Named(&args.clusters) })?;
    if args.all {
        session.tell_of_daemon();
    }
    Ok(exit)
}
