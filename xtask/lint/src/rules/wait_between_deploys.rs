//! `wait-between-deploys`: a wait that holds back a deploy which does not need it.

use super::awaited::{awaited, is_for_manager, is_for_node, is_for_work, is_readiness, prepares};
use super::between::is_table_of;
use super::runs::{At, varying, waits};
use super::{Check, Rule};
use crate::classify::Kind;
use crate::classify::subject::split;
use crate::config::Sort;
use crate::finding::{Finding, Severity};
use crate::ir::JoinKind;
use crate::reason::Scene;
use crate::steps::{Item, Looped, POLL, Sequence, Spawned, What};

pub(super) const RULE: Rule = Rule {
    id: "wait-between-deploys",
    severity: Severity::Warning,
    summary: "a wait between deploys that do not need each other",
    check: Check::Function(check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !scene.sets_up() || scene.is_case() || scene.is_called_a_test() {
        return findings;
    }
    scene.steps.visit(None, &mut |sequence, around| {
        for segment in stretches(sequence) {
            for (at, item) in segment.iter().enumerate() {
                let is = |item: &Item, kind: Kind| item.step().is_some_and(|step| step.meaning.kind == kind);
                let told = at > 0 && is(&segment[at - 1], Kind::Wait);
                let asks_next = is(item, Kind::Sleep) && segment.get(at + 1).is_some_and(waits);
                if is_readiness(item) && !told && !asks_next {
                    findings.extend(held(scene, segment, at));
                }
            }
        }
        findings.extend(joined_early(scene, sequence));
        findings.extend(around.and_then(|(looped, round)| in_loop(scene, looped, round)));
    });
    findings
}

/// The wait at `at`, when a later deploy needs neither what it waits for nor what comes in between.
fn held(scene: &Scene, segment: &[Item], at: usize) -> Option<Finding> {
    let wait = &segment[at];
    let start = segment[..at].iter().rposition(uses).map_or(0, |used| used + 1);
    let before = deploys(&segment[start..at]);
    let awaited = awaited(wait, &before, segment, at)?;
    let mut needed = awaited.clone();
    let mut free = None;
    let behind = &segment[at + 1..];
    for later in deploys(behind) {
        // What never runs in one run with this is no reason for it.
        let mut before = needed.iter().filter(|earlier| earlier.0.together(later.0));
        let follows =
            needs_a_use(scene, behind, later) || before.any(|earlier| scene.reason(*earlier, later).is_some());
        if follows || !wait.together(later.0) || needs_the_wait(scene, wait, later) {
            needed.push(later);
        } else {
            free = Some(later);
            break;
        }
    }
    Some(finding(scene, segment, at, awaited[0], free?))
}

/// Parts of a sequence between what takes away and what makes clusters.
fn stretches(sequence: &Sequence) -> Vec<&[Item]> {
    sequence
        .items
        .split(|item| item.step().is_some_and(|step| matches!(step.meaning.kind, Kind::Remove | Kind::Cluster)))
        .collect()
}

/// Whether an item uses what runs.
fn uses(item: &Item) -> bool {
    item.step().is_some_and(|step| matches!(step.meaning.kind, Kind::Use | Kind::Migrate))
}

/// What is seeded, migrated or asked for in front of a deploy.
fn used_before<'a>(items: &'a [Item], later: At) -> impl Iterator<Item = &'a Item> {
    let end = later.0.id;
    items.iter().filter(move |item| uses(item) && item.id < end)
}

/// Whether a deploy may need what was used in front of it: a product of its own does only where that speaks of it.
fn needs_a_use(scene: &Scene, items: &[Item], later: At) -> bool {
    let subject = &later.1.meaning.subject;
    let is_product = subject.words.iter().any(|word| scene.config.is(word, Sort::Product));
    let speaks_of_it = |item: &Item| {
        item.step().is_some_and(|step| step.words.iter().flat_map(|word| split(word)).any(|word| subject.has(&word)))
    };
    used_before(items, later).any(|item| !is_product || speaks_of_it(item))
}

/// The deploys among items, those of workers included.
fn deploys(items: &[Item]) -> Vec<At<'_>> {
    let mut found = Vec::new();
    for item in items {
        match &item.what {
            What::Step(step) if step.meaning.kind.deploys() => found.push((item, step)),
            What::Spawn(spawned) => found.extend(deploys(&spawned.inner.items)),
            _ => {}
        }
    }
    found
}

/// Whether a deploy needs what a wait waits for, whatever was deployed: CRDs, nodes, the work of a Job.
fn needs_the_wait(scene: &Scene, wait: &Item, later: At) -> bool {
    let is = |sort: Sort| later.1.meaning.subject.words.iter().any(|word| scene.config.is(word, sort));
    wait.step().is_some_and(|step| {
        later.1.needs.contains(&wait.id)
            || is_for_work(step)
            || is_for_node(step)
            || prepares(step) && !is(Sort::Product)
            || is_for_manager(step) && !is(Sort::Service)
    })
}

fn finding(scene: &Scene, segment: &[Item], at: usize, first: At, later: At) -> Finding {
    let source = &scene.file.source;
    let wait = &segment[at];
    let what = wait.step().map_or_else(|| POLL.to_owned(), |step| format!("`{}`", step.meaning.label));
    let message =
        format!("{what} waits for `{}` here, but `{}` does not need it", first.1.meaning.label, later.1.meaning.label);
    // What is asked for in between needs the wait where it is.
    let asks = used_before(&segment[at + 1..], later).next().is_some();
    let what_to_do = if asks { "move the deploy in front of the wait" } else { "move the wait behind the last deploy" };
    let help = format!(
        "{what_to_do}; `{}` could have started at line {}",
        later.1.meaning.label,
        source.line(first.0.span.start)
    );
    let mut finding = Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(wait.span), message, help)
        .with_related(source.first_line(first.0.span), "this is what is waited for")
        .with_related(source.first_line(later.0.span), "this could have started before");
    for item in segment[at + 1..].iter().take_while(|item| is_readiness(item)) {
        finding = finding.with_related(source.first_line(item.span), "and this waits, too");
    }
    finding
}

/// A result is taken right after its worker was launched, and only then is the next one launched.
fn joined_early(scene: &Scene, sequence: &Sequence) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, window) in sequence.items.windows(2).enumerate() {
        let (What::Spawn(first), What::Join(join)) = (&window[0].what, &window[1].what) else { continue };
        if !works(first)
            || !first.joined_by(join)
            || join.kind == JoinKind::FirstError && at > 0 && matches!(sequence.items[at - 1].what, What::Spawn(_))
        {
            continue;
        }
        let sibling_before =
            at > 0 && matches!(&sequence.items[at - 1].what, What::Spawn(before) if before.joined_by(join));
        let later = sequence.items[at + 2..].iter().take_while(|item| !cuts(item)).find_map(|item| match &item.what {
            What::Spawn(next) if works(next) => Some((item, next)),
            _ => None,
        });
        let Some((item, next)) = later.filter(|_| !sibling_before) else { continue };
        if depends(scene, &window[0], first, next) {
            continue;
        }
        let source = &scene.file.source;
        let message =
            "this waits for a worker right after its launch, before the next one starts: they run one after another"
                .to_owned();
        let help = "launch all of them first, then collect every result".to_owned();
        findings.push(
            Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(window[1].span), message, help)
                .with_related(source.first_line(window[0].span), "launched here")
                .with_related(source.first_line(item.span), "this could have been launched before"),
        );
    }
    findings
}

fn works(spawned: &Spawned) -> bool {
    spawned.inner.any(|step| step.meaning.kind.deploys() || step.meaning.kind.builds() || step.meaning.kind.loads())
}

fn cuts(item: &Item) -> bool {
    item.step().is_some_and(|step| step.meaning.kind.cuts())
}

fn depends(scene: &Scene, at: &Item, first: &Spawned, next: &Spawned) -> bool {
    let mut found = next.needs.contains(&at.id);
    first.inner.each_step(&mut |item, step| {
        next.inner.each_step(&mut |other, later| {
            let both = step.meaning.kind.is_setup() && later.meaning.kind.is_setup();
            let chain = step.meaning.kind.builds() && (later.meaning.kind.loads() || later.meaning.kind.deploys());
            found |= both && (chain || scene.reason((item, step), (other, later)).is_some());
        });
    });
    found
}

fn in_loop(scene: &Scene, looped: &Looped, round: usize) -> Option<Finding> {
    if is_table_of(scene.function, looped.head) {
        return None;
    }
    let items = &looped.inner.items;
    let source = &scene.file.source;
    let wait =
        if let Some((deploy, _)) = varying(items, round, &|step| step.meaning.kind.deploys()).filter(|_| looped.each) {
            let wait = items.iter().find(|item| item.id > deploy.id && waits(item))?;
            (wait, deploy)
        } else {
            let pair = items.windows(2).find(|pair| match (&pair[0].what, &pair[1].what) {
                (What::Spawn(spawned), What::Join(join)) => works(spawned) && spawned.joined_by(join),
                _ => false,
            })?;
            (&pair[1], &pair[0])
        };
    let message = "each round of this loop waits until its deploy is done before the next one starts".to_owned();
    let help = "start every one of them in the loop, and wait once after it".to_owned();
    Some(
        Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(wait.0.span), message, help)
            .with_related(source.first_line(wait.1.span), "this is started in each round")
            .with_related(source.first_line(looped.head), "the loop"),
    )
}
