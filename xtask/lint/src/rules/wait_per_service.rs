//! `wait-per-service`: one wait after another, each for one service.

use super::runs::{names, varying};
use super::{Check, Rule};
use crate::classify::Kind;
use crate::classify::subject::Tie;
use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::source::{Source, Span};
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
    if !scene.sets_up() {
        return findings;
    }
    // A test case is a scenario; one that only waits is a set-up under another name.
    let only_waits = !scene.steps.any(|step| step.meaning.kind != Kind::Wait);
    if scene.is_case() && !only_waits {
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

/// Whether two waits are for two things: the same question about something else, or by what they are about.
fn are_two(scene: &Scene, one: &Step, other: &Step) -> bool {
    let (first, second) = (&one.meaning.subject, &other.meaning.subject);
    let program = |step: &Step| step.words.first().cloned().unwrap_or_default();
    if let (Some(object), Some(another)) = (object(one), object(other)) {
        return object != another && one.words.get(1) == other.words.get(1);
    }
    // A function of a script is in the words, one of another language is not.
    let same_name = one.meaning.label == other.meaning.label;
    if same_name || program(one).contains("wait") || first.is_unknown() || second.is_unknown() {
        return (same_name || program(one) == program(other)) && one.words != other.words;
    }
    !matches!(first.tie(second, scene.config), Tie::Same) && !matches!(second.tie(first, scene.config), Tie::Same)
}

/// The object that a command of kubectl names: `deployment/gateway`.
fn object(step: &Step) -> Option<&String> {
    let is_object = |word: &&String| word.matches('/').count() == 1 && !word.starts_with(['-', '/', '.', '$']);
    step.words.first().filter(|program| *program == "kubectl").and_then(|_| step.words.iter().find(is_object))
}

/// Whether only what handles errors and tells lies between two calls. Between two questions something may be done to what
/// is asked.
fn nothing_between(source: &Source, one: Span, two: Span) -> bool {
    let between = Span { start: one.end, end: two.start.max(one.end) };
    let lines: Vec<&str> = source.slice(between).lines().collect();
    // The first line is the rest of the first call's, the last one the beginning of the second's.
    lines.iter().skip(1).take(lines.len().saturating_sub(2)).all(|line| {
        let line = line.trim();
        line.is_empty() || HARMLESS.iter().any(|start| line.starts_with(start))
    })
}

/// Beginnings of lines that handle an error, tell something, or end what was begun.
const HARMLESS: &[&str] = &[
    "}",
    ")",
    "]",
    "{",
    "\"",
    "'",
    "|| ",
    "&& ",
    "//",
    "#",
    "if err",
    "if !",
    "return",
    "err",
    "fmt.",
    "_, _ = fmt",
    "log",
    "t.",
    "By(",
    "ginkgo.",
    "gomega.",
    "g.",
    "Expect(",
    "require.",
    "assert.",
    "echo",
    "printf",
    "exit",
    "fi",
    "fail",
    "println!",
    "eprintln!",
    "tracing::",
    "info",
];

fn straight(scene: &Scene, sequence: &Sequence) -> Vec<Finding> {
    let source = &scene.file.source;
    let is_wait = |item: &Item| {
        item.step().is_some_and(|step| {
            step.meaning.kind == Kind::Wait && !(step.meaning.subject.is_unknown() && step.words.is_empty())
        })
    };
    let mut findings = Vec::new();
    let in_row = |one: &Item, two: &Item| is_wait(one) && is_wait(two) && nothing_between(source, one.span, two.span);
    for group in sequence.items.chunk_by(in_row) {
        let mut seen: Vec<(&Item, &Step)> = Vec::new();
        for item in group.iter().filter(|item| is_wait(item)) {
            let Some(step) = item.step() else { continue };
            if seen.iter().all(|(before, other)| before.together(item) && are_two(scene, other, step)) {
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
