//! `e2e-bench`: the modes, and a bare cluster, measured.

use crate::{
    bench,
    cli::{BenchArgs, Format},
    report::terminal,
    session::{CommandError, Exit, Session},
};

/// Runs everything in turn, and shows median and spread.
pub fn run(session: &Session, args: &BenchArgs) -> Result<Exit, CommandError> {
    let service = session.select(std::slice::from_ref(&args.service))?.remove(0);
    crate::signals::stop_on_signal(&session.runner)?;
    let report = bench::run(session, &service, args.runs, args.engine)?;
    terminal::data(&match args.format {
        Format::Text => report.text(),
        Format::Json => report.json().to_string(),
    });
    Ok(report.exit())
}
