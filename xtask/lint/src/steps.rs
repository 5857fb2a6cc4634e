//! A function as a sequence of steps: what deploys, waits, builds, loads, in order, with what flows between them.
//! It must not judge; that two steps follow each other is here, that they should not is a rule's.

mod about;
mod build;
mod flow;
mod loops;
mod signs;

use std::collections::BTreeSet;

pub use loops::POLL;

use crate::classify::Meaning;
use crate::ir::{Function, JoinKind, Launch};
use crate::package::{Package, Parsed};
use crate::source::Span;

/// Steps in order.
#[derive(Debug, Default)]
pub struct Sequence {
    /// The steps, and what is around them.
    pub items: Vec<Item>,
}

/// One element of a sequence.
#[derive(Debug)]
pub struct Item {
    /// Its number, unique in the function.
    pub id: usize,
    /// Where.
    pub span: Span,
    /// Branches it is in, with the arm: items in different arms of one branch never both run.
    pub arms: Vec<(usize, usize)>,
    /// What it is.
    pub what: What,
}

/// What an item is.
#[derive(Debug)]
pub enum What {
    /// A call that means something.
    Step(Step),
    /// Something started and not waited for.
    Spawn(Spawned),
    /// Something waited for.
    Join(Joined),
    /// A loop with steps in it.
    Loop(Looped),
}

/// A call that means something.
#[derive(Debug)]
pub struct Step {
    /// What it means.
    pub meaning: Meaning,
    /// Items whose results go into it.
    pub needs: BTreeSet<usize>,
    /// The words of its command line, or its arguments as text.
    pub words: Vec<String>,
    /// What the comment above it says that it has to come before.
    pub before: Option<String>,
}

/// Something started and not waited for.
#[derive(Debug)]
pub struct Spawned {
    /// How.
    pub launch: Launch,
    /// Names by which it may be waited for: a handle, channels it sends to, a group it reports to.
    pub signals: Vec<String>,
    /// Items that it waits for or takes results from.
    pub needs: BTreeSet<usize>,
    /// What it does.
    pub inner: Sequence,
}

/// Something waited for.
#[derive(Debug)]
pub struct Joined {
    /// On what; `None` for everything.
    pub on: Option<String>,
    /// How.
    pub kind: JoinKind,
    /// Where the function is left because this one failed.
    pub leaves: Option<Span>,
    assigned: Vec<String>,
}

/// A loop with steps in it.
#[derive(Debug)]
pub struct Looped {
    /// Set when it goes through things.
    pub each: bool,
    /// What each round does.
    pub inner: Sequence,
    /// The loop's head.
    pub head: Span,
}

/// The steps of a function.
#[must_use]
pub fn steps(package: &Package, file: &Parsed, function: &Function) -> Sequence {
    build::Builder::new(package, file, function).run(&function.body)
}

impl Item {
    /// Whether both can run in one run of the function.
    #[must_use]
    pub fn together(&self, other: &Self) -> bool {
        !self.arms.iter().any(|(branch, arm)| other.arms.iter().any(|(theirs, other)| branch == theirs && arm != other))
    }

    /// The step, if it is one.
    #[must_use]
    pub const fn step(&self) -> Option<&Step> {
        match &self.what {
            What::Step(step) => Some(step),
            _ => None,
        }
    }
}

impl Step {
    /// The value of the first of some flags that a command line has: `--name x`, `--name=x`.
    #[must_use]
    pub fn flag(&self, names: &[&str]) -> Option<&str> {
        let of = |word: &String| names.contains(&word.split('=').next().unwrap_or(word));
        let at = self.words.iter().position(of)?;
        let value = self.words[at].split_once('=').map(|(_, value)| value);
        value.or_else(|| self.words.get(at + 1).map(String::as_str))
    }
}

impl Sequence {
    /// Calls `visit` for this sequence and every inner one, with the loop it is directly in.
    pub fn visit<'a>(
        &'a self,
        around: Option<(&'a Looped, usize)>,
        visit: &mut dyn FnMut(&'a Self, Option<(&'a Looped, usize)>),
    ) {
        visit(self, around);
        for item in &self.items {
            match &item.what {
                What::Spawn(spawned) => spawned.inner.visit(None, visit),
                What::Loop(looped) => looped.inner.visit(Some((looped, item.id)), visit),
                What::Step(_) | What::Join(_) => {}
            }
        }
    }

    /// Every step, inner ones included.
    pub fn each_step<'a>(&'a self, visit: &mut dyn FnMut(&'a Item, &'a Step)) {
        for item in &self.items {
            match &item.what {
                What::Step(step) => visit(item, step),
                What::Spawn(spawned) => spawned.inner.each_step(visit),
                What::Loop(looped) => looped.inner.each_step(visit),
                What::Join(_) => {}
            }
        }
    }

    /// Whether some step, at any depth, is of a kind.
    #[must_use]
    pub fn any(&self, test: impl Fn(&Step) -> bool) -> bool {
        let mut found = false;
        self.each_step(&mut |_, step| found |= test(step));
        found
    }
}
