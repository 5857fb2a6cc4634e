//! What a worker does for a task. A worker owns nothing: it gets a snapshot of the facts and returns what it found.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use super::{Facts, Message, Sender, SharedFacts, World, work_cluster, work_images, work_objects};
use crate::{
    catalog::{ImageName, ImageRef},
    event::Outcome,
    plan::{Action, Task, TaskId},
    render::ObjectKey,
};

/// What a task did, and what it found out.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) found: Found,
}

/// What a task found out for those behind it.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    Binaries(BTreeMap<String, PathBuf>),
    Reference(ImageName, ImageRef),
    Cluster {
        node_images: BTreeSet<ImageRef>,
        applied: BTreeMap<ObjectKey, serde_json::Value>,
        dead: BTreeSet<ObjectKey>,
    },
    Applied {
        definition: String,
        keys: Vec<ObjectKey>,
        wanted: Vec<crate::render::RenderedObject>,
    },
}

/// A worker's own view of its task.
pub(super) struct Job<'a> {
    pub(super) world: &'a World,
    pub(super) facts: &'a Facts,
    pub(super) task: &'a Task,
    pub(super) tell: &'a Sender,
}

impl Job<'_> {
    /// Says something worth a line.
    pub(super) fn note(&self, text: impl Into<String>) {
        // A coordinator that has gone needs no notes.
        let _ = self.tell.send(Message::Note { task: self.task.id.clone(), text: text.into() });
    }

    /// The file that takes what the task's processes print.
    pub(super) fn log(&self) -> PathBuf {
        self.world.run_dir.join(format!("{}.log", self.task.id.0.replace(['/', ':'], "-")))
    }
}

impl Done {
    pub(super) fn did(what: impl Into<String>) -> Self {
        Self { outcome: Outcome::did(what), found: Found::Nothing }
    }

    pub(super) fn fresh() -> Self {
        Self { outcome: Outcome::Fresh, found: Found::Nothing }
    }

    pub(super) fn finding(self, found: Found) -> Self {
        Self { found, ..self }
    }
}

/// Does a batch and always reports, whatever happens: a coordinator without an answer would wait for ever.
pub(super) fn perform(world: &World, facts: &SharedFacts, tasks: &[Task], tell: &Sender) {
    let result = catch_unwind(AssertUnwindSafe(|| perform_batch(world, facts, tasks, tell)));
    let results = result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
        let error = format!("the worker panicked, which is a bug of this tool: {text}");
        tasks.iter().map(|t| (t.id.clone(), Err(error.clone()))).collect()
    });
    let _ = tell.send(Message::Ended { results });
}

fn perform_batch(world: &World, facts: &Facts, tasks: &[Task], tell: &Sender) -> Vec<(TaskId, Result<Done, String>)> {
    if let [first, _, ..] = tasks {
        // Only loads come in batches, and a batch succeeds or fails as the one stream that it is.
        let job = Job { world, facts, task: first, tell };
        return work_images::load(&job, tasks);
    }
    let done = |task: &Task| {
        let job = Job { world, facts, task, tell };
        (task.id.clone(), one(&job))
    };
    tasks
        .iter()
        .flat_map(|t| {
            if matches!(t.action, Action::LoadImage { .. }) {
                work_images::load(&Job { world, facts, task: t, tell }, std::slice::from_ref(t))
            } else {
                vec![done(t)]
            }
        })
        .collect()
}

fn one(job: &Job<'_>) -> Result<Done, String> {
    match &job.task.action {
        Action::CargoBuild { binaries } => work_images::cargo_build(job, binaries),
        Action::CargoTests { targets } => work_images::cargo_tests(job, targets),
        Action::BuildImage { image } => work_images::build(job, image),
        Action::ObtainImage { image } => work_images::obtain(job, image),
        Action::CreateCluster => work_cluster::create(job),
        Action::Watch => work_cluster::list(job),
        Action::CreateNamespace => work_objects::namespace(job),
        Action::Apply { definition, part } => work_objects::apply(job, definition, part),
        Action::Prune => work_objects::prune(job),
        Action::Check { port, path, status, .. } => work_objects::check(job, port, path, *status),
        Action::NodeUp | Action::ApiUp | Action::Ready { .. } | Action::LoadImage { .. } => {
            Err("this task has no worker, which is a bug of this tool".to_owned())
        }
    }
}
