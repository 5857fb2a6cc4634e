//! What will be done, before anything is done: tasks in topological order, as data.
//!
//! Pure: no I/O, no clock. The same catalogue, selection and observation give the same plan.

mod graph;
mod images;
mod modes;
mod script;
mod show;
mod tasks;

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

pub use graph::order;
pub use images::images_of;
pub use modes::Mode;
pub use show::{json, mermaid, text};
pub use tasks::plan;

use crate::catalog::{ImageName, ImageRef, Name};

/// Tasks in an order in which each comes after all that it needs.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// Definitions that are set up, those asked for and those they need.
    pub definitions: Vec<Name>,
    /// How the same work is ordered.
    pub mode: Mode,
}

/// What the plan is for.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The definitions asked for.
    pub roots: Vec<Name>,
    /// How to order the work.
    pub mode: Mode,
    /// Images built elsewhere, by `--image NAME=REF`.
    pub given: BTreeMap<ImageName, ImageRef>,
    /// How far to go.
    pub scope: Scope,
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Images only: no cluster.
    Images,
    /// Services in a cluster.
    #[default]
    Cluster,
    /// Services in a cluster, and their tests compiled.
    Tests,
}

/// What is there already, as far as the plan depends on it.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Whether the cluster runs, with the wanted configuration.
    pub cluster_runs: bool,
    /// Processors of this machine.
    pub cpus: usize,
}

/// One thing to do.
#[derive(Debug, Clone, Serialize)]
pub struct Task {
    /// Unique in its plan.
    pub id: TaskId,
    /// What is done.
    pub action: Action,
    /// Tasks that must have succeeded before.
    pub needs: Vec<TaskId>,
    /// Whose capacity it takes while it runs.
    pub pool: Pool,
    /// How much of that capacity.
    #[serde(skip)]
    pub weight: usize,
    /// When it is given up.
    #[serde(skip)]
    pub deadline: Duration,
    /// Under which heading the report puts it.
    pub phase: Phase,
}

/// The id of a task, `verb:object`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TaskId(pub String);

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Compiles service binaries, all in one go.
    CargoBuild {
        /// (package, binary) pairs.
        binaries: Vec<(String, String)>,
    },
    /// Compiles end-to-end tests, to have them when the cluster is Ready.
    CargoTests {
        /// (package, test target) pairs.
        targets: Vec<(String, String)>,
    },
    /// Makes an image of this workspace.
    BuildImage {
        /// Which.
        image: ImageName,
    },
    /// Gets an image that comes from elsewhere.
    ObtainImage {
        /// Which.
        image: ImageName,
    },
    /// Creates the cluster.
    CreateCluster,
    /// Done when the node's containerd answers.
    NodeUp,
    /// Done when the API server answers.
    ApiUp,
    /// Sends an image into the node, in one stream with all others that can go at that moment.
    LoadImage {
        /// Which.
        image: ImageName,
    },
    /// Lists what the cluster has of ours, and begins to watch it.
    Watch,
    /// Creates the namespace of the run.
    CreateNamespace,
    /// Applies the objects of a part.
    Apply {
        /// Whose.
        definition: Name,
        /// Which part.
        part: Name,
    },
    /// Done when the watch has seen all objects of a part Ready.
    Ready {
        /// Whose.
        definition: Name,
        /// Which part.
        part: Name,
    },
    /// Asks over HTTP from the host.
    Check {
        /// Whose.
        definition: Name,
        /// The port's name.
        port: Name,
        /// Path and query.
        path: String,
        /// The wanted status.
        status: u16,
    },
    /// Deletes objects that an earlier set-up applied and this one does not have.
    Prune,
}

/// A capacity that tasks share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pool {
    /// The machine's cores.
    Cpu,
    /// The node's one import stream.
    Node,
    /// Requests to the API server that change something.
    Api,
    /// Only waits.
    Free,
}

/// A label in the report; no barrier, but in `--mode phased`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Images and binaries are made.
    Build,
    /// The cluster is created.
    Cluster,
    /// Images go into the node.
    Load,
    /// Objects are applied.
    Deploy,
    /// Objects become Ready.
    Ready,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Build => "build",
            Self::Cluster => "cluster",
            Self::Load => "load",
            Self::Deploy => "deploy",
            Self::Ready => "ready",
        })
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cpu => "cpu",
            Self::Node => "node",
            Self::Api => "api",
            Self::Free => "free",
        })
    }
}

impl Plan {
    /// The task with this id.
    #[must_use]
    pub fn task(&self, id: &TaskId) -> Option<&Task> {
        self.tasks.iter().find(|t| t.id == *id)
    }
}
