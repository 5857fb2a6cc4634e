//! What a script would do, one thing after the other: the order of the sequential mode.

use std::collections::{BTreeMap, BTreeSet};

use super::{Task, TaskId};
use crate::catalog::{Definition, Name, Part};

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

/// The parts of a definition, each after those that it is applied after.
fn in_order<'d>(definition: &'d Definition, tasks: &BTreeMap<&TaskId, &Task>) -> Vec<&'d Part> {
    let mut open: Vec<&Part> = definition.parts.iter().collect();
    let mut sorted = Vec::new();
    while !open.is_empty() {
        let waits_for = |part: &Part, other: &Part| {
            let of_other = [TaskId::apply, TaskId::ready].map(|id| id(&definition.name, &other.name));
            let apply = tasks.get(&TaskId::apply(&definition.name, &part.name));
            part.name != other.name && apply.is_some_and(|t| of_other.iter().any(|id| t.needs.contains(id)))
        };
        let at = open.iter().position(|part| !open.iter().any(|other| waits_for(part, other))).unwrap_or(0);
        sorted.push(open.remove(at));
    }
    sorted
}

fn script(definition: &Definition, tasks: &[Task], seen: &mut BTreeSet<TaskId>) -> Vec<TaskId> {
    let mut ids = vec![TaskId::new("build", format_args!("cargo/{}", definition.name))];
    ids.extend(definition.images.iter().map(|i| TaskId::new("image", &i.name)));
    let by_id: BTreeMap<&TaskId, &Task> = tasks.iter().map(|t| (&t.id, t)).collect();
    for part in in_order(definition, &by_id) {
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

#[cfg(test)]
mod tests {
    use crate::{
        catalog::{
            Name,
            tests::workspace::{WEB, Workspace},
        },
        plan::{Mode, Observed, Scope, Selection, plan},
    };

    #[test]
    fn a_script_does_first_what_a_part_is_applied_after() {
        let first = "parts:\n  - {name: first, manifests: [deploy/map.yaml], after: [server]}";
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\n";
        let workspace = Workspace::sound().file("services/web/e2e.yaml", &WEB.replace("parts:", first));
        let catalog = workspace.file("services/web/deploy/map.yaml", map).load();
        let roots = vec![Name::new("web")];
        let selection = Selection { roots, mode: Mode::Sequential, given: [].into(), scope: Scope::Cluster };
        let plan = plan(&catalog, &selection, &Observed::default()).unwrap();
        let at = |id: &str| plan.tasks.iter().position(|t| t.id.0 == id).unwrap();
        assert!(at("ready:web/server") < at("apply:web/first"));
    }
}
