//! `slow-probe`: a readiness probe that is asked too seldom.

use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    id: "slow-probe",
    severity: Severity::Note,
    summary: "a readiness probe that costs seconds in every set-up",
    check: Check::World(check),
};

/// The period when nothing is said.
const DEFAULT: u32 = 10;
/// Longer than this is felt in every run.
const SLOW: u32 = 5;

fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in world.objects.iter().filter(|object| object.for_tests()) {
        for container in object.containers() {
            let Some((key, probe)) = container.entry("readinessProbe") else { continue };
            // A startup probe that is asked often lets the readiness probe's first answer come soon enough.
            let number = |field: &str| probe.text_at(&[field]).and_then(|text| text.parse::<u32>().ok());
            let period = number("periodSeconds").unwrap_or(DEFAULT);
            let delay = number("initialDelaySeconds").unwrap_or(0);
            let asked = container.text_at(&["startupProbe", "periodSeconds"]).and_then(|text| text.parse::<u32>().ok());
            let starts_fast = asked.is_some_and(|period| period < SLOW) && delay < SLOW;
            if starts_fast || (period < SLOW && delay < SLOW) {
                continue;
            }
            let worst = period.max(delay);
            let span =
                probe.entry("periodSeconds").filter(|_| period >= SLOW).map_or(key.span, |(field, _)| field.span);
            let message = format!(
                "this pod is ready up to {worst} s before the probe notices, and everything that waits for it waits as long"
            );
            let help = "probe each second while it starts: periodSeconds: 1, no initialDelaySeconds".to_owned();
            findings.push(Finding::new(RULE.id, RULE.severity, &object.file.source.path, span, message, help));
        }
    }
    findings
}
