//! The one wait: what is waited for, what the watches have seen of it, and since when.
//!
//! Judging is `crate::readiness`; this keeps its inputs, and the clock that it must not read.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    World,
    watch::{Change, KINDS, Kind},
};
use crate::{
    catalog::{Catalog, Name},
    plan::{Action, Plan, TaskId},
    readiness::{self, Verdict},
    render::{ObjectKey, RenderedObject},
};

/// How a wait stands.
pub(super) enum Progress {
    Ready,
    Changed(String),
    Failed(String),
}

/// All waits of a run.
pub(super) struct Waits {
    parts: BTreeMap<TaskId, Wait>,
    live: BTreeMap<ObjectKey, Value>,
    kinds: Vec<Kind>,
    dirty: bool,
}

struct Wait {
    wanted: Vec<ObjectKey>,
    timeout: Duration,
    /// While it is waited for.
    open: Option<Open>,
}

struct Open {
    /// Time that counts: none passes while a build has all cores.
    waited: Duration,
    looked: Instant,
    seen: String,
}

impl Waits {
    pub(super) fn new(plan: &Plan, catalog: &Catalog) -> Self {
        let mut parts = BTreeMap::new();
        let mut names: BTreeSet<&str> = ["Pod", "Event"].into();
        for task in &plan.tasks {
            let Action::Ready { definition, part } = &task.action else { continue };
            let part = catalog.definitions.get(definition).and_then(|d| d.part(part));
            names.extend(part.into_iter().flat_map(|p| &p.objects).map(crate::catalog::Object::kind));
            parts.insert(task.id.clone(), Wait { wanted: Vec::new(), timeout: task.deadline, open: None });
        }
        if names.contains("Deployment") {
            names.insert("ReplicaSet");
        }
        let kinds = KINDS.iter().filter(|k| names.contains(k.name)).copied().collect();
        Self { parts, live: BTreeMap::new(), kinds, dirty: false }
    }

    /// The kinds to watch.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.kinds.clone()
    }

    /// A part was applied: these are its objects.
    pub(super) fn applied(&mut self, apply: &TaskId, objects: &[RenderedObject]) {
        let ready = TaskId(apply.0.replacen("apply:", "ready:", 1));
        if let Some(wait) = self.parts.get_mut(&ready) {
            let is_watched = |o: &&RenderedObject| KINDS.iter().any(|k| k.name == o.key.kind);
            wait.wanted = objects.iter().filter(is_watched).map(|o| o.key.clone()).collect();
        }
    }

    pub(super) fn begin(&mut self, id: &TaskId, _definition: &Name, _part: &Name) {
        if let Some(wait) = self.parts.get_mut(id) {
            wait.open = Some(Open { waited: Duration::ZERO, looked: Instant::now(), seen: String::new() });
            self.dirty = true;
        }
    }

    pub(super) fn end(&mut self, id: &TaskId) {
        if let Some(wait) = self.parts.get_mut(id) {
            wait.open = None;
        }
    }

    /// Everything that is waited for.
    pub(super) fn open(&self) -> Vec<TaskId> {
        self.parts.iter().filter(|(_, w)| w.open.is_some()).map(|(id, _)| id.clone()).collect()
    }

    /// Takes a change in; returns a sentence for a cluster event that is a warning.
    pub(super) fn apply(&mut self, change: Change) -> Option<String> {
        self.dirty = true;
        match change {
            Change::Restarted { what } => self.live.retain(|k, _| k.kind != what),
            Change::Set { object } => drop(self.live.insert(ObjectKey::of(&object), *object)),
            Change::Gone { object } => drop(self.live.remove(&ObjectKey::of(&object))),
        }
        None
    }

    /// How every open wait stands; only what is news.
    pub(super) fn judge(&mut self, saturated: bool, world: &World) -> Vec<(TaskId, Progress)> {
        let now = Instant::now();
        let dirty = std::mem::take(&mut self.dirty);
        let mut news = Vec::new();
        for (id, wait) in &mut self.parts {
            let Some(open) = &mut wait.open else { continue };
            let passed = now.duration_since(open.looked);
            open.looked = now;
            if !saturated {
                open.waited += passed;
            }
            let late = open.waited > wait.timeout;
            if !dirty && !late {
                continue;
            }
            match worst(&wait.wanted, &self.live) {
                None => news.push((id.clone(), Progress::Ready)),
                Some((key, Verdict::Hopeless { reason, .. })) => {
                    news.push((id.clone(), Progress::Failed(format!("{key}: {reason}"))));
                }
                Some((key, verdict)) => {
                    let seen = format!("{key}: {verdict}");
                    if late {
                        let within = humantime::format_duration(wait.timeout);
                        news.push((
                            id.clone(),
                            Progress::Failed(format!("not Ready within {within}; last seen: {seen}")),
                        ));
                    } else if seen != open.seen {
                        open.seen.clone_from(&seen);
                        news.push((id.clone(), Progress::Changed(seen)));
                    }
                }
            }
        }
        let _ = world;
        news
    }
}

fn worst(wanted: &[ObjectKey], live: &BTreeMap<ObjectKey, Value>) -> Option<(ObjectKey, Verdict)> {
    let mut worst = None;
    for key in wanted {
        let verdict = match live.get(key) {
            None => Verdict::Waiting("not seen yet".to_owned()),
            Some(object) => readiness::judge(object),
        };
        match verdict {
            Verdict::Ready => {}
            Verdict::Hopeless { .. } => return Some((key.clone(), verdict)),
            Verdict::Waiting(_) => worst = worst.or(Some((key.clone(), verdict))),
        }
    }
    worst
}
