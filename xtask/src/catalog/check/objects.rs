//! The documents of manifests: Kubernetes objects, each of them once.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::{
    catalog::{
        cursor::Cursor,
        find::Reading,
        problem::Problem,
        raw::{RawObject, RawPart},
        source::At,
    },
    object::group,
};

/// What is no object, has a namespace of its own, or stands twice.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let mut problems = Vec::new();
    for part in reading.definitions.iter().flat_map(|d| &d.parts) {
        problems.extend(too_early(part));
    }
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

/// Custom resources that are applied together with the definition of their kind, which the API server does not know yet.
fn too_early(part: &RawPart) -> Vec<Problem> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let definitions = part.objects.iter().map(|o| &o.value).filter(|v| v["kind"] == "CustomResourceDefinition");
    let kinds: BTreeSet<(String, String)> =
        definitions.map(|v| (text(&v["spec"]["group"]), text(&v["spec"]["names"]["kind"]))).collect();
    let here = |object: &&RawObject| {
        let version = text(&object.value["apiVersion"]);
        kinds.contains(&(group(&version).to_owned(), text(&object.value["kind"])))
    };
    let problem = |object: &RawObject| {
        let kind = text(&object.value["kind"]);
        let problem =
            Problem::new(object.cursor().at(), format!("the definition of the kind {kind} is in the same part"));
        problem.help("put this object into a part of its own, after that one")
    };
    part.objects.iter().filter(here).map(problem).collect()
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
