//! `duplicate-node-port`: two Services of one cluster want one port of the node.

use super::{Check, Rule};
use crate::finding::{Finding, Place, Severity};
use crate::front::yaml::Yaml;
use crate::world::{Object, World, directory};

pub(super) const RULE: Rule = Rule {
    id: "duplicate-node-port",
    severity: Severity::Error,
    summary: "two Services want one port of the node",
    check: Check::World(check),
};

fn check(world: &World) -> Vec<Finding> {
    let ports: Vec<(&Object, &Yaml)> =
        world.objects.iter().flat_map(|object| node_ports(object).map(move |port| (object, port))).collect();
    let mut findings = Vec::new();
    for (at, (object, port)) in ports.iter().enumerate() {
        let first = ports[..at].iter().find(|(other, taken)| taken.text() == port.text() && one_cluster(object, other));
        if let Some((other, taken)) = first {
            let number = port.text().unwrap_or_default();
            let message = format!(
                "node port {number} of Service `{}` belongs to `{}` already: the second one is refused",
                object.name(),
                other.name()
            );
            let help = "give each Service of a cluster a port of its own".to_owned();
            let place = Place { file: other.file.source.path.clone(), span: taken.span };
            findings.push(
                Finding::new(RULE.id, RULE.severity, &object.file.source.path, port.span, message, help)
                    .with_elsewhere(place, "taken here"),
            );
        }
    }
    findings
}

/// The node ports that a Service asks for.
pub(super) fn node_ports<'a>(object: &Object<'a>) -> impl Iterator<Item = &'a Yaml> {
    let ports = if object.kind == "Service" { object.document.items_at(&["spec", "ports"]) } else { &[] };
    let known = |port: &&Yaml| port.text().is_some_and(|text| text.parse::<u16>().is_ok());
    ports.iter().filter_map(|port| port.get("nodePort")).filter(known)
}

/// Definitions share a cluster; other manifests do when they lie together. One Service may be written twice (overlays).
fn one_cluster(one: &Object, other: &Object) -> bool {
    let defined = one.owner.is_some() && other.owner.is_some();
    let near = directory(&one.file.source.path) == directory(&other.file.source.path);
    (defined || near) && one.name() != other.name()
}
