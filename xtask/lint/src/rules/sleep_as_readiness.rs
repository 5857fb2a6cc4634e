//! `sleep-as-readiness`: a fixed time instead of a condition.

use super::between::acts;
use super::{Check, Rule};
use crate::classify::Kind;
use crate::classify::subject::split;
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
    scene.steps.visit(None, &mut |sequence, around| {
        if around.is_some_and(|(looped, _)| !looped.each) {
            return; // A loop that sleeps between questions asks for a condition.
        }
        for (at, item) in sequence.items.iter().enumerate() {
            let sleeps = item.step().is_some_and(|step| step.meaning.kind == Kind::Sleep);
            if !sleeps || short(scene.file.source.slice(item.span)) {
                continue;
            }
            let cause = scene.sets_up().then(|| cause(scene, &sequence.items[..at], item)).flatten();
            if cause.is_some() || says_so(scene, item) {
                findings.push(finding(scene, item, cause));
            }
        }
    });
    findings
}

/// What was started right before, and has to become ready.
fn cause<'a>(scene: &Scene, before: &'a [Item], sleep: &Item) -> Option<&'a Item> {
    let cause = before.iter().rfind(|item| starts(item) || stops(item)).filter(|item| starts(item))?;
    let apart = before.last().is_none_or(|last| last.id != cause.id);
    if scene.is_case() && (apart || !deploys(cause) && !forwards(cause)) {
        return None;
    }
    (cause.together(sleep) && !done_between(scene, cause, sleep)).then_some(cause)
}

/// Whether what is written or printed right above the sleep calls it a wait for something to become ready.
fn says_so(scene: &Scene, sleep: &Item) -> bool {
    let script = scene.file.source.language == Language::Shell
        && ["kubectl", "helm"].iter().any(|program| scene.file.source.text.contains(program));
    let in_cluster = script || scene.steps.any(|step| step.meaning.kind != Kind::Sleep);
    in_cluster && !scene.is_case() && scene.file.words_above(sleep.span).any(is_wait)
}

/// "Waiting for the API to be ready", "give the webhook time to start": first the wait, then what becomes of it.
fn is_wait(text: &str) -> bool {
    let words = split(text);
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let Some(wait) = words.iter().position(|word| is(word, WAITS)) else { return false };
    let behind = &words[wait + 1..];
    behind.iter().any(|word| is(word, BECOMES) || STEMS.iter().any(|stem| word.starts_with(stem)))
        && !words.iter().any(|word| is(word, OTHERWISE) || is(word, GOES))
        && behind.first().is_none_or(|next| next != "up")
}

const WAITS: &[&str] = &["wait", "waits", "waiting", "await", "awaiting", "give", "giving", "allow", "allowing", "let"];

/// Words of what becomes ready.
const BECOMES: &[&str] = &[
    "ready",
    "readiness",
    "up",
    "start",
    "starts",
    "started",
    "come",
    "comes",
    "coming",
    "available",
    "health",
    "healthy",
    "running",
    "settle",
    "settled",
    "boot",
    "booted",
    "listen",
    "listening",
    "effect",
];
const STEMS: &[&str] = &["initiali", "stabili", "establish", "reconcil", "regist", "provision", "propagat"];

/// Words of pauses that are meant as they are.
const OTHERWISE: &[&str] =
    &["not", "nothing", "between", "rate", "limit", "upload", "traffic", "soak", "abort", "before", "grace"];

/// Words of what goes away, or is asked again.
const GOES: &[&str] = &[
    "retry",
    "retries",
    "retrying",
    "backoff",
    "terminate",
    "terminated",
    "terminating",
    "termination",
    "delete",
    "deleted",
    "deleting",
    "deletion",
    "gone",
    "shutdown",
    "stop",
    "stopped",
    "remove",
    "removed",
    "removal",
    "expire",
    "expired",
    "again",
    "cleanup",
    "cleaned",
];

fn finding(scene: &Scene, sleep: &Item, cause: Option<&Item>) -> Finding {
    let source = &scene.file.source;
    let line = source.first_line(sleep.span);
    let message = format!(
        "`{}` waits a fixed time for something to become ready: too long on a fast machine, too short on a slow one",
        source.slice(line).trim()
    );
    let help = "wait for the condition itself (`kubectl wait --for=condition=...`, a watch, a probe of the endpoint) with a deadline".to_owned();
    let finding = Finding::new(RULE.id, RULE.severity, &source.path, line, message, help);
    match cause {
        Some(cause) => finding.with_related(source.first_line(cause.span), "after this"),
        None => finding,
    }
}

/// Steps after which something has to become ready.
fn starts(item: &Item) -> bool {
    match &item.what {
        What::Step(step) => {
            let kind = step.meaning.kind;
            kind.deploys() || matches!(kind, Kind::Cluster | Kind::Prepare) || forwards(item)
        }
        What::Spawn(spawned) => spawned.launch == Launch::Process,
        What::Loop(looped) => looped.inner.items.iter().any(starts),
        What::Join(_) => false,
    }
}

/// A forwarded port is there a moment after its program was started.
fn forwards(item: &Item) -> bool {
    item.step().is_some_and(|step| {
        step.meaning.kind == Kind::Use
            && (step.words.iter().any(|word| word.contains("port-forward"))
                || split(&step.meaning.label).iter().any(|word| word == "portforward"))
    })
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
