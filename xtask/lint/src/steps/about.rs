//! What a call is about beyond its own words: what the line above says, what is in its closures, what it was printed by.
//! It must not put anything into a sequence.

use std::collections::BTreeSet;

use super::Sequence;
use super::build::Builder;
use super::flow::carries;
use super::signs::words;
use crate::classify::subject::split;
use crate::classify::{Kind, Meaning};
use crate::config::Sort;
use crate::ir::{Call, Node, walk};

impl Builder<'_, '_> {
    /// `kubectl create secret --dry-run`: what is printed is a manifest of something light, and whoever runs it has it.
    pub(super) fn prints(&mut self, call: &Call) {
        let makes = call.argv.as_ref().is_some_and(|argv| {
            let has = |start: &str| argv.iter().any(|word| word.starts_with(start));
            let what = argv.iter().position(|word| word == "create").and_then(|at| argv.get(at + 1));
            has("--dry-run") && what.is_some_and(|what| self.package.config.is(what, Sort::Light))
        });
        let runs = call.path.first().is_some_and(|name| self.light.contains(name))
            || call.args.iter().flat_map(|arg| &arg.reads).any(|name| self.light.contains(name));
        for name in &call.assigned {
            if makes || runs && carries(name) {
                self.light.insert(name.clone());
            } else {
                self.light.remove(name);
            }
        }
    }

    /// Where what a question in a closure is about comes from: `Eventually(func() { get(item.Name) })`.
    pub(super) fn asked_in(&self, call: &Call) -> BTreeSet<usize> {
        let mut needs = BTreeSet::new();
        for body in call.chain.iter().chain(&call.args).filter_map(|value| value.closure.as_ref()) {
            walk(body, &mut |node| {
                if let Node::Call(inner) = node {
                    needs.extend(inner.chain.iter().chain(&inner.args).flat_map(|arg| self.flow.of(&arg.reads)));
                }
            });
        }
        needs
    }

    /// A deploy that says nothing of what it deploys is about what the line above it says.
    pub(super) fn named(&self, mut meaning: Meaning, call: &Call) -> Meaning {
        if meaning.subject.is_unknown() && matches!(meaning.kind, Kind::Deploy | Kind::Apply) {
            meaning.subject = self.file.announced(call.span, self.package.config);
        }
        meaning
    }

    /// A call whose result is kept, and that names something deployed before, asks about it.
    pub(super) fn asked(call: &Call, out: &Sequence) -> BTreeSet<usize> {
        let mut items = BTreeSet::new();
        if call.assigned.is_empty() {
            return items;
        }
        let mut said: Vec<String> =
            words(call).iter().filter(|word| !word.contains("${")).flat_map(|word| split(word)).collect();
        said.extend(split(call.name()));
        for item in &out.items {
            let Some(step) = item.step().filter(|step| step.meaning.kind.deploys()) else { continue };
            if step.meaning.subject.words.iter().any(|word| said.contains(word)) {
                items.insert(item.id);
            }
        }
        items
    }
}
