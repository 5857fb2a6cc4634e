//! Measures: the three modes and a bare `kind create cluster --wait`, interleaved, each as a process of its own.

mod machine;
mod report;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    catalog::{ImageName, ImageRef, Name},
    exec::Cmd,
    images::{NODE, Stock},
    observe::{self, NodeState},
    plan::{Action, Observed, Scope},
    report::terminal,
    session::{CommandError, Contention, Options, Session, build, remove},
    state::ClusterRecord,
    tools::{
        engine::{Engine, EngineKind},
        kind::Kind,
    },
};

pub use report::Report;

/// No run may take longer.
const BOUND: Duration = Duration::from_mins(20);
/// What is measured beside the modes.
const BARE: &str = "kind create cluster --wait";
/// What is measured, in the order of a round.
const ROUND: [&str; 4] = ["graph", "phased", "sequential", BARE];

/// Measures each of them `runs` times, in turn, so that a machine that gets slower does so for all. A run that fails is
/// told and counted; the others are measured all the same.
pub fn run(session: &Session, service: &Name, runs: u32, engine: Option<EngineKind>) -> Result<Report, CommandError> {
    let (bench, cache) = Bench::prepare(session, service, engine)?;
    let mut report = Report {
        service: service.clone(),
        runs: BTreeMap::new(),
        cache,
        machine: machine::machine(session, &bench.engine),
        interrupted: false,
    };
    for n in 1..=runs {
        for what in ROUND {
            let took = bench.measure(what);
            report.interrupted = session.runner.stopping().is_some();
            if report.interrupted {
                return Ok(report);
            }
            let run = format!("{what}, run {n} of {runs}");
            let measured = report.runs.entry(what).or_default();
            match took {
                Ok(took) => {
                    terminal::status("Measured", &format!("{run}: {took:.1}s"));
                    measured.seconds.push(took);
                }
                Err(e) => {
                    terminal::error(&format!("{run}: {e}"));
                    measured.failed.push(e.message);
                }
            }
        }
    }
    Ok(report)
}

struct Bench<'a> {
    session: &'a Session,
    service: &'a Name,
    node_image: ImageRef,
    engine: Engine,
}

impl<'a> Bench<'a> {
    /// Brings every image into the engine, so that no run is measured with what another one left, and says what there is.
    fn prepare(
        session: &'a Session,
        service: &'a Name,
        engine: Option<EngineKind>,
    ) -> Result<(Self, String), CommandError> {
        let roots = std::slice::from_ref(service);
        let warm = build(session, roots, &Options { engine, scope: Scope::Images, ..Options::default() })?;
        if !warm.result.is_ok() {
            return Err(CommandError { exit: warm.exit(), message: "the images could not be built".to_owned() });
        }
        let built = warm.plan.tasks.iter().filter(|t| matches!(t.action, Action::BuildImage { .. })).count();
        drop(warm);
        let engine = session.engine(engine)?;
        // The cluster is still to be created, from the node's image.
        let nothing = Observed { cluster_runs: false, cpus: 1 };
        let plan = session.plan(roots, &Options::default(), &nothing)?;
        let elsewhere = plan.tasks.iter().filter_map(|t| match &t.action {
            Action::ObtainImage { image } => Some(image),
            _ => None,
        });
        let obtained = obtain(session, &engine, elsewhere)?;
        let node_image = obtained.get(&ImageName::new(NODE)).cloned();
        let node_image = node_image.ok_or_else(|| CommandError::usage("no node image is declared"))?;
        let cache = format!("no cluster, all {} images in {}", built + obtained.len(), engine.kind);
        Ok((Self { session, service, node_image, engine }, cache))
    }

    /// Seconds from no cluster to the end of the run, in a cluster of its own that is removed afterwards.
    fn measure(&self, what: &str) -> Result<f64, CommandError> {
        let cluster = match what {
            BARE => format!("bench-{}-bare", self.service),
            _ => format!("bench-{}", self.service),
        };
        // What an interrupted run left would be in the way, or be reused.
        remove(self.session, &cluster)?;
        let took = if what == BARE { self.bare(&cluster) } else { self.mode(what, &cluster) };
        let removed = remove(self.session, &cluster);
        // Why it failed is of more interest than what became of its cluster.
        let took = took?;
        removed.map(|_| took)
    }

    /// Set-up from built images to the end of the one wait, as the user would call it.
    fn mode(&self, mode: &str, cluster: &str) -> Result<f64, CommandError> {
        let setup = Cmd::new(std::env::current_exe()?).args(["--quiet", "e2e-setup", self.service.as_str()]);
        let setup =
            setup.args(["--cluster", cluster, "--mode", mode, "--engine", self.engine.kind.name(), "--no-wait"]);
        self.time(&setup.cwd(&self.session.root))
    }

    fn bare(&self, name: &str) -> Result<f64, CommandError> {
        let dir = self.session.home.cluster(name);
        let _hold = self.session.hold(&dir, "e2e-bench", Contention::Wait)?;
        if observe::node(&self.engine, name, &self.session.runner)? != NodeState::Absent {
            return Err(CommandError::failed(format!(
                "a kind cluster named `{name}` exists that this tool did not create; remove it: kind delete cluster \
                 --name {name}"
            )));
        }
        // Written first: what a kill leaves behind must be known as ours.
        let none = ClusterRecord::none(&self.engine);
        dir.save_record(&ClusterRecord { name: name.to_owned(), node_image: self.node_image.clone(), ..none })?;
        let kind = Kind::new(&self.session.toolbox, &self.engine);
        self.time(&kind.create_bare(name, self.node_image.as_str(), &dir.kubeconfig()))
    }

    fn time(&self, cmd: &Cmd) -> Result<f64, CommandError> {
        let begun = Instant::now();
        cmd.clone().deadline(BOUND).run(&self.session.runner)?;
        Ok(begun.elapsed().as_secs_f64())
    }
}

/// Makes sure that the engine has images from elsewhere.
fn obtain<'i>(
    session: &Session,
    engine: &Engine,
    names: impl Iterator<Item = &'i ImageName>,
) -> Result<BTreeMap<ImageName, ImageRef>, CommandError> {
    let images = &session.catalog.third_party;
    let place = session.images();
    let _hold = session.hold(&place, "e2e-bench", Contention::Wait)?;
    let stock = Stock {
        engine,
        runner: &session.runner,
        cache: session.cache.as_ref(),
        images,
        root: session.root.clone(),
        scratch: place.path().to_owned(),
    };
    let mut obtained = BTreeMap::new();
    for image in names.filter_map(|name| images.get(name)) {
        let got = stock.obtain(image, &|notice| terminal::status("Image", &notice.to_string()));
        obtained.insert(image.name.clone(), got.map_err(CommandError::failed)?.reference);
    }
    Ok(obtained)
}
