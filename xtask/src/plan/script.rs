//! What a script would do, one thing after the other: the order of the sequential mode.

use std::collections::{BTreeMap, BTreeSet};

use super::{Task, TaskId};
use crate::catalog::{Definition, Name};

/// For the sequential mode: needed definitions first, and of each its builds, loads, applies and waits in turn.
pub(super) fn groups(definitions: &[&Definition], tasks: &[Task]) -> Vec<Vec<TaskId>> {
    let mut sorted: Vec<&Definition> = Vec::new();
    let mut open: Vec<&Definition> = definitions.to_vec();
    while !open.is_empty() {
        let names: BTreeSet<&Name> = open.iter().map(|d| &d.name).collect();
        let at = open.iter().position(|d| d.needs.iter().all(|n| *n == d.name || !names.contains(n))).unwrap_or(0);
        sorted.push(open.remove(at));
    }
    let mut seen = BTreeSet::new();
    sorted.into_iter().map(|d| script(d, tasks, &mut seen)).collect()
}

fn script(definition: &Definition, tasks: &[Task], seen: &mut BTreeSet<TaskId>) -> Vec<TaskId> {
    let mut ids = vec![TaskId::new("build", format_args!("cargo/{}", definition.name))];
    ids.extend(definition.images.iter().map(|i| TaskId::new("image", &i.name)));
    let by_id: BTreeMap<&TaskId, &Task> = tasks.iter().map(|t| (&t.id, t)).collect();
    for part in &definition.parts {
        let apply = TaskId::apply(&definition.name, &part.name);
        let loads = by_id.get(&apply).map(|t| t.needs.clone()).unwrap_or_default();
        for load in loads.into_iter().filter(|n| n.0.starts_with("load:")) {
            let made = by_id.get(&load).map(|t| t.needs.clone()).unwrap_or_default();
            ids.extend(made.into_iter().filter(|n| n.0.starts_with("obtain:")));
            ids.push(load);
        }
        ids.push(apply);
        ids.push(TaskId::ready(&definition.name, &part.name));
    }
    ids.extend(definition.checks.iter().map(|c| TaskId::new("check", format_args!("{}{}", c.port, c.path))));
    ids.retain(|id| by_id.contains_key(id) && seen.insert(id.clone()));
    ids
}
