//! The documents of manifests: Kubernetes objects, each of them once.

use std::collections::HashMap;

use crate::{
    catalog::{cursor::Cursor, find::Reading, problem::Problem, source::At},
    object::group,
};

/// What is no object, has a namespace of its own, or stands twice.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: HashMap<(String, String, String), At> = HashMap::new();
    let parts = reading.definitions.iter().flat_map(|d| &d.parts);
    for object in parts.flat_map(|p| &p.objects) {
        let cursor = object.cursor();
        let flaws = flaws(&cursor);
        problems.extend(flaws);
        let text = |keys: &[&str]| cursor.walk(keys).and_then(|c| c.text()).map(|t| t.value);
        let (Some(version), Some(kind)) = (text(&["apiVersion"]), text(&["kind"])) else { continue };
        let Some(name) = text(&["metadata", "name"]) else { continue };
        let message = format!("there are two objects {kind} `{name}`");
        let at = cursor.walk(&["metadata", "name"]).map_or_else(|| cursor.at(), |c| c.at());
        if let Some(first) = seen.get(&(group(&version).to_owned(), kind.clone(), name.clone())) {
            let problem = Problem::new(at, message).other(first.clone(), "the other one");
            let help = "an object belongs to one part; others name that part in `after`";
            problems.push(problem.help(help));
        } else {
            seen.insert((group(&version).to_owned(), kind, name), at);
        }
    }
    problems
}

fn flaws(object: &Cursor<'_>) -> Vec<Problem> {
    if !object.is_map() {
        return vec![Problem::new(object.at(), "this is no Kubernetes object")];
    }
    let mut problems = Vec::new();
    for keys in [&["apiVersion"][..], &["kind"], &["metadata", "name"]] {
        let text = object.walk(keys).and_then(|c| c.text());
        if text.is_none_or(|t| t.value.is_empty()) {
            problems.push(Problem::new(object.at(), format!("this object has no {}", keys.join("."))));
        }
    }
    if let Some(namespace) = object.walk(&["metadata", "namespace"]) {
        let problem =
            Problem::new(namespace.at(), "a manifest names no namespace: every object goes into that of the run");
        problems.push(problem.help("leave it out"));
    }
    if let Some(kind) = object.text_of("kind").filter(|k| k.value == "List") {
        let problem = Problem::new(kind.at, "a List is no object of its own");
        problems.push(problem.help("write its items as documents, with --- between them"));
    }
    problems
}
