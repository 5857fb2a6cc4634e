//! Test suites: run on a cluster that is set up, counted, told in a table.

mod counts;

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

pub use counts::Counts;

use crate::{
    catalog::{Name, TestTarget},
    plan::Scope,
    report::terminal,
    session::{CommandError, Options, Session, Setup, build, remove, set_up},
    tools::cargo::Cargo,
};

/// A whole suite that runs longer than this hangs.
const SUITE: Duration = Duration::from_mins(30);

/// Which tests of a suite, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selected<'a> {
    /// Only those with this in their name.
    pub filter: Option<&'a str>,
    /// Arguments for the test binary.
    pub args: &'a [String],
}

/// What to do with a cluster whose suite has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Keep it.
    Keep,
    /// Remove it.
    Remove,
}

/// How a suite went.
#[derive(Debug)]
pub struct Suite {
    name: Name,
    setup: Duration,
    tests: Duration,
    counts: Counts,
    /// Why no test ran.
    broken: Option<String>,
}

/// The test target of a definition.
pub fn target(session: &Session, name: &Name) -> Result<TestTarget, CommandError> {
    let definition = session.catalog.definitions.get(name);
    let target = definition.and_then(|d| d.test.clone());
    target.ok_or_else(|| CommandError::usage(format!("`{name}` has no tests: its e2e.yaml has no `test`")))
}

/// Runs tests and shows what they print. Tests that fail are no error of this function.
pub fn run(
    session: &Session,
    setup: &Setup,
    target: &TestTarget,
    selected: &Selected<'_>,
) -> Result<Counts, CommandError> {
    let cargo = Cargo::new(&session.root, &setup.engine.arch);
    let mut test = cargo.test(&target.package, &target.target).args(selected.filter).deadline(SUITE);
    if !selected.args.is_empty() {
        test = test.arg("--").args(selected.args);
    }
    for (key, value) in &setup.environment {
        test = test.env(key, value);
    }
    let evidence = setup.run_dir.join("evidence");
    test = test.env("E2E_EVIDENCE", &evidence).log(setup.run_dir.join("tests.log"));
    let mut counts = Counts::default();
    let result = test.run_telling(&session.runner, &mut |line| {
        counts.read(line);
        terminal::data(line);
    });
    match result {
        // A filter that matches nothing, or a harness that counts in another way: nothing was shown to work.
        Ok(_) if counts.passed + counts.failed == 0 => Err(CommandError::failed(match selected.filter {
            Some(filter) => format!("no test ran: none has `{filter}` in its name"),
            None => "no test ran".to_owned(),
        })),
        Ok(_) => Ok(counts),
        // cargo's exit code says that tests failed, which the counts say too.
        Err(_) if counts.failed > 0 => Ok(counts),
        Err(e) => Err(e.into()),
    }
}

/// Sets up and tests every suite of the catalogue, each on its own cluster unless told otherwise. One that fails does not stop the others.
pub fn all(session: &Session, options: &Options, after: After) -> Result<Vec<Suite>, CommandError> {
    let names = session.tested();
    if options.cluster.is_some() {
        names.iter().try_for_each(|name| session.may_share(name, &names))?;
    }
    let built = build(session, &names, &Options { scope: Scope::Images, ..options.clone() })?;
    if !built.result.is_ok() {
        // Each suite will say for itself what it lacks; those that lack nothing still run.
        terminal::warning("not every image could be built");
    }
    let mut suites = Vec::new();
    for name in names {
        if session.runner.stopping().is_some() {
            break;
        }
        suites.push(one(session, &name, options, after));
    }
    Ok(suites)
}

/// A table of suites.
#[must_use]
pub fn table(suites: &[Suite]) -> String {
    let mut table = format!("{:<28} {:>8} {:>8} {:>7} {:>7}\n", "suite", "set-up", "tests", "passed", "failed");
    for suite in suites {
        let (setup, tests) = (suite.setup.as_secs_f64(), suite.tests.as_secs_f64());
        let counts = &suite.counts;
        let broken = suite.broken.as_deref().map(|b| format!("  {b}")).unwrap_or_default();
        let name = suite.name.as_str();
        let _ =
            writeln!(table, "{name:<28} {setup:>7.1}s {tests:>7.1}s {:>7} {:>7}{broken}", counts.passed, counts.failed);
    }
    table
}

/// The sum over all suites; a suite that could not run counts as failed, and so does a run without any.
#[must_use]
pub fn total(suites: &[Suite]) -> Counts {
    let mut total = Counts::default();
    for suite in suites {
        total.passed += suite.counts.passed;
        total.failed += suite.counts.failed + u32::from(suite.broken.is_some());
    }
    total.failed += u32::from(suites.is_empty());
    total
}

fn one(session: &Session, name: &Name, options: &Options, after: After) -> Suite {
    terminal::status("Suite", name.as_str());
    let mut suite = Suite {
        name: name.clone(),
        setup: Duration::ZERO,
        tests: Duration::ZERO,
        counts: Counts::default(),
        broken: None,
    };
    match attempt(session, &mut suite, options) {
        Err(e) => {
            terminal::error(&e.message);
            suite.broken = Some(e.message.lines().next().unwrap_or("failed").to_owned());
        }
        Ok(cluster) if suite.counts.is_ok() && after == After::Remove => {
            if let Err(e) = remove(session, &cluster) {
                terminal::warning(&format!("cluster {cluster} could not be removed: {}", e.message));
            }
        }
        Ok(_) => {}
    }
    suite
}

/// Returns the name of the suite's cluster.
fn attempt(session: &Session, suite: &mut Suite, options: &Options) -> Result<String, CommandError> {
    let target = target(session, &suite.name)?;
    let begun = Instant::now();
    let options = Options { scope: Scope::Tests, ..options.clone() };
    let setup = set_up(session, std::slice::from_ref(&suite.name), &options)?;
    suite.setup = begun.elapsed();
    setup.summarize(session.verbosity);
    if !setup.result.is_ok() {
        let _ = setup.exit();
        return Err(CommandError::failed(format!("set-up failed, see {}", setup.run_dir.display())));
    }
    let begun = Instant::now();
    let counts = run(session, &setup, &target, &Selected::default());
    suite.tests = begun.elapsed();
    suite.counts = counts?;
    Ok(setup.cluster.name().to_owned())
}
