//! Runs of independent steps: what several rules have in common.
//! It must not word findings.

use crate::classify::Kind;
use crate::reason::Scene;
use crate::steps::{Item, Sequence, Step, What};

/// A step with its item.
pub type At<'a> = (&'a Item, &'a Step);

/// The parts of a sequence between cuts.
#[must_use]
pub fn segments(sequence: &Sequence) -> Vec<&[Item]> {
    sequence.items.split(|item| item.step().is_some_and(|step| step.meaning.kind.cuts())).collect()
}

/// Runs of steps that `member` picks, each independent of an earlier one of its run, with nothing that `parts` them.
#[must_use]
pub fn runs<'a>(
    scene: &Scene,
    items: &'a [Item],
    member: &dyn Fn(&Step) -> bool,
    parts: &dyn Fn(&Item) -> bool,
    same: &dyn Fn(At, At) -> bool,
) -> Vec<Vec<At<'a>>> {
    let mut done: Vec<Vec<At<'a>>> = Vec::new();
    let mut open: Vec<Vec<At<'a>>> = Vec::new();
    for item in items {
        if parts(item) {
            done.append(&mut open);
            continue;
        }
        let Some(step) = item.step().filter(|step| member(step)) else { continue };
        let here: At = (item, step);
        let free = |earlier: At| scene.reason(earlier, here).is_none() || same(earlier, here);
        // A step that depends on any member of a run belongs after it, not into it. Of the arms of a branch only one runs.
        let fits = |run: &Vec<At<'a>>| {
            let mut all = run.iter().filter(|earlier| earlier.0.together(item)).peekable();
            all.peek().is_some() && all.all(|earlier| free(*earlier))
        };
        match open.iter_mut().rev().find(|run| fits(run)) {
            Some(run) => run.push(here),
            None => open.push(vec![here]),
        }
    }
    done.append(&mut open);
    done.retain(|run| run.len() > 1);
    done
}

/// Whether an item waits: a readiness wait, a sleep, a result taken.
#[must_use]
pub fn waits(item: &Item) -> bool {
    match &item.what {
        What::Step(step) => matches!(step.meaning.kind, Kind::Wait | Kind::Sleep),
        What::Join(_) => true,
        What::Spawn(_) => false,
        What::Loop(looped) => looped.inner.items.iter().any(waits),
    }
}

/// The first step directly in a loop's body that a test picks and that is another one in each round.
#[must_use]
pub fn varying<'a>(items: &'a [Item], round: usize, test: &dyn Fn(&Step) -> bool) -> Option<At<'a>> {
    items
        .iter()
        .find_map(|item| item.step().filter(|step| step.needs.contains(&round) && test(step)).map(|step| (item, step)))
}

/// The names of the steps of a run, as in "`a`, `b` and `c`".
#[must_use]
pub fn names(run: &[At]) -> String {
    let mut names: Vec<String> = run.iter().map(|(_, step)| format!("`{}`", step.meaning.label)).collect();
    names.dedup();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
