//! That a definition's ports are those of the Services in its manifests.

use std::collections::HashMap;

use crate::catalog::{
    cursor::Cursor,
    find::Reading,
    problem::Problem,
    raw::{RawDefinition, RawPort},
    source::At,
};

/// Ports that no Service has as they are told, and node ports that two Services have.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    if reading.unread > 0 {
        return Vec::new();
    }
    let mut problems = node_ports(reading);
    for definition in &reading.definitions {
        problems.extend(definition.ports.iter().filter_map(|port| port_problem(definition, port)));
    }
    problems
}

fn services(definition: &RawDefinition) -> impl Iterator<Item = Cursor<'_>> {
    let objects = definition.parts.iter().flat_map(|p| &p.objects);
    objects.map(|o| o.cursor()).filter(|c| c.text_of("kind").is_some_and(|k| k.value == "Service"))
}

fn name(service: &Cursor<'_>) -> Option<String> {
    Some(service.walk(&["metadata", "name"])?.text()?.value)
}

fn ports<'n>(service: &Cursor<'n>) -> Vec<Cursor<'n>> {
    service.get("spec").map(|spec| spec.list("ports")).unwrap_or_default()
}

fn port_problem(definition: &RawDefinition, port: &RawPort) -> Option<Problem> {
    let wanted = port.service.value.as_str();
    let Some(service) = services(definition).find(|s| name(s).as_deref() == Some(wanted)) else {
        let message = format!("no manifest of `{}` has a Service `{wanted}`", definition.id);
        let known: Vec<String> = services(definition).filter_map(|s| name(&s)).collect();
        return Some(Problem::new(port.service.at.clone(), message).suggest(wanted, known.iter().map(String::as_str)));
    };
    let kind = service.walk(&["spec", "type"]).and_then(|t| t.text());
    if kind.as_ref().is_none_or(|kind| kind.value != "NodePort") {
        let at = kind.map_or_else(|| service.at(), |kind| kind.at);
        let problem =
            Problem::new(at, format!("Service `{wanted}` is not of type NodePort, so the host cannot reach it"));
        return Some(problem.other(port.service.at.clone(), "wanted here"));
    }
    let number = |c: &Cursor<'_>, key| c.number_of::<u16>(key);
    let ports = ports(&service);
    let Some(found) = ports.iter().find(|c| number(c, "port").is_some_and(|n| n.value == port.port.value)) else {
        let known: Vec<String> = ports.iter().filter_map(|c| number(c, "port")).map(|n| n.value.to_string()).collect();
        let message = format!("Service `{wanted}` has no port {}", port.port.value);
        return Some(Problem::new(port.port.at.clone(), message).help(format!("it has {}", known.join(", "))));
    };
    match number(found, "nodePort") {
        Some(node_port) if node_port.value == port.node_port.value => None,
        Some(node_port) => {
            let message =
                format!("node_port is {}, but the Service's nodePort {}", port.node_port.value, node_port.value);
            Some(Problem::new(port.node_port.at.clone(), message).other(node_port.at, "the Service's"))
        }
        None => {
            let message = format!("port {} of Service `{wanted}` has no nodePort", port.port.value);
            let problem = Problem::new(found.at(), message).help(format!("write nodePort: {}", port.node_port.value));
            Some(problem.other(port.node_port.at.clone(), "wanted here"))
        }
    }
}

/// Also Services that no definition tells of can clash: the second one would be refused when it is applied.
fn node_ports(reading: &Reading) -> Vec<Problem> {
    let mut seen: HashMap<u16, At> = HashMap::new();
    let mut problems = Vec::new();
    for service in reading.definitions.iter().flat_map(services) {
        for port in ports(&service).iter().filter_map(|c| c.number_of::<u16>("nodePort")) {
            if let Some(first) = seen.get(&port.value) {
                let message = format!("another Service has nodePort {} already", port.value);
                problems.push(Problem::new(port.at.clone(), message).other(first.clone(), "here"));
            } else {
                seen.insert(port.value, port.at);
            }
        }
    }
    problems
}
