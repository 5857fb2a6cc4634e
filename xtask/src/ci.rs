//! The steps of `ci`. Every step runs, whatever became of those before; each counts as a test beside those it counts.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use crate::{
    cli::ClusterArgs,
    exec::{Cmd, ExecError},
    report::terminal,
    session::{CommandError, Options, Session},
    suite::{self, After, Counts},
    tools::cargo::Cargo,
};

/// No step may take longer.
const BOUND: Duration = Duration::from_mins(40);

/// How the steps went.
#[derive(Debug, Default)]
pub struct Report {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    counts: Counts,
}

/// Runs all steps.
#[must_use]
pub fn run(session: &Session, cluster: &ClusterArgs, options: &Options) -> Report {
    let mut report = Report::default();
    let root = &session.root;
    let cargo = |verb: &str| Cmd::new("cargo").arg(verb).cwd(root).env("CARGO_TERM_COLOR", "never").deadline(BOUND);
    // Services are compiled with the flags of their images, so that the clusters later find everything compiled.
    let services = Cargo::new(root, host_arch());
    let workspace =
        |verb: &str| services.verb(verb).arg("--workspace").args(["--exclude", "xtask", "--exclude", "xtask-lint"]);
    report.step(session, "bootstrap", || session.bootstrap(cluster, &session.tested()).map(|()| Counts::default()));
    report.process(session, "format", &cargo("fmt").args(["--all", "--check"]));
    let tool = ["--locked", "--package", "xtask", "--package", "xtask-lint", "--all-targets"];
    report.process(session, "clippy: tool", &cargo("clippy").args(tool).args(["--", "--deny", "warnings"]));
    report.process(
        session,
        "lint",
        &cargo("run").args(["--quiet", "--locked", "--package", "xtask-lint", "--", "--color", "never"]),
    );
    report.process(
        session,
        "tests: tool",
        &cargo("test").args(["--locked", "--package", "xtask", "--package", "xtask-lint"]),
    );
    let clippy = workspace("clippy").args(["--all-targets", "--", "--deny", "warnings"]).deadline(BOUND);
    report.process(session, "clippy: services", &clippy);
    // Targets that plain `cargo test` does not run are not among all targets.
    let clippy = workspace("clippy").args(["--test", "*", "--", "--deny", "warnings"]).deadline(BOUND);
    report.process(session, "clippy: end to end", &clippy);
    let strict = |doc: Cmd| {
        doc.args(["--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "--deny warnings --allow rustdoc::private-intra-doc-links")
    };
    let tool = ["--locked", "--package", "xtask", "--package", "xtask-lint"];
    report.process(session, "docs: tool", &strict(cargo("doc").args(tool)));
    report.process(session, "docs: services", &strict(workspace("doc").deadline(BOUND)));
    report.process(session, "tests: services", &workspace("test").deadline(BOUND));
    report.step(session, "e2e", || {
        let suites = suite::all(session, options, After::Remove)?;
        terminal::data(&suite::table(&suites));
        Ok(suite::total(&suites))
    });
    let newcomer = ["--locked", "--package", "xtask", "--test", "newcomer", "--", "--nocapture"];
    report.process(session, "e2e: a new service", &cargo("test").args(newcomer));
    report
}

/// What runs on after us, and where the evidence lies.
#[must_use]
pub fn left_behind(session: &Session) -> Vec<String> {
    let clusters = session.home.clusters().unwrap_or_default();
    let mut lines: Vec<String> =
        clusters.iter().map(|r| format!("cluster {0}, remove it with: cargo xtask e2e-down {0}", r.name)).collect();
    lines.push(format!("evidence of every run in {}", session.home.path().display()));
    lines
}

impl Report {
    fn process(&mut self, session: &Session, name: &'static str, cmd: &Cmd) {
        self.step(session, name, || {
            let mut counts = Counts::default();
            let result = cmd.run_telling(&session.runner, &mut |line| {
                counts.read(line);
                terminal::data(line);
            });
            match result {
                Ok(_) => Ok(counts),
                Err(_) if counts.failed > 0 => Ok(counts),
                Err(e) => Err(brief(&e)),
            }
        });
    }

    fn step(&mut self, session: &Session, name: &'static str, work: impl FnOnce() -> Result<Counts, CommandError>) {
        if session.runner.stopping().is_some() {
            return;
        }
        terminal::status("Step", name);
        let begun = Instant::now();
        let mut counts = work().unwrap_or_else(|e| {
            terminal::error(&e.message);
            Counts { passed: 0, failed: 1 }
        });
        if counts.is_ok() {
            counts.passed += 1;
        }
        self.steps.push(Step { name, took: begun.elapsed(), counts });
    }

    /// One line a step.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = format!("{:<20} {:>8} {:>7} {:>7}\n", "step", "took", "passed", "failed");
        for step in &self.steps {
            let (name, took) = (step.name, step.took.as_secs_f64());
            let _ = writeln!(table, "{name:<20} {took:>7.1}s {:>7} {:>7}", step.counts.passed, step.counts.failed);
        }
        table
    }

    /// The sum of all steps.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.steps.iter().fold(Counts::default(), |sum, step| Counts {
            passed: sum.passed + step.counts.passed,
            failed: sum.failed + step.counts.failed,
        })
    }
}

/// What the process printed has been shown line by line already.
fn brief(e: &ExecError) -> CommandError {
    CommandError::failed(e.to_string().lines().take(2).collect::<Vec<_>>().join("\n"))
}

/// The architecture of this machine, as images call it.
fn host_arch() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }
}
