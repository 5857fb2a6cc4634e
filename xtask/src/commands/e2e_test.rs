//! `e2e-test`: a service set up if needed, and its end-to-end tests.

use crate::{
    cli::TestArgs,
    plan::Scope,
    report::terminal,
    session::{CommandError, Exit, Options, Session, remove, set_up},
    suite::{self, Selected},
};

/// Sets up, tests, and keeps the cluster unless told otherwise.
pub fn run(session: &Session, args: &TestArgs) -> Result<Exit, CommandError> {
    let roots = session.select(std::slice::from_ref(&args.service))?;
    let target = suite::target(session, &roots[0])?;
    crate::signals::stop_on_signal(&session.runner)?;
    session.bootstrap(&args.cluster, &roots)?;
    let options = Options { scope: Scope::Tests, ..Options::of(&args.cluster) };
    let setup = set_up(session, &roots, &options)?;
    setup.summarize(session.verbosity);
    if !setup.result.is_ok() {
        return Ok(setup.exit());
    }
    let selected = Selected { filter: args.filter.as_deref(), args: &args.args };
    let counts = suite::run(session, &setup, &target, &selected)?;
    terminal::status("Evidence", &setup.run_dir.display().to_string());
    let name = setup.cluster.name().to_owned();
    // The lock goes with the set-up; removing the cluster takes it again.
    drop(setup);
    if counts.is_ok() && args.down {
        remove(session, &name)?;
        terminal::status("Removed", &format!("cluster {name}"));
    }
    Ok(if counts.is_ok() { Exit::Ok } else { Exit::Failed })
}
