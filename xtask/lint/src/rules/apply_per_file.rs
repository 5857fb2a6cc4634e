//! `apply-per-file`: manifests applied one at a time.

use std::collections::BTreeSet;

use super::between::calls;
use super::runs::{At, names, runs, segments, varying, waits};
use super::{Check, Rule};
use crate::classify::args::is_manifest;
use crate::classify::subject::split;
use crate::classify::{Kind, Source as How};
use crate::finding::{Finding, Severity};
use crate::reason::{Reason, Scene};
use crate::source::Span;
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
            let all = runs(scene, segment, &is_file, &parts, &|first, second| in_order(scene, first, second));
            let one = |first: &At, second: &At| one_command(*first, *second) && !asked(scene, first.0, second.0);
            for run in all.iter().flat_map(|run| run.chunk_by(one)).filter(|run| run.len() > 1) {
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
                let message = format!("{} apply one file after another, and none needs the one before", names(run));
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

/// Whether something is asked between two commands of a script: what the second does may stand on the answer.
fn asked(scene: &Scene, first: &Item, second: &Item) -> bool {
    let between = Span { start: first.span.end, end: second.span.start.max(first.span.end) };
    calls(scene.function, between).into_iter().any(|call| {
        let program = call.argv.as_ref().and_then(|argv| argv.first());
        program.is_some_and(|program| program == "!" || split(program).iter().any(|word| ASKS.contains(&word.as_str())))
    })
}

const ASKS: &[&str] = &["assert", "check", "expect", "verify", "validate", "has", "should", "grep", "diff", "jq"];

/// Whether two commands can become one: they do the same in the same way, to other files.
fn one_command(first: At, second: At) -> bool {
    let way = |step: &Step| {
        let file = |word: &str| ["-f", "-k", "--filename", "--kustomize"].iter().any(|flag| word.starts_with(flag));
        let flags = step.words.iter().filter(|word| word.starts_with('-') && !file(word)).cloned();
        let verb = step.words.iter().find(|word| matches!(word.as_str(), "apply" | "create")).cloned();
        flags.chain(verb).collect::<BTreeSet<_>>()
    };
    way(first.1) == way(second.1) && files(first.1).is_disjoint(&files(second.1))
}

/// The files that a command names.
fn files(step: &Step) -> BTreeSet<&str> {
    let values = step.words.iter().enumerate().filter_map(|(at, word)| match word.as_str() {
        "-f" | "-k" | "--filename" | "--kustomize" => step.words.get(at + 1).map(String::as_str),
        _ => word.strip_prefix("--filename=").or_else(|| word.strip_prefix("-f=")),
    });
    values.collect()
}

/// Only neighbours can become one command.
fn parts(item: &Item) -> bool {
    waits(item) || item.step().is_some_and(|step| !names_file(step))
}

/// Whether a step applies something that another command could name, too; what comes through a pipe it cannot. What is
/// replaced, pruned, or made without a file is a matter of its own.
fn names_file(step: &Step) -> bool {
    let has = |list: &[&str]| step.words.iter().any(|word| list.contains(&word.as_str()));
    let piped = has(&["-", "-f-", "--filename=-", "/dev/stdin"]);
    let kubectl = step.words.first().is_some_and(|program| program == "kubectl" || program == "oc");
    let own = has(&["--prune", "replace"]) || kubectl && files(step).is_empty() || !kubectl && !is_handed_file(step);
    (step.meaning.kind == Kind::Apply || is_apply(step)) && !piped && !own
}

/// Whether a helper is told which file to apply: what makes an object by itself cannot be one command with another.
fn is_handed_file(step: &Step) -> bool {
    let name = split(step.meaning.label.split_whitespace().next().unwrap_or_default());
    step.meaning.source == How::Direct
        || step.words.iter().any(|word| is_manifest(word) || word.starts_with("http"))
        || name
            .iter()
            .any(|word| matches!(word.as_str(), "apply" | "manifest" | "manifests" | "yaml" | "file" | "kubectl"))
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
