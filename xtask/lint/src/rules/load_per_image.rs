//! `load-per-image`: images loaded into the cluster one at a time.

use super::runs::{At, names, runs, varying};
use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::reason::{Reason, Scene};
use crate::steps::{Item, Step};

pub(super) const RULE: Rule = Rule {
    id: "load-per-image",
    severity: Severity::Warning,
    summary: "images loaded into the cluster one at a time",
    check: Check::Function(check),
};

const HELP: &str = "load all images by one archive (`docker save a b c | kind load image-archive /dev/stdin`, or `kind load docker-image a b c`): shared layers go in once";

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() {
        return findings;
    }
    let source = &scene.file.source;
    scene.steps.visit(None, &mut |sequence, around| {
        let member = |step: &Step| step.meaning.kind.loads();
        for run in
            runs(scene, &sequence.items, &member, &|_: &Item| false, &|first, second| apart(scene, first, second))
        {
            let message = format!("{} load one image after another into the cluster", names(&run));
            let mut finding = Finding::new(
                RULE.id,
                RULE.severity,
                &source.path,
                source.first_line(run[1].0.span),
                message,
                HELP.to_owned(),
            )
            .with_related(source.first_line(run[0].0.span), "the first image");
            for (item, _) in &run[2..] {
                finding = finding.with_related(source.first_line(item.span), "and another");
            }
            findings.push(finding);
        }
        if let Some((looped, round)) = around.filter(|(looped, _)| looped.each)
            && let Some((item, step)) = varying(&looped.inner.items, round, &member)
        {
            let message = format!("this loop loads one image a round with `{}`", step.meaning.label);
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

/// One image never needs another one, whatever they are called, as long as they are two.
fn apart(scene: &Scene, first: At, second: At) -> bool {
    let by_name = matches!(
        scene.reason(first, second),
        Some(Reason::Unknown | Reason::Same | Reason::Foundation | Reason::Operator)
    );
    by_name && !first.1.words.is_empty() && first.1.words != second.1.words
}
