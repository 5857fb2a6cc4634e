//! Measures: the three modes and a bare `kind create cluster --wait`, interleaved, each as a process of its own.

use std::{
    collections::BTreeMap,
    fmt::Write,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    catalog::{ImageName, Name},
    exec::Cmd,
    images::{NODE, Stock},
    plan::Scope,
    report::terminal::{self, median},
    session::{CommandError, Options, Session, build},
    tools::{
        engine::{Engine, EngineKind},
        kind::Kind,
    },
};

/// No run may take longer.
const BOUND: Duration = Duration::from_mins(20);
/// What is measured beside the modes.
const BARE: &str = "kind create cluster --wait";

/// All measurements, and where they were taken.
#[derive(Debug)]
pub struct Report {
    service: Name,
    /// Seconds of every run, by what was run, in the order of the runs.
    runs: BTreeMap<String, Vec<f64>>,
    environment: BTreeMap<&'static str, String>,
}

/// Measures each of them `runs` times, in turn, so that a machine that gets slower does so for all.
pub fn run(session: &Session, service: &Name, runs: u32, engine: Option<EngineKind>) -> Result<Report, CommandError> {
    let roots = std::slice::from_ref(service);
    let warm = build(session, roots, &Options { engine, scope: Scope::Images, ..Options::default() })?;
    if !warm.result.is_ok() {
        return Err(CommandError::failed("the images could not be built"));
    }
    drop(warm);
    let engine = session.engine(engine)?;
    let bench = Bench {
        session,
        service,
        cluster: format!("bench-{service}"),
        node_image: node_image(session, &engine)?,
        engine,
    };
    let mut report =
        Report { service: service.clone(), runs: BTreeMap::new(), environment: environment(session, &bench.engine) };
    for n in 1..=runs {
        for mode in ["graph", "phased", "sequential"] {
            let took = bench.mode(mode)?;
            terminal::status("Measured", &format!("{mode}, run {n} of {runs}: {took:.1}s"));
            report.runs.entry(mode.to_owned()).or_default().push(took);
        }
        let took = bench.bare()?;
        terminal::status("Measured", &format!("{BARE}, run {n} of {runs}: {took:.1}s"));
        report.runs.entry(BARE.to_owned()).or_default().push(took);
    }
    Ok(report)
}

struct Bench<'a> {
    session: &'a Session,
    service: &'a Name,
    cluster: String,
    node_image: String,
    engine: Engine,
}

impl Bench<'_> {
    /// Set-up from built images to the end of the one wait, as the user would call it.
    fn mode(&self, mode: &str) -> Result<f64, CommandError> {
        let program = std::env::current_exe()?;
        let ours = |verb: &str| Cmd::new(&program).args(["--quiet", verb]).cwd(&self.session.root).deadline(BOUND);
        let setup = ours("e2e-setup").args([self.service.as_str(), "--cluster", &self.cluster, "--mode", mode]);
        let setup = setup.args(["--engine", self.engine.kind.name(), "--no-wait"]);
        let took = self.time(&setup);
        ours("e2e-down").arg(&self.cluster).run(&self.session.runner)?;
        took
    }

    fn bare(&self) -> Result<f64, CommandError> {
        let kind = Kind::new(&self.session.toolbox, &self.engine);
        let name = format!("{}-bare", self.cluster);
        let scratch = tempfile::tempdir()?;
        let kubeconfig = scratch.path().join("kubeconfig");
        let took = self.time(&kind.create_bare(&name, &self.node_image, &kubeconfig).deadline(BOUND));
        kind.delete(&name, &kubeconfig).run(&self.session.runner)?;
        took
    }

    fn time(&self, cmd: &Cmd) -> Result<f64, CommandError> {
        let begun = Instant::now();
        cmd.run(&self.session.runner)?;
        Ok(begun.elapsed().as_secs_f64())
    }
}

impl Report {
    /// A table.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{} (images built, no cluster; seconds)\n", self.service);
        let _ = writeln!(text, "{:<28} {:>4} {:>8} {:>8} {:>8}", "", "runs", "median", "min", "max");
        for (what, all) in &self.runs {
            let (min, max) = spread(all);
            let median = median(all).unwrap_or_default();
            let _ = writeln!(text, "{what:<28} {:>4} {median:>8.1} {min:>8.1} {max:>8.1}", all.len());
        }
        for (what, value) in &self.environment {
            let _ = writeln!(text, "{what}: {value}");
        }
        text.trim_end().to_owned()
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let runs = self.runs.iter().map(|(what, all)| {
            let (min, max) = spread(all);
            (what.clone(), json!({ "seconds": all, "median": median(all), "min": min, "max": max }))
        });
        json!({
            "service": self.service,
            "cache": "images built, no cluster",
            "results": runs.collect::<serde_json::Map<_, _>>(),
            "environment": self.environment,
        })
    }
}

fn spread(all: &[f64]) -> (f64, f64) {
    (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(0.0, f64::max))
}

fn node_image(session: &Session, engine: &Engine) -> Result<String, CommandError> {
    let images = &session.catalog.third_party;
    let node = images.get(&ImageName::new(NODE)).ok_or_else(|| CommandError::usage("no node image is declared"))?;
    let scratch = session.images().path().to_owned();
    let stock = Stock {
        engine,
        runner: &session.runner,
        cache: session.cache.as_ref(),
        images,
        root: session.root.clone(),
        scratch,
    };
    let obtained = stock.obtain(node, &|notice| terminal::status("Node", &notice.to_string()));
    Ok(obtained.map_err(CommandError::failed)?.reference.to_string())
}

fn environment(session: &Session, engine: &Engine) -> BTreeMap<&'static str, String> {
    let line = |cmd: Cmd| cmd.run(&session.runner).map_or_else(|_| "unknown".to_owned(), |o| o.text());
    let file = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let value = text.lines().find_map(|l| l.strip_prefix(key)?.split_once(':').map(|(_, v)| v.trim().to_owned()));
        value.unwrap_or_else(|| "unknown".to_owned())
    };
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let program = |name: &str| Cmd::new(session.toolbox.program(name));
    let kubectl = line(program("kubectl").args(["version", "--client", "--output=yaml"]));
    let kubectl = kubectl.lines().find_map(|l| l.trim().strip_prefix("gitVersion: ")).unwrap_or("unknown").to_owned();
    let disk = line(Cmd::new("df").args(["-h", "--output=avail,fstype"]).arg(&session.root));
    BTreeMap::from([
        ("cpu", format!("{cpus} x {}", file("/proc/cpuinfo", "model name"))),
        ("memory", file("/proc/meminfo", "MemTotal")),
        ("disk free, file system", disk.lines().last().unwrap_or_default().trim().to_owned()),
        ("kernel", line(Cmd::new("uname").arg("-sr"))),
        ("engine", format!("{} {}", engine.kind, engine.version)),
        ("kind", line(program("kind").arg("version"))),
        ("kubectl", kubectl),
        ("cache", "images built, no cluster".to_owned()),
    ])
}
