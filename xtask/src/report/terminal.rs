//! What a person sees, in cargo's manner, on stderr: one line when a task ends, a live line on a terminal.
//!
//! The only place that prints to a person.

use std::{collections::BTreeMap, time::Duration};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::timings::Timings;
use crate::{
    event::{Event, Outcome, What},
    plan::{Action, Plan, TaskId},
    state::History,
};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Failures and the result.
    Quiet,
    /// A line for each task that did something.
    Normal,
    /// A line for everything.
    Verbose,
}

/// Shows a run while it happens.
pub struct Terminal {
    verbosity: Verbosity,
    bar: Option<ProgressBar>,
    actions: BTreeMap<TaskId, Action>,
    running: BTreeMap<TaskId, Duration>,
    history: History,
}

const GOOD: Style = AnsiColor::Green.on_default().bold();
const DIM: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

impl Terminal {
    /// For a run of this plan.
    #[must_use]
    pub fn new(verbosity: Verbosity, plan: &Plan, history: History) -> Self {
        let is_live = verbosity > Verbosity::Quiet && std::io::IsTerminal::is_terminal(&std::io::stderr());
        let bar = is_live.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
            bar.set_style(
                ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        });
        let actions = plan.tasks.iter().map(|t| (t.id.clone(), t.action.clone())).collect();
        Self { verbosity, bar, actions, running: BTreeMap::new(), history }
    }

    /// Takes an event in.
    pub fn event(&mut self, event: &Event) {
        match &event.what {
            What::Started { task } => drop(self.running.insert(task.clone(), event.at)),
            What::Note { text, .. } if self.verbosity > Verbosity::Quiet => self.line(&WARN, "Note", text),
            What::Waiting { task, seen } if self.verbosity == Verbosity::Verbose => {
                self.line(&DIM, "Waiting", &format!("{task}: {seen}"));
            }
            What::Began { .. } | What::Cluster { .. } | What::Note { .. } | What::Waiting { .. } => {}
            What::Ended { task, outcome, took } => {
                self.running.remove(task);
                self.ended(task, outcome, *took);
            }
            What::Finished { .. } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
        self.tick(event.at);
    }

    /// Brings the live line up to this time: the longest-running tasks, each with the time it has taken and the time it
    /// usually takes.
    pub fn tick(&self, now: Duration) {
        let Some(bar) = &self.bar else { return };
        let mut running: Vec<(&TaskId, &Duration)> = self.running.iter().collect();
        running.sort_by_key(|(_, since)| **since);
        let parts: Vec<String> = running
            .iter()
            .take(4)
            .map(|(task, since)| {
                let usual = self.history.get(&task.0).and_then(|all| median(all));
                let usual = usual.map(|s| format!("/{s:.0}s")).unwrap_or_default();
                format!("{task} {:.0}s{usual}", now.saturating_sub(**since).as_secs_f64())
            })
            .collect();
        bar.set_message(parts.join("  "));
        bar.tick();
    }

    fn ended(&self, task: &TaskId, outcome: &Outcome, took: Duration) {
        let object = task.0.split_once(':').map_or(task.0.as_str(), |(_, object)| object);
        let verb = self.actions.get(task).map_or("Done", past);
        match outcome {
            Outcome::Done { what } if self.verbosity > Verbosity::Quiet => {
                let what = if what.is_empty() || what == object { String::new() } else { format!(" ({what})") };
                self.line(&GOOD, verb, &format!("{object}{what} in {}", time(took)));
            }
            Outcome::Fresh if self.verbosity == Verbosity::Verbose => self.line(&DIM, "Fresh", object),
            Outcome::Failed { error } => {
                self.line(&BAD, "Failed", &format!("{task} after {}\n{}", time(took), indent(error)));
            }
            Outcome::Skipped { because } if self.verbosity == Verbosity::Verbose => {
                self.line(&DIM, "Skipped", &format!("{task} because of {because}"));
            }
            Outcome::Cancelled if self.verbosity == Verbosity::Verbose => self.line(&DIM, "Cancelled", &task.0),
            _ => {}
        }
    }

    fn line(&self, style: &Style, verb: &str, text: &str) {
        let write = || say(style, verb, text);
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

/// The middle of several durations.
#[must_use]
pub fn median(all: &[f64]) -> Option<f64> {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[n / 2]),
        n => Some(f64::midpoint(sorted[n / 2 - 1], sorted[n / 2])),
    }
}

/// A plain line: what is being done, in the present.
pub fn status(verb: &str, text: &str) {
    say(&GOOD, verb, text);
}

/// A line that asks for attention.
pub fn warning(text: &str) {
    say(&WARN, "Warning", text);
}

/// A line that says what went wrong.
pub fn error(text: &str) {
    say(&BAD, "Error", text);
}

/// What the run cost, and where the time went.
pub fn summary(timings: &Timings) {
    let phases = timings.phases.iter().map(|p| format!("{} {:.1}-{:.1}s", p.phase, p.from, p.to));
    say(&GOOD, "Phases", &phases.collect::<Vec<_>>().join("  "));
    let steps = timings.critical_path.iter().filter(|s| s.took >= 0.1);
    let path = steps.map(|s| format!("{} {:.1}s", s.task, s.took)).collect::<Vec<_>>().join(" -> ");
    say(&GOOD, "Path", &path);
    say(&GOOD, "Took", &format!("{:.1}s, {:.1} tasks at once on average", timings.total, timings.parallelism));
}

/// What the user asked for, on stdout: a table, a plan, JSON, what tests print.
pub fn data(text: &str) {
    anstream::println!("{text}");
}

fn say(style: &Style, verb: &str, text: &str) {
    anstream::eprintln!("{style}{verb:>12}{style:#} {text}");
}

fn past(action: &Action) -> &'static str {
    match action {
        Action::CargoBuild { .. } | Action::CargoTests { .. } => "Compiled",
        Action::BuildImage { .. } => "Built",
        Action::ObtainImage { .. } => "Obtained",
        Action::CreateCluster | Action::CreateNamespace => "Created",
        Action::NodeUp | Action::ApiUp => "Reached",
        Action::LoadImage { .. } => "Loaded",
        Action::Watch => "Watching",
        Action::Apply { .. } => "Applied",
        Action::Ready { .. } => "Ready",
        Action::Check { .. } => "Checked",
        Action::Prune => "Pruned",
    }
}

fn time(took: Duration) -> String {
    format!("{:.1}s", took.as_secs_f64())
}

fn indent(text: &str) -> String {
    text.lines().map(|l| format!("             {l}")).collect::<Vec<_>>().join("\n")
}
