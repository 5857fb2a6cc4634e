//! Order of tasks: a topological sort that names the cycle when there is one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Task, TaskId};

/// Sorts tasks so that each comes after all that it needs, otherwise in the order given.
/// The error is a sentence that names the tasks of a cycle, or a need that no task has.
pub fn order(tasks: Vec<Task>) -> Result<Vec<Task>, String> {
    let known: BTreeSet<TaskId> = tasks.iter().map(|t| t.id.clone()).collect();
    if known.len() != tasks.len() {
        return Err("two tasks have one id".to_owned());
    }
    for task in &tasks {
        if let Some(need) = task.needs.iter().find(|n| !known.contains(*n)) {
            return Err(format!("task `{}` needs `{need}`, which is not in the plan", task.id));
        }
    }
    let mut done = BTreeSet::new();
    let mut sorted = Vec::with_capacity(tasks.len());
    let mut open = tasks;
    while !open.is_empty() {
        let (can, cannot): (Vec<Task>, Vec<Task>) =
            open.into_iter().partition(|t| t.needs.iter().all(|n| done.contains(n)));
        if can.is_empty() {
            return Err(format!("tasks need each other: {}", cycle(&cannot)));
        }
        done.extend(can.iter().map(|t| t.id.clone()));
        sorted.extend(can);
        open = cannot;
    }
    Ok(sorted)
}

/// Follows needs among tasks that all wait until one comes again.
fn cycle(stuck: &[Task]) -> String {
    let by_id: BTreeMap<&TaskId, &Task> = stuck.iter().map(|t| (&t.id, t)).collect();
    let mut path: Vec<&TaskId> = Vec::new();
    let mut at = stuck.first().map(|t| &t.id);
    while let Some(id) = at {
        if let Some(start) = path.iter().position(|p| *p == id) {
            path.drain(..start);
            path.push(id);
            break;
        }
        path.push(id);
        at = by_id.get(id).and_then(|t| t.needs.iter().find(|n| by_id.contains_key(n)));
    }
    path.iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(" -> ")
}
