//! What a function's body does, gathered from its calls.
//! It must not look into other functions; it is told what they do.

use crate::classify::{Kind, Subject, subject};
use crate::ir::Function;

/// What a function's body does, as far as its calls say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of kinds of steps")]
pub struct Body {
    pub(super) deploys: bool,
    pub(super) prepares: bool,
    pub(super) waits: bool,
    pub(super) builds: bool,
    pub(super) loads: bool,
    pub(super) cluster: bool,
    pub(super) method: bool,
    /// Whether it is given what a cluster is reached by.
    pub(super) equipped: bool,
    /// How many steps that deploy, build or load it has itself.
    pub(super) steps: usize,
    /// Whether it is given nothing, as functions of a script are.
    pub(super) bare: bool,
    /// The one thing that it does, for a helper that does one thing with what it is given.
    pub(super) only: Only,
    /// What that is done to, as far as the helper says so itself.
    pub(super) subject: Subject,
}

/// What a short function does with what it is given.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    /// Nothing that is known.
    #[default]
    Nothing,
    /// This alone.
    One(Kind),
    /// More than one thing, or it is too long to be a helper.
    More,
}

impl Body {
    pub(super) fn add(&mut self, kind: Kind) {
        self.only = if self.only == Only::Nothing { Only::One(kind) } else { Only::More };
        self.steps += usize::from(kind.deploys() || kind.builds() || kind.loads());
        self.deploys |= kind.deploys();
        self.prepares |= kind == Kind::Prepare;
        self.waits |= matches!(kind, Kind::Wait);
        self.builds |= kind.builds();
        self.loads |= kind.loads();
        self.cluster |= kind == Kind::Cluster;
    }

    pub(super) fn add_inner(&mut self, inner: &Self) {
        self.deploys |= inner.deploys;
        self.prepares |= inner.prepares;
        self.waits |= inner.waits;
        self.builds |= inner.builds;
        self.loads |= inner.loads;
        self.cluster |= inner.cluster;
    }
}

/// A function that deploys is given a context, a client, a kubeconfig; one that makes an object is not.
pub(super) fn equipped(function: &Function, path: &str) -> bool {
    let given = |name: &String| {
        let lower = name.to_lowercase();
        ["ctx", "kubeconfig", "client", "cluster", "writer", "w", "t", "c", "cfg", "env"].contains(&lower.as_str())
            || ["kubeconfig", "client", "cluster"].iter().any(|sign| lower.contains(sign))
    };
    // A method may have all of that in its receiver, where the file is about set-up.
    let sets_up = || subject::split(path).iter().any(|word| SET_UP_PATHS.contains(&word.as_str()));
    function.params.is_empty() || function.params.iter().any(given) || function.receiver.is_some() && sets_up()
}

/// Words in the paths of files that set something up.
const SET_UP_PATHS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "e2e",
    "hack",
    "setup",
    "infra",
    "infrastructure",
    "mage",
    "magefile",
    "deploy",
    "install",
    "installer",
    "bootstrap",
    "dev",
    "ci",
    "scripts",
    "framework",
    "runner",
    "environment",
    "env",
    "harness",
    "suite",
    "cmd",
    "main",
];
