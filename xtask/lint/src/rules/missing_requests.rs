//! `missing-requests`: a container that the scheduler takes for free.

use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    id: "missing-requests",
    severity: Severity::Note,
    summary: "a container without resource requests",
    check: Check::World(check),
};

fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in world.objects.iter().filter(|object| object.for_tests()) {
        for container in object.containers() {
            let requests = container.at(&["resources", "requests"]);
            let limits = container.at(&["resources", "limits"]);
            if requests.is_some() || limits.is_some_and(|limits| limits.get("memory").is_some()) {
                continue;
            }
            let name = container.text_at(&["name"]).unwrap_or("a container");
            let span = container.get("name").map_or(container.span, |name| name.span);
            let message = format!(
                "`{name}` requests nothing: the scheduler takes it for free, and it is the first to be evicted"
            );
            let help = "add resources.requests with cpu and memory".to_owned();
            findings.push(Finding::new(RULE.id, RULE.severity, &object.file.source.path, span, message, help));
        }
    }
    findings
}
