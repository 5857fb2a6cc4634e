//! `apply-per-file`: manifests applied one at a time.

use super::runs::{names, runs, segments, varying, waits};
use super::{Check, Rule};
use crate::classify::Kind;
use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::steps::{Item, Step};

pub(super) const RULE: Rule = Rule {
    id: "apply-per-file",
    severity: Severity::Note,
    summary: "manifests applied one at a time",
    check: Check::Function(check),
};

const HELP: &str = "apply them at once: `kubectl apply -f a.yaml -f b.yaml`, `-f DIR` or `-k DIR`";

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() || scene.is_case() {
        return findings;
    }
    let source = &scene.file.source;
    let member = |step: &Step| step.meaning.kind == Kind::Apply;
    scene.steps.visit(None, &mut |sequence, around| {
        for segment in segments(sequence) {
            for run in runs(scene, segment, &member, &parts, &|_, _| false) {
                let all =
                    segment.iter().filter_map(|item| item.step()).filter(|step| step.meaning.kind == Kind::Deploy);
                if all.count() > 0
                    && runs(scene, segment, &|step| step.meaning.kind.deploys(), &waits, &|_, _| false)
                        .iter()
                        .any(|wide| wide.len() > run.len())
                {
                    continue; // `sequential-deploy` speaks of the whole run.
                }
                let message = format!("{} apply one file after another, and none needs the one before", names(&run));
                let mut finding = Finding::new(
                    RULE.id,
                    RULE.severity,
                    &source.path,
                    source.first_line(run[1].0.span),
                    message,
                    HELP.to_owned(),
                )
                .with_related(source.first_line(run[0].0.span), "applied first");
                for (item, _) in &run[2..] {
                    finding = finding.with_related(source.first_line(item.span), "applied after that");
                }
                findings.push(finding);
            }
        }
        if let Some((looped, round)) = around.filter(|(looped, _)| looped.each && !looped.inner.items.iter().any(waits))
            && let Some((item, step)) = varying(&looped.inner.items, round, &|step| {
                member(step) || step.meaning.kind == Kind::Prepare && is_apply(step)
            })
        {
            let message = format!("this loop applies one file a round with `{}`", step.meaning.label);
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

/// Only neighbours can become one command.
fn parts(item: &Item) -> bool {
    waits(item) || item.step().is_some_and(|step| step.meaning.kind != Kind::Apply)
}

fn is_apply(step: &Step) -> bool {
    step.words.iter().any(|word| word == "apply")
        && step.words.iter().any(|word| word == "-f" || word.starts_with("--filename"))
}
