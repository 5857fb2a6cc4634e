//! `unmapped-node-port`: a node port that nobody outside the node can reach, or a mapping to no port.

use super::duplicate_node_port::node_ports;
use super::{Check, Rule};
use crate::finding::{Finding, Place, Severity};
use crate::package::Parsed;
use crate::world::{World, directory};

pub(super) const RULE: Rule = Rule {
    id: "unmapped-node-port",
    severity: Severity::Warning,
    summary: "a node port that the host does not map, or a mapping without a node port",
    check: Check::World(check),
};

fn check(world: &World) -> Vec<Finding> {
    let mut findings = definitions(world);
    findings.extend(clusters(world));
    findings
}

/// Ports of definitions against the Services that they apply.
fn definitions(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, definition) in world.definitions.iter().enumerate() {
        let own: Vec<_> =
            world.objects.iter().filter(|object| object.owner.is_some_and(|(owner, _)| owner == index)).collect();
        let declared = definition.document.items_at(&["ports"]);
        for object in &own {
            for port in node_ports(object) {
                if !declared.iter().any(|entry| entry.text_at(&["node_port"]) == port.text()) {
                    let message = format!(
                        "node port {} of Service `{}` is in no `ports` entry of its definition: nobody outside reaches it",
                        port.text().unwrap_or_default(),
                        object.name()
                    );
                    let help = "add a `ports` entry with this node_port, or make the Service a ClusterIP".to_owned();
                    let place = Place {
                        file: definition.file.source.path.clone(),
                        span: definition.document.get("name").map_or(definition.document.span, |name| name.span),
                    };
                    findings.push(
                        Finding::new(RULE.id, RULE.severity, &object.file.source.path, port.span, message, help)
                            .with_elsewhere(place, "the definition"),
                    );
                }
            }
        }
        for entry in declared {
            let Some(port) = entry.get("node_port") else { continue };
            if !own.is_empty() && !own.iter().any(|object| node_ports(object).any(|known| known.text() == port.text()))
            {
                let message =
                    format!("no Service of this definition has node port {}", port.text().unwrap_or_default());
                let help = "write the nodePort of the Service here".to_owned();
                findings.push(Finding::new(
                    RULE.id,
                    RULE.severity,
                    &definition.file.source.path,
                    port.span,
                    message,
                    help,
                ));
            }
        }
    }
    findings
}

/// kind configurations that map ports, against the Services that lie beside or below them.
fn clusters(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in world.objects.iter().filter(|object| object.owner.is_none()) {
        let here = directory(&object.file.source.path);
        let above = |file: &&Parsed| is_above(directory(&file.source.path), here);
        let nearest = world.clusters.iter().map(|(file, _)| *file).filter(above);
        let Some(nearest) = nearest.map(|file| directory(&file.source.path)).max_by_key(|path| path.len()) else {
            continue;
        };
        let mappings: Vec<_> = world
            .clusters
            .iter()
            .filter(|(file, _)| directory(&file.source.path) == nearest)
            .flat_map(|(file, document)| {
                let nodes = document.items_at(&["nodes"]).iter();
                nodes.flat_map(|node| node.items_at(&["extraPortMappings"])).map(|mapping| (*file, mapping))
            })
            .collect();
        let Some((file, first)) = mappings.first() else { continue };
        for port in node_ports(object) {
            if !mappings.iter().any(|(_, mapping)| mapping.text_at(&["containerPort"]) == port.text()) {
                let message = format!(
                    "node port {} of Service `{}` is not among the ports that the kind configuration maps",
                    port.text().unwrap_or_default(),
                    object.name()
                );
                let help = "add it to extraPortMappings, or make the Service a ClusterIP".to_owned();
                let place = Place { file: file.source.path.clone(), span: first.span };
                findings.push(
                    Finding::new(RULE.id, RULE.severity, &object.file.source.path, port.span, message, help)
                        .with_elsewhere(place, "mapped are only these"),
                );
            }
        }
    }
    findings
}

/// Whether a directory holds another one. The topmost holds what belongs to other clusters, too: there only what lies
/// beside counts.
fn is_above(directory: &str, other: &str) -> bool {
    directory == other
        || !directory.is_empty() && other.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
