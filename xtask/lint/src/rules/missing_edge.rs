//! `missing-edge` in code: a migration started beside its database or its consumer.

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
    findings
}

/// Workers launched together, one of which migrates and another deploys.
fn beside(scene: &Scene, sequence: &Sequence) -> Vec<Finding> {
    let source = &scene.file.source;
    let mut findings = Vec::new();
    for group in together(sequence) {
        let does = |spawned: &Spawned, kind: Kind| spawned.inner.any(|step| step.meaning.kind == kind);
        // A worker that migrates and then deploys has the consumer behind it.
        let alone = |spawned: &Spawned| does(spawned, Kind::Migrate) && !does(spawned, Kind::Deploy);
        let Some((migration, _)) = group.iter().find(|(_, spawned)| alone(spawned)) else { continue };
        let consumers: Vec<&Item> = group
            .iter()
            .filter(|(item, spawned)| {
                item.id != migration.id && !does(spawned, Kind::Migrate) && !spawned.needs.contains(&migration.id)
            })
            .filter(|(_, spawned)| spawned.inner.any(|step| matches!(step.meaning.kind, Kind::Deploy | Kind::Apply)))
            .map(|(item, spawned)| deploying(spawned).unwrap_or(item))
            .collect();
        let Some(first) = consumers.first() else { continue };
        let message = "this migration is started beside deploys that may need the schema: a consumer that is faster finds no tables".to_owned();
        let help =
            "run the migration after its database is ready and before its consumers, and everything else beside it"
                .to_owned();
        let mut finding =
            Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(migration.span), message, help)
                .with_related(source.first_line(first.span), "started at the same time");
        for item in &consumers[1..] {
            finding = finding.with_related(source.first_line(item.span), "and this");
        }
        findings.push(finding);
    }
    findings
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
            What::Step(_) | What::Loop(_) => {}
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}
