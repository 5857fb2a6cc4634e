//! `e2e-setup`: services in a cluster.

use serde_json::json;

use crate::{
    catalog::Name,
    cli::{Format, SetupArgs},
    report::terminal,
    session::{CommandError, Exit, Options, Session, Setup, set_up, show},
};

/// Sets up, and says what to type next.
pub fn run(session: &Session, args: &SetupArgs) -> Result<Exit, CommandError> {
    let roots = session.select(&args.services)?;
    let options = Options::of(&args.cluster);
    options.checked_name(&roots)?;
    if args.dry_run {
        return show(session, &roots, &options, args.format.into());
    }
    crate::signals::stop_on_signal(&session.runner)?;
    session.bootstrap(&args.cluster, &roots)?;
    let setup = set_up(session, &roots, &options)?;
    setup.summarize(session.verbosity);
    if args.format == Format::Json {
        terminal::data(&result(&setup).to_string());
    }
    let exit = setup.exit();
    if exit == Exit::Ok {
        for reached in &setup.reached {
            terminal::status("URL", &reached.to_string());
        }
        if args.cluster.bootstrap {
            session.tell_of_daemon();
        }
        terminal::status("Next", &next(session, &roots, setup.cluster.name()));
    }
    Ok(exit)
}

/// What to type next: the tests of the first service that has some, on this very cluster.
fn next(session: &Session, roots: &[Name], cluster: &str) -> String {
    let tested = session.tested();
    match roots.iter().find(|root| tested.contains(root)) {
        Some(root) if root.as_str() == cluster => format!("cargo xtask e2e-test {root}"),
        Some(root) => format!("cargo xtask e2e-test {root} --cluster {cluster}"),
        None => "cargo xtask e2e-status".to_owned(),
    }
}

/// What a program wants to know of a set-up.
fn result(setup: &Setup) -> serde_json::Value {
    json!({
        "ok": setup.result.is_ok(),
        "cluster": setup.cluster.name(),
        "environment": setup.environment,
        "ports": setup.reached,
        "timings": setup.timings,
        "tasks": setup.result.outcomes,
        "run": setup.run_dir,
    })
}
