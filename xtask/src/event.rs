//! What happened, in the order in which it happened. Reporters and the record consume it; nothing here prints.

use std::time::Duration;

use serde::Serialize;

use crate::plan::TaskId;

/// One event of a run, with the time since the run began.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Seconds since the run began.
    #[serde(serialize_with = "seconds")]
    pub at: Duration,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// The run began: its tasks, and how long each took in earlier runs (seconds; none where there is no history).
    Began {
        /// The cluster.
        cluster: String,
        /// Task ids.
        tasks: Vec<TaskId>,
    },
    /// A task began.
    Started {
        /// Which.
        task: TaskId,
    },
    /// A task said something worth a line.
    Note {
        /// Which, if any.
        task: Option<TaskId>,
        /// A sentence.
        text: String,
    },
    /// What a task waits for has changed.
    Waiting {
        /// Which.
        task: TaskId,
        /// What was seen last.
        seen: String,
    },
    /// The cluster said something of an object.
    Cluster {
        /// `Normal` or `Warning`.
        severity: String,
        /// `Kind/name`
        about: String,
        /// One word.
        reason: String,
        /// A sentence.
        message: String,
    },
    /// A task ended.
    Ended {
        /// Which.
        task: TaskId,
        /// How.
        outcome: Outcome,
        /// How long it ran.
        #[serde(serialize_with = "seconds")]
        took: Duration,
    },
    /// The run ended.
    Finished {
        /// Whether everything succeeded.
        ok: bool,
    },
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It did its work; what it did, if that deserves words.
    Done {
        /// A few words, or none.
        what: String,
    },
    /// There was nothing to do.
    Fresh,
    /// It failed.
    Failed {
        /// Everything that helps.
        error: String,
    },
    /// It was not tried, because what it needs failed.
    Skipped {
        /// The failed task.
        because: TaskId,
    },
    /// The run was interrupted before it ended or began.
    Cancelled,
}

impl Outcome {
    /// Done, in no need of words.
    #[must_use]
    pub fn done() -> Self {
        Self::Done { what: String::new() }
    }

    /// Done, and this is what was done.
    #[must_use]
    pub fn did(what: impl Into<String>) -> Self {
        Self::Done { what: what.into() }
    }

    /// Whether what needs this task may begin.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Fresh)
    }
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Milliseconds are as fine as a process can be timed from outside.
    serializer.serialize_f64((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}
