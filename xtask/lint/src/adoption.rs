//! The adoption table: each set-up function, its steps, which could run side by side, the verdict.
//! It tells what rules see; it must not judge otherwise than they do.

use std::fmt::Write;

use crate::analysis::{Report, packages};
use crate::classify::Kind;
use crate::package::Package;
use crate::reason::Scene;
use crate::settings::Settings;
use crate::source::Part;
use crate::steps::{Item, Sequence, What, steps};

/// Rules whose findings say that something runs one after another for no reason.
const FAMILY: &[&str] = &[
    "sequential-deploy",
    "wait-between-deploys",
    "build-in-sequence",
    "load-per-image",
    "apply-per-file",
    "wait-per-service",
];

/// The table as Markdown.
#[must_use]
pub fn table(report: &Report, settings: &Settings) -> String {
    let mut text =
        String::from("| function | steps | one after another | side by side | verdict |\n|---|---|---|---|---|\n");
    let mut details = String::new();
    for group in packages(&report.files) {
        let config = settings.of(group.first().map_or("", |file| &file.source.path));
        let package = Package::new(group, config);
        for file in package.files.clone().into_iter().filter(|file| file.source.part == Part::Asked) {
            for function in &file.unit.functions {
                let sequence = steps(&package, file, function);
                let scene = Scene { package: &package, file, function, steps: &sequence, config };
                if count(&sequence) < 2 || !scene.sets_up() || scene.is_case() {
                    continue;
                }
                let name = if function.name.is_empty() { "(script)" } else { &function.name };
                let line = file.source.line(function.name_span.start);
                let own = report.findings.iter().filter(|finding| {
                    FAMILY.contains(&finding.rule)
                        && finding.place.file == file.source.path
                        && innermost(file, finding.place.span, function)
                });
                let found: Vec<&str> = own.map(|finding| finding.rule).collect();
                let side = beside(&sequence);
                let verdict = verdict(&found, side);
                let total = count(&sequence);
                _ = writeln!(
                    text,
                    "| `{name}` ({}:{line}) | {total} | {} | {side} | {verdict} |",
                    file.source.shown,
                    total - side.min(total)
                );
                _ = writeln!(details, "\n### {name} ({}:{line})\n", file.source.shown);
                tell(&scene, &sequence, 0, &mut details);
            }
        }
    }
    text + &details
}

/// Whether no other function lies between a place and this function.
fn innermost(file: &crate::package::Parsed, span: crate::source::Span, function: &crate::ir::Function) -> bool {
    let around = |other: &&crate::ir::Function| other.span.contains(span);
    file.unit
        .functions
        .iter()
        .filter(around)
        .min_by_key(|other| other.span.end - other.span.start)
        .is_some_and(|inner| inner.span == function.span)
}

fn count(sequence: &Sequence) -> usize {
    let mut total = 0;
    sequence.each_step(&mut |_, step| total += usize::from(step.meaning.kind.is_setup()));
    total
}

/// Steps that are in workers of their own.
fn beside(sequence: &Sequence) -> usize {
    let inner = |item: &Item| match &item.what {
        What::Spawn(spawned) => count(&spawned.inner),
        What::Loop(looped) => beside(&looped.inner),
        What::Step(_) | What::Join(_) => 0,
    };
    sequence.items.iter().map(inner).sum()
}

fn verdict(found: &[&str], side: usize) -> String {
    if found.is_empty() {
        return if side > 0 { "parallel".to_owned() } else { "ordered for a reason".to_owned() };
    }
    let mut rules = found.to_vec();
    rules.sort_unstable();
    rules.dedup();
    let word = if side > 0 { "partly parallel" } else { "sequential" };
    format!("{word}: {}", rules.join(", "))
}

/// Each step, and why it follows the one before.
fn tell(scene: &Scene, sequence: &Sequence, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (at, item) in sequence.items.iter().enumerate() {
        let line = scene.file.source.line(item.span.start);
        match &item.what {
            What::Step(step) => {
                let earlier = sequence.items[..at].iter().rev().filter_map(|item| item.step().map(|step| (item, step)));
                let mut earlier =
                    earlier.filter(|(_, other)| other.meaning.kind.deploys() || other.meaning.kind.builds());
                let same = |kind: Kind| {
                    step.meaning.kind.deploys() == kind.deploys() && step.meaning.kind.builds() == kind.builds()
                };
                let why = match earlier
                    .find(|(_, other)| same(other.meaning.kind))
                    .filter(|_| step.meaning.kind.deploys() || step.meaning.kind.builds())
                {
                    None => String::new(),
                    Some(first) => match scene.reason(first, (item, step)) {
                        Some(reason) => format!(": {}", reason.words()),
                        None => format!(": could start with `{}`", first.1.meaning.label),
                    },
                };
                _ = writeln!(text, "{indent}- {line}: {} `{}`{why}", word(step.meaning.kind), step.meaning.label);
            }
            What::Spawn(spawned) => {
                _ = writeln!(text, "{indent}- {line}: launches");
                tell(scene, &spawned.inner, depth + 1, text);
            }
            What::Join(_) => _ = writeln!(text, "{indent}- {line}: takes results"),
            What::Loop(looped) => {
                _ = writeln!(text, "{indent}- {line}: for each");
                tell(scene, &looped.inner, depth + 1, text);
            }
        }
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Deploy => "deploys",
        Kind::Create => "creates",
        Kind::Apply => "applies",
        Kind::Prepare => "prepares",
        Kind::Wait => "waits",
        Kind::Sleep => "sleeps",
        Kind::Build => "builds",
        Kind::Load => "loads",
        Kind::BuildLoad => "builds and loads",
        Kind::Cluster => "creates a cluster",
        Kind::Migrate => "migrates",
        Kind::Use => "uses",
        Kind::Remove => "removes",
    }
}
