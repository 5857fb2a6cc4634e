//! `wait-per-service`: one wait after another, each for one service.

use super::awaited::is_for_work;
use super::between::{acts, is_table, loop_of};
use super::cluster_waits::{of_cluster, says_eventually, says_service};
use super::runs::names;
use super::{Check, Rule};
use crate::classify::Kind;
use crate::classify::subject::{Tie, split};
use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::source::Span;
use crate::steps::{Item, Looped, POLL, Sequence, Step};

pub(super) const RULE: Rule = Rule {
    id: "wait-per-service",
    severity: Severity::Note,
    summary: "one wait a service, one after another",
    check: Check::Function(check),
};

/// Two waits in a row are often two questions about one thing, unless both say what they are about; three are a list.
const LIST: usize = 3;
const HELP: &str = "wait once for all of them (`kubectl wait` takes many objects, one watch sees every kind), with one deadline: the first hopeless one then ends the wait";

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_test = scene.is_case() || scene.is_called_a_test();
    if !scene.sets_up() || is_test && !only_waits(scene) || waits_for_the_end(scene) {
        return findings;
    }
    scene.steps.visit(None, &mut |sequence, around| {
        findings.extend(straight(scene, sequence));
        findings.extend(around.and_then(|(looped, round)| in_loop(scene, looped, round)));
    });
    findings
}

/// What goes away goes away by itself.
fn waits_for_the_end(scene: &Scene) -> bool {
    split(&scene.function.name)
        .iter()
        .any(|word| matches!(word.as_str(), "deleted" | "deletion" | "gone" | "removed" | "terminated"))
}

/// A test case is a scenario; one that only waits is a set-up under another name.
fn only_waits(scene: &Scene) -> bool {
    let mut steps = Vec::new();
    let mut others = false;
    scene.steps.each_step(&mut |item, step| {
        steps.push(item.span);
        others |= step.meaning.kind != Kind::Wait;
    });
    !others && !acts(scene.function, scene.function.span, &steps)
}

/// A loop in which nothing else is done than to wait for one thing a round.
fn in_loop(scene: &Scene, looped: &Looped, round: usize) -> Option<Finding> {
    let others = looped.inner.any(|step| !matches!(step.meaning.kind, Kind::Wait | Kind::Sleep));
    if !looped.each || others {
        return None;
    }
    let waits = looped.inner.items.iter().filter_map(|item| item.step().map(|step| (item, step)));
    let mut waits = waits.filter(|(_, step)| step.meaning.kind == Kind::Wait && step.needs.contains(&round));
    let (item, step) = waits.find(|at| of_cluster(scene, *at))?;
    let around = loop_of(scene.function, looped.head)?;
    let mut waits = Vec::new();
    looped
        .inner
        .each_step(&mut |item, _| waits.push(loop_of(scene.function, item.span).map_or(item.span, |poll| poll.span)));
    let does_more = acts(scene.function, around.span, &waits);
    if is_table(around) || does_more {
        return None;
    }
    let source = &scene.file.source;
    let message = if step.meaning.label == POLL {
        "this loop polls until one service after another is ready".to_owned()
    } else {
        format!("this loop waits for one service after another with `{}`", step.meaning.label)
    };
    let place = source.first_line(item.span);
    let finding = Finding::new(RULE.id, RULE.severity, &source.path, place, message, HELP.to_owned());
    Some(finding.with_related(source.first_line(looped.head), "the loop"))
}

/// Whether two waits are for two things: the same question about something else, or by what they are about.
fn are_two(scene: &Scene, one: &Step, other: &Step) -> bool {
    let (first, second) = (&one.meaning.subject, &other.meaning.subject);
    let program = |step: &Step| step.words.first().cloned().unwrap_or_default();
    if let (Some(object), Some(another)) = (object(one), object(other)) {
        return object != another && (one.words.get(1) == other.words.get(1) || are_apart(scene, one, other));
    }
    // A function of a script is in the words, one of another language is not.
    let same_name = one.meaning.label == other.meaning.label;
    if same_name || program(one).contains("wait") || first.is_unknown() || second.is_unknown() {
        return (same_name || program(one) == program(other))
            && (one.words != other.words || are_apart(scene, one, other));
    }
    !matches!(first.tie(second, scene.config), Tie::Same) && !matches!(second.tie(first, scene.config), Tie::Same)
}

/// Whether two waits ask the same question, and both say of what: neither is a part of the other.
fn say_two(scene: &Scene, one: &Step, other: &Step) -> bool {
    if one.flag(&["--context"]) != other.flag(&["--context"]) || is_for_work(one) || is_for_work(other) {
        return false;
    }
    if let (Some(object), Some(another)) = (object(one), object(other)) {
        let kind = |object: &str| object.split('/').next().map(str::to_owned);
        return object != another && (kind(object) == kind(another) || are_apart(scene, one, other));
    }
    let names_service = |step: &Step| {
        step.words.first().is_some_and(|program| program == "kubectl")
            || says_eventually(&step.meaning.label)
            || says_service(&step.meaning.label)
    };
    question(one) == question(other) && are_apart(scene, one, other) && names_service(one) && names_service(other)
}

/// Whether it is known what both are about, and neither is a part of the other.
fn are_apart(scene: &Scene, one: &Step, other: &Step) -> bool {
    let (first, second) = (&one.meaning.subject, &other.meaning.subject);
    let apart = |tie: Tie| matches!(tie, Tie::None | Tie::Foundation);
    apart(first.tie(second, scene.config)) && apart(second.tie(first, scene.config))
}

/// What is asked: by kubectl, or by the words of a function's name that are not what it is about.
fn question(step: &Step) -> Vec<String> {
    if step.words.first().is_some_and(|program| program == "kubectl") {
        return vec!["kubectl".to_owned()];
    }
    let mut words = split(step.meaning.label.rsplit('.').next().unwrap_or_default());
    words.retain(|word| !step.meaning.subject.has(word));
    words
}

/// The object that a command of kubectl names: `deployment/gateway`.
fn object(step: &Step) -> Option<&String> {
    let is_object = |word: &&String| word.matches('/').count() == 1 && !word.starts_with(['-', '/', '.', '$']);
    step.words.first().filter(|program| *program == "kubectl").and_then(|_| step.words.iter().find(is_object))
}

/// Whether nothing is done between two waits, and nothing is made there for the second. Between two questions something
/// may be done to what is asked.
fn nothing_between(scene: &Scene, one: Span, two: Span) -> bool {
    let between = Span { start: one.end, end: two.start.max(one.end) };
    let lines: Vec<&str> = scene.file.source.slice(between).lines().collect();
    // The first line is the rest of the first call's, the last one the beginning of the second's.
    let only_tells = lines.iter().skip(1).take(lines.len().saturating_sub(2)).all(|line| {
        let line = line.trim();
        let asks = line.starts_with("if ") && line.ends_with("!= nil {");
        line.is_empty() || asks || HARMLESS.iter().any(|start| line.starts_with(start)) || is_assignment(line)
    });
    only_tells && !acts(scene.function, between, &[])
}

/// Whether a line gives a value a name: what is called for it is seen as a call.
fn is_assignment(line: &str) -> bool {
    let names = line.split_once('=').map(|(names, _)| names.trim_end_matches(':').trim());
    let is_name = |name: &str| {
        let name = name.trim();
        !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '.'))
    };
    names.is_some_and(|names| names.trim_start_matches("let ").trim_start_matches("local ").split(',').all(is_name))
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
    "Expect",
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
            // What `Eventually` asks about is in its closure, or nowhere.
            let says = !step.words.is_empty() && !says_eventually(&step.meaning.label);
            step.meaning.kind == Kind::Wait && (says || !step.meaning.subject.is_unknown())
        })
    };
    let mut findings = Vec::new();
    let in_row = |one: &Item, two: &Item| is_wait(one) && is_wait(two) && nothing_between(scene, one.span, two.span);
    for group in sequence.items.chunk_by(in_row) {
        let mut seen: Vec<(&Item, &Step)> = Vec::new();
        for item in group.iter().filter(|item| is_wait(item)) {
            let Some(step) = item.step() else { continue };
            if seen.iter().all(|(before, other)| before.together(item) && are_two(scene, other, step)) {
                seen.push((item, step));
            }
        }
        let pair = matches!(seen.as_slice(), [(_, one), (_, two)] if say_two(scene, one, two));
        if seen.len() < LIST && !pair || !seen.iter().all(|at| of_cluster(scene, *at)) {
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
