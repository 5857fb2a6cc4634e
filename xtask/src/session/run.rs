//! One set-up from selection to report.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use serde_json::Value;

use super::{CommandError, Exit, Hold, Options, Prepared, Session, hints::hints, hold::BUILDS};
use crate::{
    catalog::Name,
    doctor::disk::{Place, too_full},
    event::{Event, Outcome},
    execute::{self, News, RunResult, World},
    images::prune,
    plan::{self, Action, Observed, Plan, Task},
    record::Record,
    report::{
        terminal::{self, Terminal, Verbosity, median},
        timings::{self, Timings},
    },
    state::{ClusterDir, ClusterRecord, Reached},
    tools::{cargo::Cargo, engine::Engine, kind::Kind, kubectl::Kubectl},
};

/// The namespace into which a run puts everything.
pub const NAMESPACE: &str = "e2e";

/// A set-up that was done, and the cluster that is still held.
#[derive(Debug)]
pub struct Setup {
    /// The plan that was followed.
    pub plan: Plan,
    /// How every task ended.
    pub result: RunResult,
    /// Where the time went.
    pub timings: Timings,
    /// The cluster.
    pub cluster: ClusterDir,
    /// The engine that runs it.
    pub engine: Engine,
    /// What tests get.
    pub environment: BTreeMap<String, String>,
    /// How the services are reached from here.
    pub reached: Vec<Reached>,
    /// Logs and events of the run.
    pub run_dir: PathBuf,
    /// Nobody else changes the cluster while this lives.
    pub hold: Hold,
}

/// Sets up these definitions. A failed run is no error of this function: its result says so.
pub fn set_up(session: &Session, roots: &[Name], options: &Options) -> Result<Setup, CommandError> {
    let places = [
        Place { what: "the workspace", path: session.root.clone() },
        Place { what: "logs and evidence", path: session.home.path().to_owned() },
    ];
    if let Some(why) = too_full(&places) {
        return Err(CommandError::failed(why));
    }
    session.require_programs(roots, options)?;
    session.spare_others(roots, options)?;
    let options = &session.resolve_given(roots, options)?;
    let prepared = session.prepare(roots, options)?;
    drive(session, roots, options, prepared)
}

fn drive(session: &Session, roots: &[Name], options: &Options, prepared: Prepared) -> Result<Setup, CommandError> {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let observed = Observed { cluster_runs: prepared.record.complete, cpus };
    let plan = session.plan(roots, options, &observed)?;
    let stamp = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    let run_dir = prepared.dir.new_run(&stamp)?;
    let engine = prepared.engine;
    let used = engine.clone();
    let world = Arc::new(World {
        runner: session.runner.clone(),
        catalog: session.catalog.clone(),
        kind: Kind::new(&session.toolbox, &engine),
        kubectl: Kubectl::new(&session.toolbox, &prepared.dir.kubeconfig()),
        cargo: Cargo::new(&session.root, &engine.arch),
        engine,
        cache: session.cache.clone(),
        home: session.home.clone(),
        cluster: prepared.dir.clone(),
        record: prepared.record,
        kind_config: prepared.kind_config,
        run_dir: run_dir.clone(),
        namespace: NAMESPACE.to_owned(),
        given: options.given.clone(),
    });
    let (result, events) = follow(session, &world, &plan, cpus)?;
    let timings = timings::timings(&plan, &events);
    session.home.remember(&timings::durations(&events))?;
    remember(&world, &result, roots)?;
    forget_old_images(&world, &plan, &result);
    Ok(Setup {
        plan,
        result,
        timings,
        cluster: prepared.dir,
        engine: used,
        environment: session.environment(&world.record),
        reached: Reached::by(&session.catalog, roots, &world.record.ports),
        run_dir,
        hold: prepared.hold,
    })
}

fn follow(
    session: &Session,
    world: &Arc<World>,
    plan: &Plan,
    cpus: usize,
) -> Result<(RunResult, Vec<Event>), CommandError> {
    let history = session.home.history();
    let expected = |id: &plan::TaskId| history.get(&id.0).and_then(|all| median(all)).map(Duration::from_secs_f64);
    let mut terminal = Terminal::new(session.verbosity, plan, history.clone());
    let mut record = Record::create(&world.run_dir)?;
    let mut events = Vec::new();
    let mut unrecorded = None;
    let result = execute::run(world, plan, cpus, &expected, &mut |news| {
        let event = match news {
            News::Time(at) => return terminal.tick(at),
            News::Event(event) => event,
        };
        // A disk that is full must not stop the run from saying so.
        if let Err(e) = record.event(event) {
            unrecorded.get_or_insert(e);
        }
        terminal.event(event);
        events.push(event.clone());
    });
    if let Some(e) = unrecorded {
        terminal::warning(&format!("events could not be recorded in {}: {e}", record.path().display()));
    }
    Ok((result.map_err(CommandError::failed)?, events))
}

/// What a later run must know: what was applied, so that it can be pruned, and what was set up.
fn remember(world: &World, result: &RunResult, roots: &[Name]) -> Result<(), CommandError> {
    let Some(mut record) = world.cluster.record()? else { return Ok(()) };
    if result.is_ok() {
        // Pruning has brought the inventory up to date.
        for root in roots.iter().map(Name::as_str) {
            if !record.definitions.iter().any(|d| d == root) {
                record.definitions.push(root.to_owned());
            }
        }
        return Ok(world.cluster.save_record(&record)?);
    }
    let mut inventory = world.cluster.inventory()?;
    for (definition, keys) in &result.applied {
        let known = inventory.entry(definition.clone()).or_default();
        known.extend(keys.iter().cloned());
        known.sort();
        known.dedup();
    }
    Ok(world.cluster.save_inventory(&inventory)?)
}

/// A run that built images takes old builds away. It never fails for that: an engine that refuses keeps them.
fn forget_old_images(world: &World, plan: &Plan, result: &RunResult) {
    let is_new = |t: &&Task| matches!(t.action, Action::BuildImage { .. }) && result.did(&t.id);
    if world.runner.stopping().is_some() || !plan.tasks.iter().any(|t| is_new(&t)) {
        return;
    }
    let used: Vec<_> = world.given.values().cloned().collect();
    if let Ok(old) = prune::old(&world.engine, &world.runner, prune::KEPT, &used)
        && !old.is_empty()
    {
        let _ = world.engine.untag(&old).run(&world.runner);
    }
}

/// Builds the images of these definitions, in a directory of its own: no cluster is touched.
pub fn build(session: &Session, roots: &[Name], options: &Options) -> Result<Setup, CommandError> {
    session.require_programs(roots, options)?;
    let engine = session.engine(options.engine)?;
    let dir = session.home.cluster(BUILDS);
    let hold = session.hold(&dir, "e2e-build", options.contention)?;
    let record = ClusterRecord::none(&engine);
    drive(session, roots, options, Prepared { dir, hold, engine, record, kind_config: Value::Null })
}

impl Setup {
    /// Where the time went, for whoever wants to see it.
    pub fn summarize(&self, verbosity: Verbosity) {
        if verbosity > Verbosity::Quiet {
            terminal::summary(&self.timings);
        }
    }

    /// How the verb ends, after telling the user what to do next.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let failed = self.result.outcomes.values().filter(|o| matches!(o, Outcome::Failed { .. })).count();
        let skipped = self.result.outcomes.values().filter(|o| matches!(o, Outcome::Skipped { .. })).count();
        if self.result.interrupted {
            terminal::error(&format!("interrupted; what ran is recorded in {}", self.run_dir.display()));
            Exit::Interrupted
        } else if self.result.is_ok() {
            Exit::Ok
        } else {
            let skipped = if skipped > 0 { format!(", {skipped} skipped because of that") } else { String::new() };
            terminal::error(&format!("{failed} failed{skipped}; logs and events: {}", self.run_dir.display()));
            for hint in hints(self.result.errors(), self.engine.kind) {
                terminal::error(&hint);
            }
            Exit::Failed
        }
    }
}
