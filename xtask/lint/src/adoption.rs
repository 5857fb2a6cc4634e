//! The adoption table: each set-up function, its steps, which could run side by side, the verdict.
//! It tells what rules see; it must not judge otherwise than they do.

use std::fmt::Write;

use crate::analysis::{Report, packages};
use crate::classify::Kind;
use crate::package::Package;
use crate::reason::Scene;
use crate::rules::waits;
use crate::settings::Settings;
use crate::source::Part;
use crate::steps::{Item, Sequence, Step, What, steps};

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
    let mut text = String::from(
        "| function | steps | one after another | side by side | could start earlier | verdict |\n|---|---|---|---|---|---|\n",
    );
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
                let early = early(&scene, &sequence).max(found.len());
                let verdict = verdict(&found, side, early);
                let total = count(&sequence);
                _ = writeln!(
                    text,
                    "| `{name}` ({}:{line}) | {total} | {} | {side} | {early} | {verdict} |",
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

/// The verdict says what the list below the table says, also where a finding is suppressed or its rule is off.
fn verdict(found: &[&str], side: usize, early: usize) -> String {
    if early == 0 {
        return if side > 0 { "parallel".to_owned() } else { "ordered for a reason".to_owned() };
    }
    let mut rules = found.to_vec();
    rules.sort_unstable();
    rules.dedup();
    let word = if side > 0 { "partly parallel" } else { "sequential" };
    if rules.is_empty() { word.to_owned() } else { format!("{word}: {}", rules.join(", ")) }
}

/// How a step follows the one before.
enum Order<'a> {
    /// Nothing of its sort is before it.
    First,
    /// For no reason.
    Free(&'a Step),
    /// For no reason, but the one before returns at once.
    AtOnce,
    /// For a reason.
    Held(String),
}

fn order<'a>(scene: &Scene, items: &'a [Item], at: usize) -> Order<'a> {
    let works = |item: &Item| item.step().is_some_and(|step| step.meaning.kind.deploys() || step.meaning.kind.builds());
    let (item, Some(step)) = (&items[at], items[at].step()) else { return Order::First };
    if !works(item) {
        return Order::First;
    }
    let kind = step.meaning.kind;
    let is_same =
        |other: &Step| kind.deploys() == other.meaning.kind.deploys() && kind.builds() == other.meaning.kind.builds();
    let before = items[..at].iter().enumerate().rev();
    let mut before = before.filter_map(|(index, other)| other.step().map(|step| (index, other, step)));
    let Some((index, other, first)) =
        before.find(|(_, other, first)| first.meaning.kind.cuts() || works(other) && is_same(first))
    else {
        return Order::First;
    };
    if first.meaning.kind.cuts() {
        return Order::Held(format!("may need what `{}` did", first.meaning.label));
    }
    if let Some(reason) = scene.reason((other, first), (item, step)) {
        return Order::Held(reason.words());
    }
    let returns = |kind: Kind| matches!(kind, Kind::Create | Kind::Apply);
    let waits = items[index + 1..at].iter().any(waits);
    if returns(first.meaning.kind) && returns(kind) && !waits { Order::AtOnce } else { Order::Free(first) }
}

/// How many steps could start earlier.
fn early(scene: &Scene, sequence: &Sequence) -> usize {
    let one = |(at, item): (usize, &Item)| match &item.what {
        What::Step(_) => usize::from(matches!(order(scene, &sequence.items, at), Order::Free(_))),
        What::Spawn(spawned) => early(scene, &spawned.inner),
        What::Loop(looped) => early(scene, &looped.inner),
        What::Join(_) => 0,
    };
    sequence.items.iter().enumerate().map(one).sum()
}

/// Each step, and why it follows the one before.
fn tell(scene: &Scene, sequence: &Sequence, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (at, item) in sequence.items.iter().enumerate() {
        let line = scene.file.source.line(item.span.start);
        match &item.what {
            What::Step(step) => {
                let why = match order(scene, &sequence.items, at) {
                    Order::First => String::new(),
                    Order::Free(first) => format!(": could start with `{}`", first.meaning.label),
                    Order::AtOnce => ": the one before returns at once".to_owned(),
                    Order::Held(why) => format!(": {why}"),
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
