//! `first-error-return`: parallel work whose first error hides the others, or that nobody waits for.

use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::ir::{JoinKind, Launch};
use crate::reason::Scene;
use crate::source::Language;
use crate::steps::{Item, Joined, Sequence, Spawned, What};

pub(super) const RULE: Rule = Rule {
    id: "first-error-return",
    severity: Severity::Warning,
    summary: "the first error returns and the others are lost, or nobody waits for a worker",
    check: Check::Function(check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    let setup = scene.steps.any(|step| step.meaning.kind.is_setup());
    let is_script_case = scene.is_case() && scene.file.source.language == Language::Shell;
    if !setup || is_script_case {
        return findings;
    }
    scene.steps.visit(None, &mut |sequence, around| {
        findings.extend(first(scene, sequence, around.is_some()));
        findings.extend(lost(scene, sequence));
    });
    findings
}

/// Joins that leave the function at the first error.
fn first(scene: &Scene, sequence: &Sequence, in_loop: bool) -> Vec<Finding> {
    let source = &scene.file.source;
    let joins: Vec<(&Item, &Joined)> = sequence
        .items
        .iter()
        .filter_map(|item| match &item.what {
            What::Join(join) => Some((item, join)),
            _ => None,
        })
        .collect();
    let mut findings = Vec::new();
    for (item, join) in &joins {
        let workers = workers(scene, join);
        let message = match join.kind {
            JoinKind::FirstError if workers.len() > 1 || in_some_loop(&workers) => "this group keeps the first error only: the others are lost".to_owned(),
            JoinKind::NoResult if workers.len() > 1 || in_some_loop(&workers) => "`wait` without a process forgets how each one ended: failures are lost".to_owned(),
            JoinKind::One if join.leaves.is_some() && in_loop && workers.iter().any(|(worker, _)| outside(sequence, worker)) => {
                "the first error leaves the loop: the other workers' errors are lost, and they go on running".to_owned()
            }
            JoinKind::One if join.leaves.is_some() && !in_loop && rest_pending(scene, &joins, join) => {
                "an error here returns before the other workers are waited for: their errors are lost, and they go on running".to_owned()
            }
            _ => continue,
        };
        let help = match join.kind {
            JoinKind::NoResult => "keep each process id and `wait` for every one, remembering which failed".to_owned(),
            _ => "collect every result first, then return all errors together (`errors.Join`)".to_owned(),
        };
        let mut finding =
            Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(item.span), message, help);
        if let Some(leaves) = join.leaves {
            finding = finding.with_related(source.first_line(leaves), "this leaves with the first error");
        }
        if let Some((worker, _)) = workers.first() {
            finding = finding.with_related(source.first_line(worker.span), "one of the workers");
        }
        findings.push(finding);
    }
    findings
}

/// The workers that report to a join, with whether they are launched in a loop.
fn workers<'a>(scene: &Scene<'a>, join: &Joined) -> Vec<(&'a Item, bool)> {
    let mut found = Vec::new();
    scene.steps.visit(None, &mut |sequence, around| {
        for item in &sequence.items {
            if let What::Spawn(spawned) = &item.what
                && spawned.joined_by(join)
                && matters(spawned)
            {
                found.push((item, around.is_some()));
            }
        }
    });
    found
}

fn matters(spawned: &Spawned) -> bool {
    spawned.inner.any(|step| step.meaning.kind.is_setup() || step.meaning.kind == crate::classify::Kind::Wait)
}

fn in_some_loop(workers: &[(&Item, bool)]) -> bool {
    workers.iter().any(|(_, looped)| *looped)
}

/// Whether other workers are still to be waited for when this join leaves: later joins of other launches.
fn rest_pending(scene: &Scene, joins: &[(&Item, &Joined)], join: &Joined) -> bool {
    let at = joins.iter().position(|(_, other)| std::ptr::eq(*other, join)).unwrap_or(0);
    let here = joins[at].0.id;
    // A later join must wait for something that was launched before this one.
    joins.iter().skip(at + 1).any(|(_, other)| {
        other.leaves.is_some()
            && workers(scene, other).iter().any(|(worker, _)| worker.id < here && !same_worker(scene, join, worker))
    })
}

/// Whether a worker was launched before the loop that waits, and so not for this round alone.
fn outside(sequence: &Sequence, worker: &Item) -> bool {
    !sequence.items.iter().any(|item| item.id == worker.id)
}

/// Whether a worker reports to this join alone.
fn same_worker(scene: &Scene, join: &Joined, worker: &Item) -> bool {
    let own = workers(scene, join);
    own.len() == 1 && own.iter().any(|(item, _)| item.id == worker.id)
}

/// Workers that do set-up work and that nothing waits for.
fn lost(scene: &Scene, sequence: &Sequence) -> Vec<Finding> {
    let source = &scene.file.source;
    let mut findings = Vec::new();
    for item in &sequence.items {
        let What::Spawn(spawned) = &item.what else { continue };
        let works = spawned.inner.any(|step| step.meaning.kind.is_setup());
        let silent = match spawned.launch {
            Launch::Task => spawned.signals.is_empty(),
            Launch::Process => {
                !joined_anywhere(scene, spawned) && spawned.inner.any(|step| step.meaning.kind.is_setup())
            }
            _ => false,
        };
        if works && silent {
            let message =
                "nobody waits for this worker: its error is lost, and what follows may run before it".to_owned();
            let help = "keep a handle or a channel, and wait for it before the function ends".to_owned();
            findings.push(Finding::new(
                RULE.id,
                RULE.severity,
                &source.path,
                source.first_line(item.span),
                message,
                help,
            ));
        }
    }
    findings
}

fn joined_anywhere(scene: &Scene, spawned: &Spawned) -> bool {
    let mut found = false;
    scene.steps.visit(None, &mut |sequence, _| {
        found |= sequence.items.iter().any(|item| match &item.what {
            What::Join(join) => spawned.joined_by(join) || spawned.launch == Launch::Process,
            _ => false,
        });
    });
    found
}
