//! Catalogue + selection + observation -> tasks and their edges.
//!
//! Edges come from the data: a build before what loads it, a load before what runs it, a namespace and a definition of
//! custom resources before what uses them, and the hard edges that a definition declares.

mod edges;

use std::{collections::BTreeMap, time::Duration};

use super::{Action, Mode, Observed, Phase, Plan, Pool, Scope, Selection, Task, TaskId, modes, order, script::groups};
use crate::catalog::{Build, Catalog, Definition, ImageName, Name, Part};

const MINUTE: Duration = Duration::from_mins(1);
/// The tag of a definition's own custom resources: (group, kind).
type Crd = (String, String);

/// The plan, or a sentence that says why there is none.
pub fn plan(catalog: &Catalog, selection: &Selection, observed: &Observed) -> Result<Plan, String> {
    let closure = catalog.closure(&selection.roots);
    let definitions: Vec<&Definition> = closure.iter().filter_map(|n| catalog.definitions.get(n)).collect();
    let mut builder = Builder { catalog, selection, observed, tasks: Vec::new(), crds: edges::crds(&definitions) };
    builder.builds(&definitions);
    if selection.scope == Scope::Images {
        builder.third_party(&definitions);
    } else {
        builder.cluster();
        for definition in &definitions {
            builder.definition(definition)?;
        }
        builder.prune();
    }
    if selection.scope == Scope::Tests {
        builder.tests();
    }
    let groups = groups(&definitions, &builder.tasks);
    let mut tasks = builder.tasks;
    modes::order_by(selection.mode, &mut tasks, &groups);
    Ok(Plan { tasks: order(tasks)?, definitions: closure, mode: selection.mode })
}

impl TaskId {
    /// `verb:object`
    #[must_use]
    pub fn new(verb: &str, object: impl std::fmt::Display) -> Self {
        Self(format!("{verb}:{object}"))
    }

    /// The task that applies a part.
    #[must_use]
    pub fn apply(definition: &Name, part: &Name) -> Self {
        Self::new("apply", format_args!("{definition}/{part}"))
    }

    /// The task that is done when a part is Ready.
    #[must_use]
    pub fn ready(definition: &Name, part: &Name) -> Self {
        Self::new("ready", format_args!("{definition}/{part}"))
    }

    fn plain(id: &str) -> Self {
        Self(id.to_owned())
    }
}

struct Builder<'a> {
    catalog: &'a Catalog,
    selection: &'a Selection,
    observed: &'a Observed,
    tasks: Vec<Task>,
    crds: BTreeMap<Crd, (Name, Name)>,
}

impl Builder<'_> {
    fn add(&mut self, id: TaskId, action: Action, needs: Vec<TaskId>, pool: Pool, phase: Phase) -> &mut Task {
        let at = self.tasks.len();
        self.tasks.push(Task { id, action, needs, pool, weight: 1, deadline: 5 * MINUTE, phase });
        &mut self.tasks[at]
    }

    fn cluster(&mut self) {
        let mut after_api = Vec::new();
        if !self.observed.cluster_runs {
            let node = ImageName::new(crate::images::NODE);
            self.obtain(&node);
            let needs = vec![TaskId::new("obtain", &node)];
            self.add(TaskId::plain("cluster"), Action::CreateCluster, needs.clone(), Pool::Free, Phase::Cluster);
            self.add(TaskId::plain("node-up"), Action::NodeUp, needs.clone(), Pool::Free, Phase::Cluster);
            self.add(TaskId::plain("api-up"), Action::ApiUp, needs, Pool::Free, Phase::Cluster);
            after_api.push(TaskId::plain("api-up"));
        }
        self.add(TaskId::plain("watch"), Action::Watch, after_api, Pool::Free, Phase::Cluster);
        let needs = vec![TaskId::plain("watch")];
        self.add(TaskId::plain("namespace"), Action::CreateNamespace, needs, Pool::Api, Phase::Cluster);
    }

    fn obtain(&mut self, image: &ImageName) {
        let id = TaskId::new("obtain", image);
        if self.tasks.iter().any(|t| t.id == id) {
            return;
        }
        // Where it comes from is known only when it is asked for; a recipe takes its cores when it gets that far.
        let task = self.add(id, Action::ObtainImage { image: image.clone() }, Vec::new(), Pool::Free, Phase::Build);
        task.deadline = 45 * MINUTE;
    }

    fn builds(&mut self, definitions: &[&Definition]) {
        if self.selection.mode == Mode::Sequential {
            for definition in definitions {
                self.cargo(&format!("cargo/{}", definition.name), std::slice::from_ref(definition));
            }
        } else {
            self.cargo("cargo", definitions);
        }
    }

    /// Tests of the definitions asked for; their dependencies are compiled by the binaries' build, so it comes first.
    fn tests(&mut self) {
        let roots = self.selection.roots.iter().filter_map(|n| self.catalog.definitions.get(n));
        let targets: Vec<_> =
            roots.filter_map(|d| d.test.as_ref()).map(|t| (t.package.clone(), t.target.clone())).collect();
        if targets.is_empty() {
            return;
        }
        let builds = self.tasks.iter().filter(|t| matches!(t.action, Action::CargoBuild { .. })).map(|t| t.id.clone());
        let needs = builds.collect();
        let cpus = self.observed.cpus.max(1);
        let task =
            self.add(TaskId::plain("build:tests"), Action::CargoTests { targets }, needs, Pool::Cpu, Phase::Build);
        task.weight = cpus;
        task.deadline = 30 * MINUTE;
    }

    /// Every third-party image that the definitions run.
    fn third_party(&mut self, definitions: &[&Definition]) {
        for part in definitions.iter().flat_map(|d| &d.parts) {
            for image in self.images(part) {
                if self.catalog.third_party.contains_key(&image) && !self.selection.given.contains_key(&image) {
                    self.obtain(&image);
                }
            }
        }
    }

    fn cargo(&mut self, object: &str, definitions: &[&Definition]) {
        let mut binaries = Vec::new();
        let mut images = Vec::new();
        for image in definitions.iter().flat_map(|d| &d.images) {
            if self.selection.given.contains_key(&image.name) {
                continue;
            }
            match &image.build {
                Build::Cargo { package, binary } => {
                    binaries.push((package.clone(), binary.clone()));
                    images.push((image.name.clone(), 1, true));
                }
                Build::Containerfile { weight, .. } => images.push((image.name.clone(), *weight, false)),
            }
        }
        let id = TaskId::new("build", object);
        if !binaries.is_empty() {
            let cpus = self.observed.cpus.max(1);
            let task = self.add(id.clone(), Action::CargoBuild { binaries }, Vec::new(), Pool::Cpu, Phase::Build);
            task.weight = cpus;
            task.deadline = 30 * MINUTE;
        }
        for (image, weight, from_cargo) in images {
            let needs = if from_cargo { vec![id.clone()] } else { Vec::new() };
            let action = Action::BuildImage { image: image.clone() };
            let task = self.add(TaskId::new("image", &image), action, needs, Pool::Cpu, Phase::Build);
            task.weight = weight;
            task.deadline = 20 * MINUTE;
        }
    }

    fn definition(&mut self, definition: &Definition) -> Result<(), String> {
        for part in &definition.parts {
            self.part(definition, part)?;
        }
        let all_ready: Vec<TaskId> =
            definition.parts.iter().map(|p| TaskId::ready(&definition.name, &p.name)).collect();
        for check in &definition.checks {
            let action = Action::Check {
                definition: definition.name.clone(),
                port: check.port.clone(),
                path: check.path.clone(),
                status: check.status,
            };
            let id = TaskId::new("check", format_args!("{}{}", check.port, check.path));
            self.add(id, action, all_ready.clone(), Pool::Free, Phase::Ready).deadline = MINUTE;
        }
        Ok(())
    }

    fn part(&mut self, definition: &Definition, part: &Part) -> Result<(), String> {
        let needs = self.edges(definition, part)?;
        let (name, part_name) = (definition.name.clone(), part.name.clone());
        let id = TaskId::apply(&name, &part_name);
        let action = Action::Apply { definition: name.clone(), part: part_name.clone() };
        self.add(id.clone(), action, needs, Pool::Api, Phase::Deploy);
        let ready = TaskId::ready(&name, &part_name);
        let action = Action::Ready { definition: name, part: part_name };
        self.add(ready, action, vec![id], Pool::Free, Phase::Ready).deadline = part.timeout;
        Ok(())
    }

    /// The task that has the reference of an image in the end; none for one that was given.
    fn made(&mut self, image: &ImageName) -> Option<TaskId> {
        if self.selection.given.contains_key(image) {
            return None;
        }
        if self.catalog.third_party.contains_key(image) {
            self.obtain(image);
            return Some(TaskId::new("obtain", image));
        }
        Some(TaskId::new("image", image))
    }

    fn load(&mut self, image: &ImageName) -> TaskId {
        let id = TaskId::new("load", image);
        if self.tasks.iter().any(|t| t.id == id) {
            return id;
        }
        // A new node has nothing; of one that is there the watch's list says what it has.
        let mut needs = vec![TaskId::plain(if self.observed.cluster_runs { "watch" } else { "node-up" })];
        needs.extend(self.made(image));
        let action = Action::LoadImage { image: image.clone() };
        self.add(id.clone(), action, needs, Pool::Node, Phase::Load).deadline = 10 * MINUTE;
        id
    }

    fn prune(&mut self) {
        let applies = self.tasks.iter().filter(|t| matches!(t.action, Action::Apply { .. })).map(|t| t.id.clone());
        let needs = applies.collect();
        self.add(TaskId::plain("prune"), Action::Prune, needs, Pool::Api, Phase::Deploy);
    }
}
