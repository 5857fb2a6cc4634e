//! Does what a plan says: one coordinator that owns all state, workers that only wait for processes, watch readers that
//! only pass on what they read.
//!
//! Nothing here prints; whoever calls gets every event.

mod coordinator;
mod evidence;
mod facts;
mod readiness;
mod watch;
mod work;
mod work_cluster;
mod work_images;
mod work_objects;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

pub use coordinator::{News, run};
pub use facts::Facts;

use crate::{
    catalog::{Catalog, ImageName, ImageRef},
    event::Outcome,
    exec::Runner,
    images::Cache,
    plan::TaskId,
    state::{ClusterDir, ClusterRecord, StateHome},
    tools::{cargo::Cargo, engine::Engine, kind::Kind, kubectl::Kubectl},
};

/// Everything that a run works with. It does not change while the run lasts.
#[derive(Debug)]
pub struct World {
    /// Starts and stops processes.
    pub runner: Runner,
    /// What there is to set up.
    pub catalog: Catalog,
    /// The container engine.
    pub engine: Engine,
    /// kind, on that engine.
    pub kind: Kind,
    /// kubectl, for this cluster.
    pub kubectl: Kubectl,
    /// cargo, in this workspace.
    pub cargo: Cargo,
    /// Archives of third-party images, where there are any.
    pub cache: Option<Cache>,
    /// All clusters of this user.
    pub home: StateHome,
    /// The cluster's directory.
    pub cluster: ClusterDir,
    /// The cluster as it is, or as it is to be created.
    pub record: ClusterRecord,
    /// kind's configuration for it.
    pub kind_config: serde_json::Value,
    /// The directory of this run's logs.
    pub run_dir: PathBuf,
    /// The namespace into which everything goes.
    pub namespace: String,
    /// Images built elsewhere.
    pub given: BTreeMap<ImageName, ImageRef>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The outcome of every task.
    pub outcomes: BTreeMap<TaskId, Outcome>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// What was applied, by definition, also by a run that failed later.
    pub applied: BTreeMap<String, Vec<crate::render::ObjectKey>>,
}

impl RunResult {
    /// What the tasks that failed say.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        self.outcomes
            .values()
            .filter_map(|o| if let Outcome::Failed { error } = o { Some(error.as_str()) } else { None })
    }

    /// Whether a task did its work, and had some to do.
    #[must_use]
    pub fn did(&self, task: &TaskId) -> bool {
        matches!(self.outcomes.get(task), Some(Outcome::Done { .. }))
    }

    /// Whether everything succeeded.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.interrupted && self.outcomes.values().all(Outcome::is_good)
    }
}

/// What workers and readers tell the coordinator.
#[derive(Debug)]
enum Message {
    /// A worker is through with a batch; one result for each task.
    Ended { results: Vec<(TaskId, Result<work::Done, String>)> },
    /// A step of the cluster's creation has been reached, or will not be.
    Reached { task: TaskId, result: Result<(), String> },
    /// A task has something to say while it works.
    Note { task: TaskId, text: String },
    /// Something changed in the cluster.
    Changed(watch::Change),
    /// A watch cannot be kept up.
    WatchLost { what: String, error: String },
}

type Sender = std::sync::mpsc::Sender<Message>;
type SharedFacts = Arc<Facts>;

/// What rendering needs, from what the run has found out.
fn render_context<'w>(world: &'w World, facts: &Facts) -> crate::render::Context<'w> {
    let mut images = facts.references.clone();
    images.extend(world.given.clone());
    crate::render::Context::new(&world.catalog, &world.namespace, world.cluster.name(), images)
}
