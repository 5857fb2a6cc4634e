//! `build-in-sequence`: images built one after another.

use super::runs::{At, names, runs, varying};
use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::reason::{Reason, Scene};
use crate::steps::{Item, Step};

pub(super) const RULE: Rule = Rule {
    id: "build-in-sequence",
    severity: Severity::Warning,
    summary: "images built one after another",
    check: Check::Function(check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() {
        return findings;
    }
    let source = &scene.file.source;
    scene.steps.visit(None, &mut |sequence, around| {
        let member = |step: &Step| step.meaning.kind.builds();
        for run in runs(scene, &sequence.items, &member, &|_: &Item| false, &|first, second| apart(scene, first, second)) {
            let (first, late) = (run[0], run[1]);
            let message = format!("{} build images that do not need each other, one after another", names(&run));
            let help = "build them at the same time, within a budget of CPU and memory, or by one build that makes all of them".to_owned();
            let mut finding = Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(late.0.span), message, help)
                .with_related(source.first_line(first.0.span), "built first, and not used by the next");
            for (item, _) in &run[2..] {
                finding = finding.with_related(source.first_line(item.span), "built after that");
            }
            findings.push(finding);
        }
        if let Some((looped, round)) = around.filter(|(looped, _)| looped.each)
            && let Some((item, step)) = varying(&looped.inner.items, round, &member)
        {
            let message = format!("this loop builds one image after another with `{}`", step.meaning.label);
            let help = "build them at the same time, within a budget of CPU and memory".to_owned();
            findings.push(
                Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(item.span), message, help)
                    .with_related(source.first_line(looped.head), "the loop"),
            );
        }
    });
    findings
}

/// Two images are two when they are called differently: `gateway` and `gateway-tests` share a word and nothing else.
fn apart(scene: &Scene, first: At, second: At) -> bool {
    let differ = !first.1.words.is_empty() && first.1.words != second.1.words;
    match scene.reason(first, second) {
        Some(Reason::Unknown | Reason::Foundation) => differ,
        Some(Reason::Same) => differ && first.1.meaning.subject != second.1.meaning.subject,
        _ => false,
    }
}
