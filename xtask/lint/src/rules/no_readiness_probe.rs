//! `no-readiness-probe`: ready before it listens.

use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    id: "no-readiness-probe",
    severity: Severity::Warning,
    summary: "a server without a readiness probe is ready before it listens",
    check: Check::World(check),
};

fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    let servers = |kind: &str| matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet");
    for object in world.objects.iter().filter(|object| object.for_tests() && servers(object.kind)) {
        for container in object.containers() {
            if container.get("ports").is_none() || container.get("readinessProbe").is_some() {
                continue;
            }
            let name = container.text_at(&["name"]).unwrap_or("a container");
            let span = container.get("name").map_or(container.span, |name| name.span);
            let message =
                format!("`{name}` opens ports but has no readiness probe: it counts as ready before it listens");
            let help = "add a readinessProbe that asks the port".to_owned();
            findings.push(Finding::new(RULE.id, RULE.severity, &object.file.source.path, span, message, help));
        }
    }
    findings
}
