//! What a call means: a deploy, a wait, a build, a load, something light, or nothing of interest.
//! It sees one call and the configuration; what a called function's body says is `package`'s to know.

pub mod api;
pub mod args;
pub mod command;
pub mod name;
pub mod subject;
mod verbs;

use crate::config::Config;
use crate::ir::Call;
pub use subject::Subject;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Puts a workload into a cluster; may take long.
    Deploy,
    /// Puts a workload into a cluster by one API call, and returns at once.
    Create,
    /// Puts manifests into a cluster by a program that returns at once (`kubectl apply`).
    Apply,
    /// Puts something into a cluster that is there at once (a namespace, a secret, a CRD).
    Prepare,
    /// Waits until something is ready.
    Wait,
    /// Waits a fixed time.
    Sleep,
    /// Builds an image.
    Build,
    /// Loads an image into a cluster.
    Load,
    /// Builds and loads an image.
    BuildLoad,
    /// Creates a cluster.
    Cluster,
    /// Changes a schema.
    Migrate,
    /// Uses what runs (seeds data, forwards a port, asks a service).
    Use,
    /// Takes something away.
    Remove,
}

/// How sure the meaning is, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A word in a name that may mean other things too (`setup`, `apply`).
    WeakName,
    /// A name that says it.
    Name,
    /// The API call or the command line itself.
    Direct,
    /// The configuration.
    Declared,
}

/// What a call means.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// What it does.
    pub kind: Kind,
    /// To what.
    pub subject: Subject,
    /// How we know.
    pub source: Source,
    /// Set when it waits for readiness itself (`helm --wait`).
    pub waits: bool,
    /// How it is named in messages.
    pub label: String,
}

/// The meaning of one call, without looking into the function that is called.
#[must_use]
pub fn classify(call: &Call, config: &Config) -> Option<Meaning> {
    let program = call.argv.as_ref().and_then(|argv| argv.first());
    let program = program.map(|program| program.rsplit('/').next().unwrap_or(program));
    let declared = config.declared(call.name()).or_else(|| config.declared(program?));
    if let Some(declared) = declared {
        return name::declared(call, declared, config);
    }
    if let Some(meaning) = command::of_call(call, config) {
        return Some(meaning);
    }
    if call.argv.is_some() {
        return None; // A program that is run, and no known one.
    }
    api::of_call(call, config).or_else(|| name::of_call(call, config))
}

impl Kind {
    /// Whether this puts a workload into a cluster.
    #[must_use]
    pub const fn deploys(self) -> bool {
        matches!(self, Self::Deploy | Self::Create | Self::Apply)
    }

    /// Whether this is one of the steps that set-up code is made of.
    #[must_use]
    pub const fn is_setup(self) -> bool {
        self.deploys() || matches!(self, Self::Build | Self::Load | Self::BuildLoad | Self::Cluster | Self::Migrate)
    }

    /// Whether what follows may need what this did, whatever it is.
    #[must_use]
    pub const fn cuts(self) -> bool {
        matches!(self, Self::Cluster | Self::Migrate | Self::Use | Self::Remove)
    }

    /// Whether an image is built.
    #[must_use]
    pub const fn builds(self) -> bool {
        matches!(self, Self::Build | Self::BuildLoad)
    }

    /// Whether an image is loaded.
    #[must_use]
    pub const fn loads(self) -> bool {
        matches!(self, Self::Load | Self::BuildLoad)
    }
}
