//! Where the time went: spans of tasks, the critical path, how parallel the run was. Pure.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use crate::{
    event::{Event, Outcome, What},
    plan::{Phase, Plan, TaskId},
};

/// When a task ran, since the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub from: Duration,
    /// When it ended.
    pub to: Duration,
}

/// The timings of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Timings {
    /// From the first event to the last, in seconds.
    pub total: f64,
    /// Of each phase: when its first task began and its last ended, and the sum of its tasks, in seconds.
    pub phases: Vec<PhaseTime>,
    /// The chain of tasks that decided the end: each began when the one before it ended.
    pub critical_path: Vec<Step>,
    /// Sum of all tasks over the total: how many ran at once, on average.
    pub parallelism: f64,
}

/// A phase of a run.
#[derive(Debug, Clone, Serialize)]
pub struct PhaseTime {
    /// Which.
    pub phase: Phase,
    /// Seconds since the run began.
    pub from: f64,
    /// Seconds since the run began.
    pub to: f64,
    /// Sum of its tasks, in seconds.
    pub busy: f64,
}

/// A task on the critical path.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Which.
    pub task: TaskId,
    /// How long it took, in seconds.
    pub took: f64,
}

/// Computes the timings of a run from its plan and its events.
#[must_use]
pub fn timings(plan: &Plan, events: &[Event]) -> Timings {
    let spans = spans(events);
    let total = events.last().map(|e| e.at).unwrap_or_default();
    let busy: Duration = spans.values().map(|s| s.to.saturating_sub(s.from)).sum();
    Timings {
        total: seconds(total),
        phases: phases(plan, &spans),
        critical_path: critical_path(plan, &spans),
        parallelism: if total.is_zero() { 0.0 } else { busy.as_secs_f64() / total.as_secs_f64() },
    }
}

/// Durations worth recording: of tasks that did something, and did it well.
#[must_use]
pub fn durations(events: &[Event]) -> BTreeMap<String, f64> {
    let ended = events.iter().filter_map(|e| match &e.what {
        What::Ended { task, outcome: Outcome::Done { .. }, took } => Some((task.0.clone(), seconds(*took))),
        _ => None,
    });
    ended.collect()
}

fn spans(events: &[Event]) -> BTreeMap<TaskId, Span> {
    let mut spans = BTreeMap::new();
    for event in events {
        match &event.what {
            What::Started { task } => drop(spans.insert(task.clone(), Span { from: event.at, to: event.at })),
            What::Ended { task, .. } => {
                if let Some(span) = spans.get_mut(task) {
                    span.to = event.at;
                }
            }
            _ => {}
        }
    }
    spans
}

fn phases(plan: &Plan, spans: &BTreeMap<TaskId, Span>) -> Vec<PhaseTime> {
    [Phase::Build, Phase::Cluster, Phase::Load, Phase::Deploy, Phase::Ready]
        .into_iter()
        .filter_map(|phase| {
            let ids = plan.tasks.iter().filter(|t| t.phase == phase).map(|t| &t.id);
            let mine: Vec<&Span> = ids.filter_map(|id| spans.get(id)).collect();
            let from = mine.iter().map(|s| s.from).min()?;
            let to = mine.iter().map(|s| s.to).max()?;
            let busy = mine.iter().map(|s| s.to.saturating_sub(s.from)).sum();
            Some(PhaseTime { phase, from: seconds(from), to: seconds(to), busy: seconds(busy) })
        })
        .collect()
}

/// From the task that ended last, back over the need that ended last, to the beginning.
fn critical_path(plan: &Plan, spans: &BTreeMap<TaskId, Span>) -> Vec<Step> {
    let last = |ids: &mut dyn Iterator<Item = &TaskId>| {
        ids.filter_map(|id| spans.get(id).map(|s| (s.to, id.clone()))).max().map(|(_, id)| id)
    };
    let mut path = Vec::new();
    let mut at = last(&mut plan.tasks.iter().map(|t| &t.id));
    while let Some(id) = at {
        let Some(span) = spans.get(&id) else { break };
        path.push(Step { task: id.clone(), took: seconds(span.to.saturating_sub(span.from)) });
        at = plan.task(&id).and_then(|t| last(&mut t.needs.iter()));
    }
    path.reverse();
    path
}

fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, Mode, Pool, Task};

    #[test]
    fn the_critical_path_follows_what_ended_last() {
        let id = |n: &str| TaskId(n.to_owned());
        let task = |n: &str, needs: &[&str]| Task {
            id: id(n),
            action: Action::Watch,
            needs: needs.iter().map(|n| id(n)).collect(),
            pool: Pool::Free,
            weight: 1,
            deadline: Duration::ZERO,
            phase: Phase::Deploy,
        };
        let plan = Plan {
            tasks: vec![task("a", &[]), task("b", &[]), task("c", &["a", "b"])],
            definitions: Vec::new(),
            mode: Mode::Graph,
        };
        let at = |s: u64, what| Event { at: Duration::from_secs(s), what };
        let ended =
            |n: &str, took| What::Ended { task: id(n), outcome: Outcome::done(), took: Duration::from_secs(took) };
        let events = [
            at(0, What::Started { task: id("a") }),
            at(0, What::Started { task: id("b") }),
            at(3, ended("a", 3)),
            at(5, ended("b", 5)),
            at(5, What::Started { task: id("c") }),
            at(6, ended("c", 1)),
        ];
        let timings = timings(&plan, &events);
        let path: Vec<&str> = timings.critical_path.iter().map(|s| s.task.0.as_str()).collect();
        assert_eq!(path, ["b", "c"]);
        assert!((timings.parallelism - 1.5).abs() < 1e-9, "9 s of work in 6 s");
    }
}
