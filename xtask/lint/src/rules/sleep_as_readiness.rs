//! `sleep-as-readiness`: a fixed time instead of a condition.

use super::between::acts;
use super::{Check, Rule};
use crate::classify::Kind;
use crate::finding::{Finding, Severity};
use crate::ir::Launch;
use crate::reason::Scene;
use crate::source::{Language, Span};
use crate::steps::{Item, What};

pub(super) const RULE: Rule = Rule {
    id: "sleep-as-readiness",
    severity: Severity::Warning,
    summary: "a fixed sleep where something should become ready",
    check: Check::Function(check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() {
        return findings;
    }
    let source = &scene.file.source;
    scene.steps.visit(None, &mut |sequence, around| {
        if around.is_some_and(|(looped, _)| !looped.each) {
            return; // A loop that sleeps between questions asks for a condition.
        }
        for (at, item) in sequence.items.iter().enumerate() {
            let Some(step) = item.step().filter(|step| step.meaning.kind == Kind::Sleep) else { continue };
            let Some(cause) = sequence.items[..at].iter().rfind(|item| starts(item) || stops(item)).filter(|item| starts(item)) else { continue };
            if scene.is_case() && (sequence.items[..at].last().is_none_or(|last| last.id != cause.id) || !deploys(cause)) {
                continue;
            }
            if done_between(scene, cause, item) {
                continue;
            }
            if short(source.slice(step_span(item))) || !cause.together(item) {
                continue;
            }
            let message = format!("`{}` waits a fixed time for something to become ready: too long on a fast machine, too short on a slow one", source.slice(source.first_line(item.span)).trim());
            let help = "wait for the condition itself (`kubectl wait --for=condition=...`, a watch, a probe of the endpoint) with a deadline".to_owned();
            let finding = Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(item.span), message, help)
                .with_related(source.first_line(cause.span), "after this");
            let _ = step;
            findings.push(finding);
        }
    });
    findings
}

const fn step_span(item: &Item) -> crate::source::Span {
    item.span
}

/// Steps after which something has to become ready.
fn starts(item: &Item) -> bool {
    match &item.what {
        What::Step(step) => {
            let kind = step.meaning.kind;
            kind.deploys()
                || matches!(kind, Kind::Cluster | Kind::Prepare)
                || (kind == Kind::Use && step.words.iter().any(|word| word.contains("port-forward")))
        }
        What::Spawn(spawned) => spawned.launch == Launch::Process,
        What::Loop(looped) => looped.inner.items.iter().any(starts),
        What::Join(_) => false,
    }
}

fn deploys(item: &Item) -> bool {
    item.step().is_some_and(|step| step.meaning.kind.deploys() && step.meaning.kind != Kind::Create)
}

/// Steps after which something has to go away.
fn stops(item: &Item) -> bool {
    item.step().is_some_and(|step| matches!(step.meaning.kind, Kind::Remove | Kind::Use))
}

/// Whether more is done between a start and a sleep: then the sleep may be about that. A script's commands are steps.
fn done_between(scene: &Scene, cause: &Item, sleep: &Item) -> bool {
    let between = Span { start: cause.span.end, end: sleep.span.start.max(cause.span.end) };
    scene.file.source.language != Language::Shell && acts(scene.function, between, &[])
}

/// Less than a second is no wait for readiness.
fn short(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("millisecond")
        || lower.contains("microsecond")
        || lower.contains("_millis")
        || lower.trim() == "sleep 0"
        || lower.trim() == "sleep infinity"
        || lower.starts_with("sleep 0.")
}
