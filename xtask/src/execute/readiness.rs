//! The one wait: what is waited for, what the watches have seen of it, and since when.
//!
//! Judging is `crate::readiness`; this keeps its inputs, and the clock that it must not read.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{
    World, evidence,
    watch::{Change, KINDS, Kind},
};
use crate::{
    catalog::{Catalog, Definition, Object, Part},
    plan::{Action, Plan, TaskId},
    readiness::{self, Assessment, Live, PartId, PartVerdict, Verdict, Wanted, WantedObject, WantedPart},
    render::{ObjectKey, RenderedObject},
    tools::kind,
};

/// How a wait stands.
pub(super) enum Progress {
    Ready,
    Changed(String),
    Failed(String),
    /// It waits for something that will never be Ready.
    Blocked(TaskId),
}

/// All waits of a run.
pub(super) struct Waits {
    wanted: Wanted,
    live: Live,
    kinds: Vec<Kind>,
    each: BTreeMap<TaskId, Wait>,
    /// Parts that failed, or that nobody will apply any more.
    lost: BTreeSet<PartId>,
    /// When to look again, if nothing changes before that.
    again: Option<Instant>,
    dirty: bool,
}

struct Wait {
    part: PartId,
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
        let mut waits = BTreeMap::new();
        let mut wanted = Wanted::default();
        let mut kinds: BTreeSet<&str> = ["Pod", "Event"].into();
        for task in &plan.tasks {
            let Action::Ready { definition, part } = &task.action else { continue };
            let Some(definition) = catalog.definitions.get(definition) else { continue };
            let Some(part) = definition.part(part) else { continue };
            kinds.extend(part.objects.iter().map(Object::kind));
            let id = part_id(definition, part);
            let depends = catalog.dependencies(definition, part);
            let depends = depends.into_iter().map(|(d, p)| PartId { definition: d.to_string(), part: p.to_string() });
            wanted.parts.insert(id.clone(), WantedPart { objects: None, depends: depends.collect() });
            waits.insert(task.id.clone(), Wait { part: id, timeout: task.deadline, open: None });
        }
        if kinds.contains("Deployment") {
            kinds.insert("ReplicaSet");
        }
        let kinds = KINDS.iter().filter(|k| kinds.contains(k.name)).copied().collect();
        Self { wanted, live: Live::new(), kinds, each: waits, lost: BTreeSet::new(), again: None, dirty: false }
    }

    /// The kinds to watch.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.kinds.clone()
    }

    /// A part was applied: these are its objects. What no watch shows is Ready when it is applied.
    pub(super) fn applied(&mut self, apply: &TaskId, objects: &[RenderedObject]) {
        let Some(wait) = self.each.get(&ready_of(apply)) else { return };
        let Some(part) = self.wanted.parts.get_mut(&wait.part) else { return };
        let is_watched = |o: &&RenderedObject| KINDS.iter().any(|k| k.name == o.key.kind);
        let wanted = |o: &RenderedObject| WantedObject { key: o.key.clone(), hash: Some(o.mark()) };
        part.objects = Some(objects.iter().filter(is_watched).map(wanted).collect());
        self.dirty = true;
    }

    /// From now on this part is waited for.
    pub(super) fn begin(&mut self, id: &TaskId) {
        if let Some(wait) = self.each.get_mut(id) {
            wait.open = Some(Open { waited: Duration::ZERO, looked: Instant::now(), seen: String::new() });
            self.dirty = true;
        }
    }

    /// A task ended; if it was a wait, that is over, and if it did not end well, its part is lost.
    pub(super) fn end(&mut self, id: &TaskId, went_well: bool) {
        if let Some(wait) = self.each.get_mut(id) {
            wait.open = None;
            if !went_well {
                self.lost.insert(wait.part.clone());
                self.dirty = true;
            }
        }
    }

    /// Everything that is waited for.
    pub(super) fn open(&self) -> Vec<TaskId> {
        self.each.iter().filter(|(_, w)| w.open.is_some()).map(|(id, _)| id.clone()).collect()
    }

    /// Takes a change in.
    pub(super) fn apply(&mut self, change: Change) {
        self.dirty = true;
        match change {
            Change::Restarted { what } => self.live.retain(|k, _| k.kind != what),
            Change::Set { object } => drop(self.live.insert(ObjectKey::of(&object), *object)),
            Change::Gone { object } => drop(self.live.remove(&ObjectKey::of(&object))),
        }
    }

    /// How every open wait stands; only what is news.
    pub(super) fn judge(&mut self, saturated: bool, world: &World) -> Vec<(TaskId, Progress)> {
        let now = Instant::now();
        let late = self.pass_time(now, saturated);
        let due = self.again.is_some_and(|at| at <= now);
        if !(std::mem::take(&mut self.dirty) || due) && late.is_empty() {
            return Vec::new();
        }
        let assessment = readiness::assess(&self.wanted, &self.live, Timestamp::now());
        self.again = assessment.again.map(|wait| now + wait);
        let ids = self.open();
        ids.into_iter().filter_map(|id| self.news(id, &assessment, &late, world)).collect()
    }

    /// Counts the time of all open waits; returns those that have had theirs.
    fn pass_time(&mut self, now: Instant, saturated: bool) -> BTreeSet<TaskId> {
        let mut late = BTreeSet::new();
        for (id, wait) in &mut self.each {
            let Some(open) = &mut wait.open else { continue };
            let passed = now.duration_since(open.looked);
            open.looked = now;
            if !saturated {
                open.waited += passed;
            }
            if open.waited > wait.timeout {
                late.insert(id.clone());
            }
        }
        late
    }

    fn news(
        &mut self,
        id: TaskId,
        assessment: &Assessment,
        late: &BTreeSet<TaskId>,
        world: &World,
    ) -> Option<(TaskId, Progress)> {
        let wait = self.each.get_mut(&id)?;
        let stands = assessment.parts.get(&wait.part)?;
        let progress = match &stands.verdict {
            Verdict::Ready => Progress::Ready,
            Verdict::Hopeless { .. } => Progress::Failed(sentence(stands, world)),
            Verdict::Waiting(_) => {
                if let Some(part) = stands.blocked_by.iter().find(|p| self.lost.contains(*p)) {
                    Progress::Blocked(TaskId::new("ready", part))
                } else if late.contains(&id) {
                    let within = humantime::format_duration(wait.timeout);
                    let others = assessment.lines().join("\n");
                    Progress::Failed(format!("not Ready within {within}; what was not Ready then:\n{others}"))
                } else {
                    let open = wait.open.as_mut()?;
                    let seen = stands.to_string();
                    if seen == open.seen {
                        return None;
                    }
                    open.seen.clone_from(&seen);
                    Progress::Changed(seen)
                }
            }
        };
        Some((id, progress))
    }
}

/// What is wrong, with the last words of the container that is to blame.
fn sentence(stands: &PartVerdict, world: &World) -> String {
    let object = stands.object.as_ref().map(|o| format!("{o}: ")).unwrap_or_default();
    let Verdict::Hopeless { reason, container } = &stands.verdict else { return format!("{object}{stands}") };
    let Some(container) = container else { return format!("{object}{reason}") };
    let open = || {
        // Where it fails, reading says why there are no lines.
        let _ = kind::open_pod_logs(&world.engine, &world.cluster.node()).run(&world.runner);
    };
    let whose = || format!("container `{}` of pod `{}`", container.name, container.pod);
    match evidence::last_lines(&world.cluster.pod_logs(), &world.namespace, container, &open) {
        Ok(Some((path, lines))) => {
            let lines: String = lines.iter().flat_map(|l| ["\n  | ", l]).collect();
            format!("{object}{reason}; its last log lines:{lines}\n  log: {}", path.display())
        }
        Ok(None) => format!("{object}{reason}; {} printed nothing", whose()),
        Err(e) => format!("{object}{reason}; the log of {} could not be read: {e}", whose()),
    }
}

fn part_id(definition: &Definition, part: &Part) -> PartId {
    PartId { definition: definition.name.to_string(), part: part.name.to_string() }
}

fn ready_of(apply: &TaskId) -> TaskId {
    TaskId(apply.0.replacen("apply:", "ready:", 1))
}
