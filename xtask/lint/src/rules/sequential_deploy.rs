//! `sequential-deploy`: independent deploys, one after another.

use super::between::is_table_of;
use super::runs::{At, names, runs, segments, varying, waits};
use super::{Check, Rule};
use crate::classify::subject::split;
use crate::classify::{Kind, Source as How};
use crate::config::Sort;
use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::steps::{Item, Looped, Sequence, Step};

pub(super) const RULE: Rule = Rule {
    id: "sequential-deploy",
    severity: Severity::Warning,
    summary: "independent deploy steps one after another",
    check: Check::Function(check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() {
        return findings;
    }
    scene.steps.visit(None, &mut |sequence, around| {
        for segment in segments(sequence) {
            findings.extend(straight(scene, segment));
        }
        findings.extend(clusters(scene, sequence));
        findings.extend(around.and_then(|(looped, round)| in_loop(scene, looped, round)));
    });
    findings
}

/// Two clusters, one after the other: each takes as long as everything else together.
fn clusters(scene: &Scene, sequence: &Sequence) -> Option<Finding> {
    if scene.is_case() || scene.is_called_a_test() {
        return None;
    }
    // A cluster of databases, or one that is only an entry of another API, is none that takes minutes.
    let is_local = |step: &Step| {
        let tool = |word: &String| matches!(word.as_str(), "kind" | "k3d" | "minikube" | "k3s");
        step.meaning.kind == Kind::Cluster
            && (step.meaning.source == How::Direct || split(&step.meaning.label).iter().any(tool))
    };
    // One that is used up and deleted before the next is a round of its own.
    let parts = |item: &Item| item.step().is_some_and(|step| matches!(step.meaning.kind, Kind::Remove | Kind::Use));
    let is_other = |one: &At, two: &At| {
        one.0.together(two.0)
            && one.1.meaning.label.split(' ').next() == two.1.meaning.label.split(' ').next()
            && are_named_apart(one.1, two.1)
            && !two.1.needs.contains(&one.0.id)
    };
    let (first, second) = sequence.items.split(parts).find_map(|items| {
        let made = items.iter().filter_map(|item| item.step().filter(|step| is_local(step)).map(|step| (item, step)));
        let made: Vec<At> = made.collect();
        made.windows(2).find(|pair| is_other(&pair[0], &pair[1])).map(|pair| (pair[0], pair[1]))
    })?;
    let source = &scene.file.source;
    let message = format!(
        "`{}` makes a cluster only after the one before was made, and needs nothing of it",
        second.1.meaning.label
    );
    let help = "make the clusters side by side, each with what is deployed to it".to_owned();
    let place = source.first_line(second.0.span);
    let finding = Finding::new(RULE.id, RULE.severity, &source.path, place, message, help);
    Some(finding.with_related(source.first_line(first.0.span), "the cluster before"))
}

/// Whether two steps make clusters of different names: by the flags of a program, or by what a helper is given.
fn are_named_apart(one: &Step, two: &Step) -> bool {
    if one.meaning.source != How::Direct {
        return one.words != two.words;
    }
    let named = |step: &'_ Step| -> Option<String> {
        let positional = step.words.get(3).map(String::as_str).filter(|word| !word.starts_with('-'));
        step.flag(&["--name", "-p", "--profile"]).or(positional).map(str::to_owned)
    };
    matches!((named(one), named(two)), (Some(first), Some(second)) if first != second)
}

fn straight(scene: &Scene, segment: &[Item]) -> Vec<Finding> {
    let member = |step: &Step| match step.meaning.kind {
        Kind::Deploy => belongs(scene, step),
        Kind::Apply => !scene.is_case(),
        _ => false,
    };
    let mut findings = Vec::new();
    for run in runs(scene, segment, &member, &waits, &|_, _| false) {
        if run.iter().all(|(_, step)| step.meaning.kind == Kind::Apply) {
            continue; // `apply-per-file` speaks of these.
        }
        let (first, late) = (run[0], run[1]);
        let line = scene.file.source.line(first.0.span.start);
        let waits = run.iter().any(|(_, step)| step.meaning.waits);
        let cost = if waits { " and at least one of them waits until it is ready" } else { "" };
        let message = format!("{} do not need each other, but run one after another{cost}", names(&run));
        let help = format!(
            "start them together, collect every error, and wait once for all of them afterwards; `{}` could have started at line {line}",
            late.1.meaning.label
        );
        let span = scene.file.source.first_line(late.0.span);
        let mut finding = Finding::new(RULE.id, RULE.severity, &scene.file.source.path, span, message, help)
            .with_related(
                scene.file.source.first_line(first.0.span),
                "this runs first, and nothing of it is used below",
            );
        for (item, step) in &run[2..] {
            finding = finding.with_related(
                scene.file.source.first_line(item.span),
                format!("`{}` could have started at line {line}, too", step.meaning.label),
            );
        }
        if let Some(lost) = lost(scene, &run) {
            finding.message.push_str(&lost);
        }
        findings.push(finding);
    }
    findings
}

/// A test case is a scenario: only what surely deploys a service is set-up there, and not what a test is about.
fn belongs(scene: &Scene, step: &Step) -> bool {
    let words = split(step.meaning.label.rsplit('.').next().unwrap_or_default());
    let verb = words.iter().any(|word| matches!(word.as_str(), "deploy" | "install" | "provision" | "helm"));
    let service = step.meaning.subject.words.iter().any(|word| scene.config.is(word, Sort::Service));
    let only_makes = words.first().is_some_and(|word| matches!(word.as_str(), "make" | "build" | "get"))
        || words.iter().any(|word| word == "new");
    !scene.is_case()
        || service && !only_makes
        || matches!(step.meaning.source, How::Direct | How::Declared)
        || verb && step.meaning.source == How::Name
}

/// The time lost, where the configuration has durations.
fn lost(scene: &Scene, run: &[At]) -> Option<String> {
    let known: Vec<f64> = run
        .iter()
        .filter_map(|(_, step)| {
            let words = &step.meaning.subject.words;
            // `deployDataStorage` speaks of `datastorage`.
            let whole = words.concat();
            let is_meant = |name: &String| {
                step.meaning.label.ends_with(name.as_str()) || words.contains(name) || name.replace('-', "") == whole
            };
            scene.config.durations.iter().find(|(name, _)| is_meant(name)).map(|(_, seconds)| *seconds)
        })
        .collect();
    let longest = known.iter().copied().fold(0.0, f64::max);
    let sum: f64 = known.iter().sum();
    (known.len() > 1 && sum - longest >= 0.5).then(|| format!("; about {:.0} s of {sum:.0} s are lost", sum - longest))
}

/// Whether a chart is installed under a name that stays: an upgrade from version to version.
fn is_one_release(step: &Step) -> bool {
    let verb = step.words.iter().position(|word| matches!(word.as_str(), "install" | "upgrade"));
    let helm = step.words.first().is_some_and(|word| word == "helm");
    let name = verb.and_then(|at| step.words[at + 1..].iter().find(|word| !word.starts_with('-')));
    helm && name.is_some_and(|name| !name.contains("${"))
}

fn in_loop(scene: &Scene, looped: &Looped, round: usize) -> Option<Finding> {
    if !looped.each || looped.inner.items.iter().any(waits) || is_table_of(scene.function, looped.head) {
        return None;
    }
    let is_deploy = |step: &Step| step.meaning.kind == Kind::Deploy && !is_one_release(step) && belongs(scene, step);
    let (item, step) = varying(&looped.inner.items, round, &is_deploy)?;
    let message = format!("this loop deploys one thing after another with `{}`", step.meaning.label);
    let help = "start one worker for each element, collect every error, and wait once after the loop".to_owned();
    let source = &scene.file.source;
    let finding = Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(item.span), message, help);
    Some(finding.with_related(source.first_line(looped.head), "each round waits for the one before"))
}
