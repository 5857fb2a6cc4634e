//! What a wait is for: which deploys, or something that the API needs before anything else.
//! It must not word findings.

use std::cmp::Reverse;

use super::runs::At;
use crate::classify::subject::split;
use crate::classify::{Kind, Subject};
use crate::steps::{Item, Step, What};

/// Whether an item waits until something is ready; results of workers say no more than that they ended.
#[must_use]
pub fn is_readiness(item: &Item) -> bool {
    match &item.what {
        What::Step(step) => matches!(step.meaning.kind, Kind::Wait | Kind::Sleep),
        What::Loop(looped) => looped.inner.items.iter().any(is_readiness),
        What::Join(_) | What::Spawn(_) => false,
    }
}

/// A wait for the end of a Job is a wait for what the Job did: a schema, seeds, certificates.
#[must_use]
pub fn is_for_work(step: &Step) -> bool {
    step.words.iter().any(|word| {
        let word = word.to_lowercase();
        word.contains("condition=complete") || word.starts_with("job/") || word == "job" || word == "jobs"
    })
}

/// What a `controller-manager` manages is refused before its webhooks serve.
#[must_use]
pub fn is_for_manager(step: &Step) -> bool {
    step.words.iter().any(|word| word.contains("controller-manager"))
}

/// Nothing starts before its node is there.
#[must_use]
pub fn is_for_node(step: &Step) -> bool {
    ["node", "nodes"].iter().any(|word| step.meaning.subject.has(word))
        || step
            .words
            .iter()
            .any(|word| matches!(word.to_lowercase().as_str(), "node" | "nodes") || word.contains("Nodes"))
}

/// A wait for a CRD or a webhook is a wait for what the API needs.
#[must_use]
pub fn prepares(step: &Step) -> bool {
    let subject = &step.meaning.subject;
    ["crd", "crds", "webhook", "apiservice", "established"].iter().any(|word| subject.has(word))
        || step.words.iter().any(|word| {
            let word = word.to_lowercase();
            let is_selector = word.contains('=') && !word.starts_with('-') && !word.starts_with("condition");
            !is_selector && ["crd", "established", "webhook", "customresource"].iter().any(|sign| word.contains(sign))
        })
}

/// The deploys that a wait waits for: those it names, or else those since the wait before.
#[must_use]
pub fn awaited<'a>(wait: &Item, before: &[At<'a>], segment: &[Item], at: usize) -> Option<Vec<At<'a>>> {
    let named: Vec<At> = match wait.step() {
        Some(step) if !step.meaning.subject.is_unknown() => {
            let named: Vec<At> = before
                .iter()
                .filter(|(_, deploy)| deploy.meaning.subject.overlaps(&step.meaning.subject))
                .copied()
                .collect();
            let known = before.iter().any(|(_, deploy)| !deploy.meaning.subject.is_unknown());
            let directly = at > 0 && before.last().is_some_and(|(last, _)| last.id == segment[at - 1].id);
            if named.is_empty() && known && !directly && !is_for_all(step) {
                return None; // It waits for something else.
            }
            closest(named, &step.meaning.subject)
        }
        _ => Vec::new(),
    };
    if !named.is_empty() {
        return Some(named);
    }
    let last = segment[..at].iter().rposition(is_readiness).map_or(0, |index| segment[index].id);
    let since: Vec<At> = before.iter().filter(|(item, _)| item.id > last).copied().collect();
    (!since.is_empty()).then_some(since)
}

/// Whether a wait's name says that it is for all there is: `waitForShopServicesReady`.
fn is_for_all(step: &Step) -> bool {
    split(&step.meaning.label).iter().any(|word| {
        matches!(word.as_str(), "all" | "services" | "pods" | "deployments" | "components" | "everything" | "workloads")
    })
}

/// Those whose names fit best: of `gateway-crds` and `gateway`, a wait for `gateway` waits for the second.
fn closest<'a>(named: Vec<At<'a>>, awaited: &Subject) -> Vec<At<'a>> {
    let fit = |(_, deploy): &At| {
        let words = &deploy.meaning.subject.words;
        let shared = words.iter().filter(|word| awaited.words.contains(word)).count();
        (shared, Reverse(words.len() - shared))
    };
    let best = named.iter().map(fit).max();
    named.into_iter().filter(|at| Some(fit(at)) == best).collect()
}
