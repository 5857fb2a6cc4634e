//! `doctor`: is this machine able to do the work, and what mends it.

use crate::{
    cli::{DoctorArgs, Format},
    doctor::{self, Ctx, Finding, Report, Status},
    report::terminal,
    session::{CommandError, Contention, Exit, Session},
};

/// Makes all checks; with `--fix`, mends what is missing first.
pub fn run(session: &Session, args: &DoctorArgs) -> Result<Exit, CommandError> {
    crate::signals::stop_on_signal(&session.runner)?;
    let tell = |step: &str| terminal::status("Doctor", step);
    let roots: Vec<_> = session.catalog.definitions.keys().cloned().collect();
    let ctx: Ctx<'_> = session.examination(args.engine, &roots, &tell);
    let fixing = || session.hold(&session.machine(), "doctor --fix", Contention::Wait);
    let hold = args.fix.then(fixing).transpose()?;
    let report = hold.is_some().then(|| doctor::fix(&ctx));
    drop(hold);
    let findings = doctor::examine(&ctx);
    match args.format {
        Format::Json => terminal::data(&doctor::json(&findings, report.as_ref()).to_string()),
        Format::Text => terminal::data(&text(&findings, report.as_ref())),
    }
    if session.runner.stopping().is_some() {
        return Ok(Exit::Interrupted);
    }
    let missing = findings.iter().any(|f| f.status == Status::Missing);
    Ok(if missing { Exit::Missing } else { Exit::Ok })
}

fn text(findings: &[Finding], report: Option<&Report>) -> String {
    let mut lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    let mended = report.map(|r| r.mended.as_slice()).unwrap_or_default();
    lines.extend(mended.iter().map(|m| format!("{:>7} {m}", "mended")));
    let failed = report.map(|r| r.failed.as_slice()).unwrap_or_default();
    lines.extend(failed.iter().map(|f| format!("{:>7} {f}", "failed")));
    let missing = findings.iter().filter(|f| f.status == Status::Missing).count();
    lines.push(match (missing, report) {
        (0, _) => "nothing needed is missing".to_owned(),
        (n, None) => format!("{n} missing; `cargo xtask doctor --fix` mends what it can"),
        (n, Some(_)) => format!("{n} still missing"),
    });
    lines.join("\n")
}
