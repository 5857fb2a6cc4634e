//! `wait-per-service`: one wait after another, each for one service.

use super::runs::{names, varying};
use super::{Check, Rule};
use crate::classify::Kind;
use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::steps::{Item, Sequence, Step};

pub(super) const RULE: Rule = Rule {
    id: "wait-per-service",
    severity: Severity::Note,
    summary: "one wait a service, one after another",
    check: Check::Function(check),
};

/// Two waits in a row are often two questions about one thing; three are a list.
const LEAST: usize = 3;
const HELP: &str = "wait once for all of them (`kubectl wait` takes many objects, one watch sees every kind), with one deadline: the first hopeless one then ends the wait";

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() || scene.is_case() {
        return findings;
    }
    let source = &scene.file.source;
    scene.steps.visit(None, &mut |sequence, around| {
        findings.extend(straight(scene, sequence));
        if let Some((looped, round)) = around.filter(|(looped, _)| looped.each)
            && !looped.inner.any(|step| step.meaning.kind.is_setup() || step.meaning.kind == Kind::Remove)
            && let Some((item, step)) = varying(&looped.inner.items, round, &|step| step.meaning.kind == Kind::Wait)
        {
            let message = format!("this loop waits for one service after another with `{}`", step.meaning.label);
            findings.push(
                Finding::new(
                    RULE.id,
                    RULE.severity,
                    &source.path,
                    source.first_line(item.span),
                    message,
                    HELP.to_owned(),
                )
                .with_related(source.first_line(looped.head), "the loop"),
            );
        }
    });
    findings
}

fn straight(scene: &Scene, sequence: &Sequence) -> Vec<Finding> {
    let source = &scene.file.source;
    let is_wait = |item: &Item| {
        item.step().is_some_and(|step| step.meaning.kind == Kind::Wait && !step.meaning.subject.is_unknown())
    };
    let mut findings = Vec::new();
    for group in sequence.items.chunk_by(|one, two| is_wait(one) && is_wait(two)) {
        let mut seen: Vec<(&Item, &Step)> = Vec::new();
        for item in group.iter().filter(|item| is_wait(item)) {
            let Some(step) = item.step() else { continue };
            if !seen.iter().any(|(_, other)| other.meaning.subject.overlaps(&step.meaning.subject)) {
                seen.push((item, step));
            }
        }
        if seen.len() < LEAST {
            continue;
        }
        let message = format!("{} wait for one service after another", names(&seen));
        let mut finding = Finding::new(
            RULE.id,
            RULE.severity,
            &source.path,
            source.first_line(seen[1].0.span),
            message,
            HELP.to_owned(),
        )
        .with_related(source.first_line(seen[0].0.span), "the first wait");
        for (item, _) in &seen[2..] {
            finding = finding.with_related(source.first_line(item.span), "and another");
        }
        findings.push(finding);
    }
    findings
}
