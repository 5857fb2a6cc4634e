//! What was measured: median and spread of the runs that succeeded, and what became of the others.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};

use crate::{catalog::Name, report::terminal::median, session::Exit};

/// All measurements, and where they were taken.
#[derive(Debug)]
pub struct Report {
    pub(super) service: Name,
    pub(super) runs: BTreeMap<&'static str, Measured>,
    /// What every run found, as far as that was made sure of.
    pub(super) cache: String,
    pub(super) machine: BTreeMap<&'static str, String>,
    /// Whether the user ended it before its end.
    pub(super) interrupted: bool,
}

/// The runs of one thing that is measured, in their order.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Seconds of those that succeeded.
    pub(super) seconds: Vec<f64>,
    /// Why the others failed.
    pub(super) failed: Vec<String>,
}

impl Report {
    /// A table.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{} ({}; seconds)\n", self.service, self.cache);
        let _ = writeln!(text, "{:<28} {:>4} {:>6} {:>8} {:>8} {:>8}", "", "runs", "failed", "median", "min", "max");
        for (what, runs) in &self.runs {
            let (count, failed) = (runs.seconds.len(), runs.failed.len());
            let _ = write!(text, "{what:<28} {count:>4} {failed:>6}");
            for figure in [runs.median(), runs.min(), runs.max()] {
                let figure = figure.map_or_else(|| "-".to_owned(), |f| format!("{f:.1}"));
                let _ = write!(text, " {figure:>8}");
            }
            text.push('\n');
        }
        for (what, value) in &self.machine {
            let _ = writeln!(text, "{what}: {value}");
        }
        text.trim_end().to_owned()
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let runs = self.runs.iter().map(|(what, runs)| {
            let figures = json!({
                "seconds": runs.seconds,
                "median": runs.median(),
                "min": runs.min(),
                "max": runs.max(),
                "failed": runs.failed,
            });
            ((*what).to_owned(), figures)
        });
        json!({
            "service": self.service,
            "cache": self.cache,
            "results": runs.collect::<serde_json::Map<_, _>>(),
            "environment": self.machine,
        })
    }

    /// How the verb ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.runs.values().any(|r| !r.failed.is_empty()) {
            Exit::Failed
        } else {
            Exit::Ok
        }
    }
}

impl Measured {
    fn median(&self) -> Option<f64> {
        median(&self.seconds)
    }

    fn min(&self) -> Option<f64> {
        self.seconds.iter().copied().reduce(f64::min)
    }

    fn max(&self) -> Option<f64> {
        self.seconds.iter().copied().reduce(f64::max)
    }
}
