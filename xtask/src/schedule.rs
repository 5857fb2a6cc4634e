//! What may start next. Pure: no clock, no threads; it is told what ended and says what begins.
//!
//! Priority is the longest remaining path, by recorded durations where there are some.

use std::{collections::BTreeMap, time::Duration};

use crate::plan::{Action, Plan, Pool, TaskId};

/// Capacities of the pools.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Cores.
    pub cpu: usize,
    /// Requests at once that change something in the cluster.
    pub api: usize,
}

/// A set of tasks that one worker does in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch(pub Vec<TaskId>);

/// The state of every task of a plan.
#[derive(Debug)]
pub struct Schedule {
    nodes: Vec<Node>,
    by_id: BTreeMap<TaskId, usize>,
    capacity: Capacity,
}

#[derive(Debug)]
struct Node {
    id: TaskId,
    action: Action,
    pool: Pool,
    weight: usize,
    state: State,
    /// Tasks that must end well before this one.
    open_needs: usize,
    dependents: Vec<usize>,
    /// Length of the longest path from here to an end of the plan.
    rank: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Ended,
}

impl Schedule {
    /// Everything waits. `expected` gives the recorded duration of a task, if there is one.
    #[must_use]
    pub fn new(plan: &Plan, capacity: Capacity, expected: &dyn Fn(&TaskId) -> Option<Duration>) -> Self {
        let by_id: BTreeMap<TaskId, usize> = plan.tasks.iter().enumerate().map(|(i, t)| (t.id.clone(), i)).collect();
        let mut nodes: Vec<Node> = plan
            .tasks
            .iter()
            .map(|t| Node {
                id: t.id.clone(),
                action: t.action.clone(),
                pool: t.pool,
                weight: t.weight,
                state: State::Waiting,
                open_needs: t.needs.len(),
                dependents: Vec::new(),
                rank: expected(&t.id).unwrap_or_else(|| typical(&t.action)),
            })
            .collect();
        for (i, task) in plan.tasks.iter().enumerate() {
            for need in task.needs.iter().filter_map(|n| by_id.get(n)) {
                nodes[*need].dependents.push(i);
            }
        }
        // The plan is in topological order, so from its end every dependent's rank is known.
        for i in (0..nodes.len()).rev() {
            let behind = nodes[i].dependents.iter().map(|d| nodes[*d].rank).max().unwrap_or_default();
            nodes[i].rank += behind;
        }
        Self { nodes, by_id, capacity }
    }

    /// What begins now; it counts as running from here on.
    #[must_use]
    pub fn start(&mut self) -> Vec<Batch> {
        let mut ready: Vec<usize> = (0..self.nodes.len()).filter(|i| self.can_start(*i)).collect();
        ready.sort_by_key(|i| (std::cmp::Reverse(self.nodes[*i].rank), *i));
        let mut batches = Vec::new();
        for i in ready {
            if !self.can_start(i) || !self.fits(i) {
                continue;
            }
            let together = self.together(i);
            for j in &together {
                self.nodes[*j].state = State::Running;
            }
            batches.push(Batch(together.into_iter().map(|j| self.nodes[j].id.clone()).collect()));
        }
        batches
    }

    /// A task ended well: what waited for it waits no longer.
    pub fn succeeded(&mut self, id: &TaskId) {
        if let Some(i) = self.end(id) {
            for d in self.nodes[i].dependents.clone() {
                self.nodes[d].open_needs -= 1;
            }
        }
    }

    /// A task failed: everything behind it is skipped, and returned.
    pub fn failed(&mut self, id: &TaskId) -> Vec<TaskId> {
        let Some(first) = self.end(id) else { return Vec::new() };
        let mut skipped = Vec::new();
        let mut open = self.nodes[first].dependents.clone();
        while let Some(i) = open.pop() {
            if self.nodes[i].state == State::Waiting {
                self.nodes[i].state = State::Ended;
                skipped.push(self.nodes[i].id.clone());
                open.extend(self.nodes[i].dependents.iter().copied());
            }
        }
        skipped.sort();
        skipped
    }

    /// Tasks that run.
    pub fn running(&self) -> impl Iterator<Item = &TaskId> {
        self.nodes.iter().filter(|n| n.state == State::Running).map(|n| &n.id)
    }

    /// Tasks that have not begun.
    pub fn waiting(&self) -> impl Iterator<Item = &TaskId> {
        self.nodes.iter().filter(|n| n.state == State::Waiting).map(|n| &n.id)
    }

    /// Whether this task runs.
    #[must_use]
    pub fn is_running(&self, id: &TaskId) -> bool {
        self.by_id.get(id).is_some_and(|i| self.nodes[*i].state == State::Running)
    }

    /// Whether all cores are taken by something that compiles.
    #[must_use]
    pub fn is_saturated(&self) -> bool {
        self.taken(Pool::Cpu) >= self.capacity.cpu
    }

    fn end(&mut self, id: &TaskId) -> Option<usize> {
        let i = *self.by_id.get(id)?;
        (std::mem::replace(&mut self.nodes[i].state, State::Ended) != State::Ended).then_some(i)
    }

    fn can_start(&self, i: usize) -> bool {
        self.nodes[i].state == State::Waiting && self.nodes[i].open_needs == 0
    }

    fn fits(&self, i: usize) -> bool {
        let node = &self.nodes[i];
        let capacity = match node.pool {
            Pool::Cpu => self.capacity.cpu,
            Pool::Node => 1,
            Pool::Api => self.capacity.api,
            Pool::Free => return true,
        };
        // What is heavier than the whole machine runs alone.
        let taken = self.taken(node.pool);
        taken == 0 || taken + node.weight <= capacity
    }

    fn taken(&self, pool: Pool) -> usize {
        self.nodes.iter().filter(|n| n.pool == pool && n.state == State::Running).map(|n| n.weight).sum()
    }

    /// The tasks that go with this one: one import stream carries every image that can go now.
    fn together(&self, i: usize) -> Vec<usize> {
        if !matches!(self.nodes[i].action, Action::LoadImage { .. }) {
            return vec![i];
        }
        let loads = |j: &usize| matches!(self.nodes[*j].action, Action::LoadImage { .. });
        (0..self.nodes.len()).filter(|j| self.can_start(*j)).filter(loads).collect()
    }
}

/// What a task takes where nothing is recorded: only the order of magnitude matters, to start long paths first.
fn typical(action: &Action) -> Duration {
    Duration::from_secs(match action {
        Action::CargoBuild { .. } => 60,
        // Nobody in the cluster waits for them.
        Action::CargoTests { .. } => 0,
        Action::ObtainImage { .. } | Action::Ready { .. } | Action::ApiUp => 10,
        Action::CreateCluster => 12,
        Action::BuildImage { .. } | Action::LoadImage { .. } | Action::NodeUp => 3,
        Action::Watch | Action::CreateNamespace | Action::Apply { .. } | Action::Check { .. } | Action::Prune => 1,
    })
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
