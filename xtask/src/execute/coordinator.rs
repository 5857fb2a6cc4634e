//! The coordinator: owns all state of a run, starts what may start, hears everything, waits once.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use super::{
    Facts, Message, RunResult, Sender, SharedFacts, World,
    readiness::{Progress, Waits},
    watch::{Change, Watches},
    work::{self, Done, Found},
};
use crate::{
    event::{Event, Outcome, What},
    plan::{Action, Plan, Task, TaskId},
    schedule::{Batch, Capacity, Schedule},
};

/// Workers only wait for processes, so there may be more of them than cores; more than this would never wait at once.
const WORKERS: usize = 24;
/// Requests at once that change something in the cluster: two cores serve no more.
const APPLIES: usize = 6;
/// How often time itself is looked at, where nothing else happens: for deadlines of readiness and for the live display.
const TICK: Duration = Duration::from_millis(500);

/// What whoever follows a run is told.
#[derive(Debug)]
pub enum News<'a> {
    /// Something happened.
    Event(&'a Event),
    /// It is so late now, since the run began; told twice a second at least.
    Time(Duration),
}

/// Does everything in the plan, and tells every event as it happens. Returns when every task has an outcome.
pub fn run(
    world: &Arc<World>,
    plan: &Plan,
    cpus: usize,
    expected: &dyn Fn(&TaskId) -> Option<Duration>,
    follow: &mut dyn FnMut(News<'_>),
) -> Result<RunResult, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build().map_err(|e| e.to_string())?;
    let (tell, hear) = mpsc::channel();
    let mut coordinator = Coordinator {
        world: Arc::clone(world),
        plan,
        schedule: Schedule::new(plan, Capacity { cpu: cpus, api: APPLIES }, expected),
        facts: Arc::new(Facts { references: world.given.clone(), ..Facts::default() }),
        waits: Waits::new(plan, &world.catalog),
        began: Instant::now(),
        started: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        watches: Watches::none(),
        tell,
        follow,
    };
    coordinator.run(&pool, &hear);
    let interrupted = world.runner.stopping().is_some();
    let applied = coordinator.facts.wanted.clone();
    let result = RunResult { outcomes: std::mem::take(&mut coordinator.outcomes), interrupted, applied };
    coordinator.emit(What::Finished { ok: result.is_ok() });
    Ok(result)
}

struct Coordinator<'a> {
    world: Arc<World>,
    plan: &'a Plan,
    schedule: Schedule,
    facts: SharedFacts,
    waits: Waits,
    began: Instant,
    started: BTreeMap<TaskId, Instant>,
    outcomes: BTreeMap<TaskId, Outcome>,
    watches: Watches,
    tell: Sender,
    follow: &'a mut dyn FnMut(News<'_>),
}

impl Coordinator<'_> {
    fn run(&mut self, pool: &rayon::ThreadPool, hear: &mpsc::Receiver<Message>) {
        let tasks = self.plan.tasks.iter().map(|t| t.id.clone()).collect();
        self.emit(What::Began { cluster: self.world.cluster.name().to_owned(), tasks });
        loop {
            if self.world.runner.stopping().is_some() {
                self.cancel_all();
            } else {
                self.start_all(pool);
            }
            if self.outcomes.len() == self.plan.tasks.len() {
                return;
            }
            match hear.recv_timeout(TICK) {
                Ok(message) => {
                    self.handle(message);
                    // What came meanwhile is judged together: a burst of changes is one question, not fifty.
                    while let Ok(message) = hear.try_recv() {
                        self.handle(message);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
            self.judge();
            (self.follow)(News::Time(self.began.elapsed()));
        }
    }

    fn start_all(&mut self, pool: &rayon::ThreadPool) {
        for Batch(ids) in self.schedule.start() {
            let tasks: Vec<Task> = ids.iter().filter_map(|id| self.plan.task(id)).cloned().collect();
            for task in &tasks {
                self.started.insert(task.id.clone(), Instant::now());
                self.emit(What::Started { task: task.id.clone() });
            }
            match tasks.first().map(|t| &t.action) {
                // The creation of the cluster says when these are reached, and the watch when those are Ready.
                Some(Action::NodeUp | Action::ApiUp) | None => {}
                Some(Action::Ready { .. }) => self.waits.begin(&tasks[0].id),
                Some(action) => {
                    if *action == Action::Watch {
                        self.begin_watches();
                    }
                    let (world, facts, tell) = (Arc::clone(&self.world), Arc::clone(&self.facts), self.tell.clone());
                    pool.spawn(move || work::perform(&world, &facts, &tasks, &tell));
                }
            }
        }
    }

    fn begin_watches(&mut self) {
        let kinds = self.waits.kinds();
        let world = &self.world;
        self.watches.begin(kinds, &world.namespace, &world.kubectl, &world.runner, &self.tell);
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Ended { results } => {
                for (id, result) in results {
                    match result {
                        Ok(done) => self.done(&id, done),
                        Err(error) => self.fail(&id, error),
                    }
                }
            }
            Message::Reached { task, result } => match result {
                Ok(()) => self.done(&task, Done { outcome: Outcome::done(), found: Found::Nothing }),
                Err(error) => self.fail(&task, error),
            },
            Message::Note { task, text } => self.emit(What::Note { task: Some(task), text }),
            Message::Changed(change) => {
                if let Some(event) = cluster_event(&change) {
                    self.emit(event);
                }
                self.waits.apply(change);
            }
            Message::WatchLost { what, error } => {
                for id in self.waits.open() {
                    self.fail(&id, format!("the watch of {what} was lost: {error}"));
                }
            }
        }
    }

    fn done(&mut self, id: &TaskId, done: Done) {
        let facts = Arc::make_mut(&mut self.facts);
        match done.found {
            Found::Nothing => {}
            Found::Binaries(binaries) => facts.binaries.extend(binaries),
            Found::Reference(name, reference) => drop(facts.references.insert(name, reference)),
            Found::Cluster { node_images, applied, dead } => {
                facts.node_images = node_images;
                facts.applied = applied;
                facts.dead = dead;
            }
            Found::Applied { definition, keys, wanted } => {
                facts.wanted.entry(definition).or_default().extend(keys);
                self.waits.applied(id, &wanted);
            }
        }
        self.end(id, done.outcome);
        self.schedule.succeeded(id);
    }

    fn fail(&mut self, id: &TaskId, error: String) {
        if self.outcomes.contains_key(id) {
            return;
        }
        let outcome = match self.world.runner.stopping() {
            Some(_) => Outcome::Cancelled,
            None => Outcome::Failed { error },
        };
        self.end(id, outcome);
        self.skip_behind(id, id);
        // What the failed creation would have reached will never be.
        if self.plan.task(id).is_some_and(|t| t.action == Action::CreateCluster) {
            for milestone in ["node-up", "api-up"].map(|m| TaskId(m.to_owned())) {
                if self.plan.task(&milestone).is_some() && !self.outcomes.contains_key(&milestone) {
                    self.skip(&milestone, id);
                }
            }
        }
    }

    /// A wait for something that will never be: the cause is told once, where it is.
    fn skip(&mut self, id: &TaskId, because: &TaskId) {
        self.end(id, Outcome::Skipped { because: because.clone() });
        self.skip_behind(id, because);
    }

    fn skip_behind(&mut self, id: &TaskId, because: &TaskId) {
        for skipped in self.schedule.failed(id) {
            self.end(&skipped, Outcome::Skipped { because: because.clone() });
        }
    }

    /// Asks of everything that is waited for how it stands.
    fn judge(&mut self) {
        let saturated = self.schedule.is_saturated();
        for (id, progress) in self.waits.judge(saturated, &self.world) {
            match progress {
                Progress::Ready => self.done(&id, Done { outcome: Outcome::done(), found: Found::Nothing }),
                Progress::Changed(seen) => self.emit(What::Waiting { task: id, seen }),
                Progress::Failed(error) => self.fail(&id, error),
                Progress::Blocked(because) => self.skip(&id, &because),
            }
        }
    }

    /// The run was told to stop: workers end with their processes, everything else ends here.
    fn cancel_all(&mut self) {
        let waiting: Vec<TaskId> = self.schedule.waiting().cloned().collect();
        let has_no_worker = |id: &&TaskId| {
            let action = self.plan.task(id).map(|t| &t.action);
            matches!(action, Some(Action::NodeUp | Action::ApiUp | Action::Ready { .. }))
        };
        let without: Vec<TaskId> = self.schedule.running().filter(has_no_worker).cloned().collect();
        for id in waiting.into_iter().chain(without) {
            self.schedule.failed(&id);
            self.end(&id, Outcome::Cancelled);
        }
    }

    fn end(&mut self, id: &TaskId, outcome: Outcome) {
        if self.outcomes.contains_key(id) {
            return;
        }
        self.waits.end(id, outcome.is_good());
        self.outcomes.insert(id.clone(), outcome.clone());
        let took = self.started.get(id).map(Instant::elapsed).unwrap_or_default();
        self.emit(What::Ended { task: id.clone(), outcome, took });
    }

    fn emit(&mut self, what: What) {
        (self.follow)(News::Event(&Event { at: self.began.elapsed(), what }));
    }
}

/// What the cluster says of itself belongs to the record: the cluster may be gone when somebody asks.
fn cluster_event(change: &Change) -> Option<What> {
    let Change::Set { object } = change else { return None };
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let about = &object["involvedObject"];
    (object["kind"] == "Event").then(|| What::Cluster {
        severity: text(&object["type"]),
        about: format!("{}/{}", text(&about["kind"]), text(&about["name"])),
        reason: text(&object["reason"]),
        message: text(&object["message"]),
    })
}
