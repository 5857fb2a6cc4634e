//! `missing-edge` in code: a migration, a CRD, a namespace or a webhook that is started beside its consumer.

use super::{Check, Rule};
use crate::classify::Kind;
use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::steps::{Item, Sequence, Spawned, What};

pub(super) const RULE: Rule = Rule {
    id: "missing-edge",
    severity: Severity::Error,
    summary: "a consumer of a schema, CRD, namespace or webhook that does not wait for it",
    check: Check::Both(check, super::missing_edge_manifests::check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() {
        return findings;
    }
    scene.steps.visit(None, &mut |sequence, _| findings.extend(beside(scene, sequence)));
    findings.extend(super::missing_edge_objects::at_once(scene));
    findings
}

/// Workers launched together, one of which provides what another one needs.
fn beside(scene: &Scene, sequence: &Sequence) -> Vec<Finding> {
    let mut findings = Vec::new();
    for group in together(sequence) {
        findings.extend(migrations(scene, &group));
        findings.extend(super::missing_edge_objects::check(scene, &group));
    }
    findings
}

/// A worker that migrates, and others that deploy.
fn migrations(scene: &Scene, group: &[(&Item, &Spawned)]) -> Option<Finding> {
    let does = |spawned: &Spawned, kind: Kind| spawned.inner.any(|step| step.meaning.kind == kind);
    // A worker that migrates and then deploys has the consumer behind it.
    let alone = |spawned: &Spawned| does(spawned, Kind::Migrate) && !does(spawned, Kind::Deploy);
    let (migration, _) = group.iter().find(|(_, spawned)| alone(spawned))?;
    let consumers: Vec<&Item> = group
        .iter()
        .filter(|(item, spawned)| {
            item.id != migration.id && !does(spawned, Kind::Migrate) && !spawned.needs.contains(&migration.id)
        })
        .filter(|(_, spawned)| spawned.inner.any(|step| matches!(step.meaning.kind, Kind::Deploy | Kind::Apply)))
        .map(|(item, spawned)| deploying(spawned).unwrap_or(item))
        .collect();
    let message =
        "this migration is started beside deploys that may need the schema: a consumer that is faster finds no tables"
            .to_owned();
    let help = "run the migration after its database is ready and before its consumers, and everything else beside it"
        .to_owned();
    unordered(scene, migration, &consumers, (message, help))
}

/// A finding at what provides, with those that it is started beside.
pub(super) fn unordered(
    scene: &Scene,
    provider: &Item,
    consumers: &[&Item],
    (message, help): (String, String),
) -> Option<Finding> {
    let (first, others) = consumers.split_first()?;
    let source = &scene.file.source;
    let place = source.first_line(provider.span);
    let mut finding = Finding::new(RULE.id, RULE.severity, &source.path, place, message, help)
        .with_related(source.first_line(first.span), "started at the same time");
    for item in others {
        finding = finding.with_related(source.first_line(item.span), "and this");
    }
    Some(finding)
}

/// The step that makes a worker a consumer.
fn deploying(spawned: &Spawned) -> Option<&Item> {
    let deploys =
        |item: &&Item| item.step().is_some_and(|step| matches!(step.meaning.kind, Kind::Deploy | Kind::Apply));
    spawned.inner.items.iter().find(deploys)
}

/// Groups of workers that are launched without anything being waited for in between.
fn together(sequence: &Sequence) -> Vec<Vec<(&Item, &Spawned)>> {
    let mut groups = vec![Vec::new()];
    for item in &sequence.items {
        match &item.what {
            What::Spawn(spawned) => {
                if let Some(group) = groups.last_mut() {
                    group.push((item, spawned));
                }
            }
            What::Join(_) => groups.push(Vec::new()),
            What::Step(step) if step.meaning.kind == Kind::Wait => groups.push(Vec::new()),
            What::Step(_) | What::Loop(_) => {}
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}
