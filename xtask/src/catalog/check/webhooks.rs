//! That no part has both a webhook configuration and the pods that serve it: what is applied together cannot be Ready one
//! before the other.

use serde_json::Value;

use crate::{
    catalog::{find::Reading, problem::Problem, raw::RawObject},
    object::{called_services, leads_to},
};

/// One problem for each such configuration.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let mut problems = Vec::new();
    for definition in &reading.definitions {
        let all = || definition.parts.iter().flat_map(|p| &p.objects).map(|o| &o.value);
        for part in &definition.parts {
            let serves = |name: &str| {
                let is_it = |o: &&Value| o["kind"] == "Service" && o["metadata"]["name"] == name;
                all().filter(is_it).any(|service| part.objects.iter().any(|o| leads_to(service, &o.value)))
            };
            problems.extend(part.objects.iter().filter_map(|object| {
                let called = called_services(&object.value).into_iter().find(|name| serves(name))?;
                Some(problem(object, called))
            }));
        }
    }
    problems
}

fn problem(configuration: &RawObject, called: &str) -> Problem {
    let message = format!("this calls Service `{called}`, whose pods are in the same part");
    let help = "put it into a part of its own, which is then applied when those pods are Ready";
    Problem::new(configuration.cursor().at(), message).help(help)
}
