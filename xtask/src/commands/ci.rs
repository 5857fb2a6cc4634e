//! `ci`: everything that a change must pass.

use crate::{
    ci,
    cli::CiArgs,
    report::terminal,
    session::{CommandError, Exit, Options, Session},
};

/// Runs every step, also after one has failed, and ends on `N passed, N failed`.
pub fn run(session: &Session, args: &CiArgs) -> Result<Exit, CommandError> {
    crate::signals::stop_on_signal(&session.runner)?;
    let report = ci::run(session, &args.cluster, &Options::of(&args.cluster));
    terminal::data(&report.table());
    for line in ci::left_behind(session) {
        terminal::status("Left", &line);
    }
    session.tell_of_daemon();
    terminal::data(&report.total().to_string());
    Ok(if session.runner.stopping().is_some() {
        Exit::Interrupted
    } else if report.total().is_ok() {
        Exit::Ok
    } else {
        Exit::Failed
    })
}
