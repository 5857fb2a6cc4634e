//! Ports of the host and of the node: nothing wants one that another has.

use std::collections::HashMap;

use crate::catalog::{
    Scheme,
    find::Reading,
    problem::Problem,
    raw::{RawDefinition, RawPort},
    source::Located,
};

/// Two that want one port, and checks of ports that there are not.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let ports: Vec<&RawPort> = reading.definitions.iter().flat_map(|d| &d.ports).collect();
    let mut problems = alike("host port", &ports, |p| &p.host_port);
    problems.extend(alike("node port", &ports, |p| &p.node_port));
    problems.extend(reading.definitions.iter().flat_map(checks));
    problems
}

fn alike<'a>(what: &str, ports: &[&'a RawPort], number: impl Fn(&'a RawPort) -> &'a Located<u16>) -> Vec<Problem> {
    let mut seen: HashMap<u16, &RawPort> = HashMap::new();
    let mut problems = Vec::new();
    for port in ports {
        let wanted = number(port);
        if let Some(first) = seen.get(&wanted.value) {
            let message = format!("{what} {} is wanted by `{}` too", wanted.value, first.name.value);
            problems.push(Problem::new(wanted.at.clone(), message).other(number(first).at.clone(), "here"));
        } else {
            seen.insert(wanted.value, port);
        }
    }
    problems
}

fn checks(definition: &RawDefinition) -> Vec<Problem> {
    let mut problems = Vec::new();
    for check in &definition.checks {
        let name = &check.port.value;
        match definition.ports.iter().find(|p| p.name.value == *name) {
            Some(port) if port.scheme == Scheme::Http => {}
            Some(_) => {
                let message = format!("port `{name}` does not speak HTTP, so it cannot be checked");
                problems.push(Problem::new(check.port.at.clone(), message));
            }
            None => {
                let message = format!("`{}` has no port `{name}`", definition.id);
                let known = definition.ports.iter().map(|p| p.name.value.as_str());
                problems.push(Problem::new(check.port.at.clone(), message).suggest(name, known));
            }
        }
    }
    problems
}
