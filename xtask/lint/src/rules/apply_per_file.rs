//! `apply-per-file`: manifests applied one at a time.

use super::runs::{At, names, runs, segments, varying, waits};
use super::{Check, Rule};
use crate::classify::Kind;
use crate::finding::{Finding, Severity};
use crate::reason::{Reason, Scene};
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
    let is_file = |step: &Step| (member(step) || step.meaning.kind == Kind::Prepare) && names_file(step);
    scene.steps.visit(None, &mut |sequence, around| {
        for segment in segments(sequence) {
            for run in runs(scene, segment, &is_file, &parts, &|first, second| in_order(scene, first, second)) {
                let heavy = run.iter().filter(|(_, step)| step.meaning.kind == Kind::Apply).count();
                if heavy == 0 && run.len() < 3 {
                    continue; // Two objects that are there at once are hardly worth a word.
                }
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
    waits(item) || item.step().is_some_and(|step| !names_file(step))
}

/// Whether a step applies something that another command could name, too; what comes through a pipe it cannot.
fn names_file(step: &Step) -> bool {
    let piped = step.words.iter().any(|word| matches!(word.as_str(), "-" | "-f-" | "--filename=-" | "/dev/stdin"));
    (step.meaning.kind == Kind::Apply || is_apply(step)) && !piped
}

/// One command applies its files in their order, so that they may well need each other; but it has one namespace and one
/// cluster, takes no value that comes between, and knows a custom resource only if its definition was there before.
fn in_order(scene: &Scene, first: At, second: At) -> bool {
    let defines = ["operator", "operators", "crd", "crds"].iter().any(|word| first.1.meaning.subject.has(word))
        || first.1.words.iter().any(|word| word.to_lowercase().contains("crd"));
    let is_light = |step: &Step| step.meaning.kind == Kind::Prepare;
    if defines && !(is_light(first.1) && is_light(second.1)) {
        return false;
    }
    let by_name = matches!(
        scene.reason(first, second),
        Some(Reason::Unknown | Reason::Same | Reason::Foundation | Reason::Operator)
    );
    by_name && first.1.words != second.1.words && target(first.1) == target(second.1)
}

/// Where a command applies to, as far as its flags say.
fn target(step: &Step) -> Vec<&str> {
    let flags = ["-n", "--namespace", "--kubeconfig", "--context"];
    let words = step.words.iter().enumerate().filter_map(|(at, word)| {
        let after = at.checked_sub(1).and_then(|before| step.words.get(before));
        let is_value = after.is_some_and(|flag| flags.contains(&flag.as_str()));
        let has_value = flags.iter().any(|flag| word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')));
        (is_value || has_value).then_some(word.as_str())
    });
    words.collect()
}

fn is_apply(step: &Step) -> bool {
    step.words.iter().any(|word| word == "apply")
        && step.words.iter().any(|word| word == "-f" || word.starts_with("--filename"))
}
