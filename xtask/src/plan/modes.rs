//! The same work in three orders, so that the gain of the graph can be measured.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{Action, Phase, Task, TaskId};

/// How the work is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Everything starts as soon as what it needs is done.
    #[default]
    Graph,
    /// Everything of a phase at once, with a barrier between phases.
    Phased,
    /// Each definition built, loaded, applied and waited for before the next.
    Sequential,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Graph => "graph",
            Self::Phased => "phased",
            Self::Sequential => "sequential",
        })
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        clap::ValueEnum::from_str(text, false)
    }
}

/// Adds the edges that make `mode` of the graph. `groups` is the order of definitions for the sequential mode, each with
/// the ids of its tasks in the order in which a script would do them.
pub(super) fn order_by(mode: Mode, tasks: &mut [Task], groups: &[Vec<TaskId>]) {
    match mode {
        Mode::Graph => {}
        Mode::Phased => barriers(tasks),
        Mode::Sequential => chain(tasks, groups),
    }
}

/// Every build before the cluster, the cluster before the loads, the loads before the applies. Readiness is no barrier
/// of its own: a hard edge inside the deployment phase has to wait for it.
fn barriers(tasks: &mut [Task]) {
    let phases = [Phase::Build, Phase::Cluster, Phase::Load, Phase::Deploy];
    let mut before: Vec<TaskId> = Vec::new();
    // Pruning comes after everything, and tests are compiled for nobody in the cluster: neither is a part of a barrier.
    let takes_part = |t: &Task| !matches!(t.action, Action::Prune | Action::CargoTests { .. });
    for phase in phases {
        let mine = |t: &&Task| t.phase == phase && takes_part(t);
        let ids: Vec<TaskId> = tasks.iter().filter(mine).map(|t| t.id.clone()).collect();
        if ids.is_empty() {
            continue;
        }
        for task in tasks.iter_mut().filter(|t| t.phase == phase && takes_part(t)) {
            add(task, &before);
        }
        before = ids;
    }
}

/// One task after the other, the cluster first.
fn chain(tasks: &mut [Task], groups: &[Vec<TaskId>]) {
    let cluster: Vec<TaskId> = tasks.iter().filter(|t| t.phase == Phase::Cluster).map(|t| t.id.clone()).collect();
    let mut before = cluster;
    for id in groups.iter().flatten() {
        if let Some(task) = tasks.iter_mut().find(|t| t.id == *id) {
            add(task, &before);
            before = vec![id.clone()];
        }
    }
}

fn add(task: &mut Task, needs: &[TaskId]) {
    for need in needs {
        if *need != task.id && !task.needs.contains(need) {
            task.needs.push(need.clone());
        }
    }
}
