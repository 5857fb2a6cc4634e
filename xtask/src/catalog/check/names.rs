//! Names: of directories, and unique where they must be.

use std::collections::HashMap;

use crate::catalog::{
    find::Reading,
    problem::Problem,
    source::{At, Located},
};

/// Names that are not their directory's, or stand twice.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let definitions = &reading.definitions;
    let images = &reading.third_party;
    let mut problems = Vec::new();
    for (id, name) in definitions.iter().map(|d| (&d.id, &d.name)).chain(images.iter().map(|i| (&i.id, &i.name))) {
        if let Some(name) = name.as_ref().filter(|name| name.value != *id) {
            let message = format!("this is named `{}`, but its directory `{id}`", name.value);
            problems.push(Problem::new(name.at.clone(), message).help("name both alike"));
        }
    }
    problems.extend(twice("definition", definitions.iter().map(|d| (d.id.as_str(), &d.at))));
    problems.extend(twice("port", definitions.iter().flat_map(|d| &d.ports).map(|p| named(&p.name))));
    let own = definitions.iter().flat_map(|d| &d.images).map(|i| named(&i.name));
    problems.extend(twice("image", images.iter().filter_map(|i| i.name.as_ref()).map(named).chain(own)));
    for definition in definitions {
        problems.extend(twice("part", definition.parts.iter().map(|p| named(&p.name))));
    }
    problems
}

fn named(name: &Located<String>) -> (&str, &At) {
    (&name.value, &name.at)
}

fn twice<'a>(what: &str, all: impl Iterator<Item = (&'a str, &'a At)>) -> Vec<Problem> {
    let mut seen: HashMap<&str, &At> = HashMap::new();
    let mut problems = Vec::new();
    for (name, at) in all {
        if let Some(first) = seen.get(name) {
            let problem = Problem::new(at.clone(), format!("there are two {what}s named `{name}`"));
            problems.push(problem.other((*first).clone(), "the other one"));
        } else {
            seen.insert(name, at);
        }
    }
    problems
}
