//! The cluster of a run: found, recovered, or about to be created.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{CommandError, Existing, Hold, Options, Session};
use crate::{
    catalog::{HostPort, ImageName, ImageRef, Name, hex},
    images,
    observe::{self, Found, NodeState},
    report::terminal,
    state::{ClusterDir, ClusterRecord, Lease, lease},
    tools::{
        engine::{Engine, EngineKind},
        kind,
        kubectl::Kubectl,
    },
};

/// What every cluster is made from.
const KIND_DIR: &str = "test-infra/kind";

/// A node that was stopped has this long until its API server answers, and is asked this often.
const NODE_START: Duration = Duration::from_mins(2);
const NODE_PAUSE: Duration = Duration::from_millis(500);

/// A cluster that this run holds.
#[derive(Debug)]
pub struct Prepared {
    /// Its directory.
    pub dir: ClusterDir,
    /// Nobody else works on it.
    pub hold: Hold,
    /// What runs it, or is to run it.
    pub engine: Engine,
    /// What it is, or is to be.
    pub record: ClusterRecord,
    /// kind's configuration.
    pub kind_config: Value,
}

impl Session {
    /// Takes the cluster's lock, ends what a killed run left, and finds out what there is.
    pub fn prepare(&self, roots: &[Name], options: &Options) -> Result<Prepared, CommandError> {
        let name = options.checked_name(roots)?;
        let dir = self.home.cluster(&name);
        let hold = self.hold(&dir, "e2e-setup", options.contention)?;
        let base = self.kind_base()?;
        let digest = digest(&self.root.join(KIND_DIR))?;
        let record = dir.record()?;
        let engine = match &record {
            Some(record) => self.engine_of(&dir, record)?,
            None => self.engine(options.engine)?,
        };
        let found = observe::found(record.as_ref(), observe::node(&engine, &name, &self.runner)?);
        let (engine, record) = match (found, record, options.existing) {
            (Found::Foreign, ..) => return Err(foreign(&name)),
            (Found::Running | Found::Stopped, Some(record), Existing::Reuse) => {
                self.check_drift(&record, roots, &digest, options.engine)?;
                if observe::node(&engine, &name, &self.runner)? == NodeState::Stopped {
                    terminal::warning(&format!("the node of cluster `{name}` does not run; starting it"));
                    self.start_node(&engine, &dir)?;
                }
                (engine, record)
            }
            (found, _, _) => {
                let next = self.next_engine(&engine, &name, options.engine)?;
                self.make_way(found, &engine, &dir)?;
                let record = self.new_record(&dir, &next, options, digest)?;
                (next, record)
            }
        };
        let base_dir = self.root.join(KIND_DIR);
        let kind_config = kind::config(&base, &base_dir, &record.ports, &dir.pod_logs());
        Ok(Prepared { dir, hold, engine, record, kind_config })
    }

    /// The engine of a cluster that is made anew: another one where the user wants another.
    fn next_engine(&self, now: &Engine, name: &str, wanted: Option<EngineKind>) -> Result<Engine, CommandError> {
        let Some(kind) = wanted.filter(|kind| *kind != now.kind) else { return Ok(now.clone()) };
        let next = self.engine(Some(kind))?;
        if observe::node(&next, name, &self.runner)? == NodeState::Absent { Ok(next) } else { Err(foreign(name)) }
    }

    /// Removes what there is under the cluster's name, which is ours.
    fn make_way(&self, found: Found, engine: &Engine, dir: &ClusterDir) -> Result<(), CommandError> {
        let name = dir.name();
        match found {
            Found::Nothing => return Ok(()),
            Found::Lost => {
                terminal::warning(&format!("the container of cluster `{name}` has gone; creating the cluster anew"));
            }
            Found::Leftover => terminal::warning(&format!(
                "the creation of cluster `{name}` was never finished; removing what is there"
            )),
            Found::Foreign | Found::Stopped | Found::Running => {}
        }
        self.dissolve(engine, dir)
    }

    /// Starts a node that was stopped, with the engine or by hand, and waits until its API server answers and shows what
    /// is, not what was before: nobody tells us when that is.
    fn start_node(&self, engine: &Engine, dir: &ClusterDir) -> Result<(), CommandError> {
        let started = Timestamp::now();
        engine.cmd().args(["start", &dir.node()]).run(&self.runner)?;
        let list = Kubectl::new(&self.toolbox, &dir.kubeconfig()).raw("/api/v1/pods");
        let end = Instant::now() + NODE_START;
        loop {
            let why = match list.run(&self.runner).map(|pods| serde_json::from_slice(&pods.stdout)) {
                Ok(Ok(pods)) if is_fresh(&pods, started) => return Ok(()),
                Ok(Ok(_)) => "pods are still shown as they were before".to_owned(),
                Ok(Err(e)) => e.to_string(),
                Err(e) => e.to_string(),
            };
            if Instant::now() >= end || !self.runner.pause(NODE_PAUSE) {
                let name = dir.name();
                return Err(CommandError::failed(format!(
                    "cluster `{name}` does not come up after its node was started; --recreate makes it anew\n{why}"
                )));
            }
        }
    }

    /// The workspace's part of kind's configuration.
    fn kind_base(&self) -> Result<Value, CommandError> {
        let path = self.root.join(KIND_DIR).join("cluster.yaml");
        let text = fs_err::read_to_string(&path).map_err(CommandError::usage)?;
        serde_yaml::from_str(&text).map_err(|e| CommandError::usage(format!("{}: {e}", path.display())))
    }

    fn check_drift(
        &self,
        record: &ClusterRecord,
        roots: &[Name],
        config: &str,
        wanted: Option<EngineKind>,
    ) -> Result<(), CommandError> {
        let mut drift = Vec::new();
        if let Some(wanted) = wanted.filter(|kind| *kind != record.engine) {
            drift.push(format!("it lives on {}, and {wanted} is wanted", record.engine));
        }
        if record.config != config {
            drift.push(format!("{KIND_DIR} has changed since"));
        }
        let node = self.catalog.third_party.get(&ImageName::new(images::NODE));
        if let Some(node) = node.filter(|n| !images::is_acceptable(n, &record.node_image)) {
            drift.push(format!("it was made from {}, and {} is wanted", record.node_image, node.reference));
        }
        let closure = self.catalog.closure(roots);
        let ports = closure.iter().filter_map(|n| self.catalog.definitions.get(n)).flat_map(|d| &d.ports);
        for port in ports.filter(|p| !is_mapped(&record.ports, p)) {
            drift.push(format!(
                "port `{}` (node port {}) was not mapped when it was created",
                port.name, port.node_port
            ));
        }
        if drift.is_empty() {
            return Ok(());
        }
        Err(CommandError::failed(format!(
            "cluster `{}` does not fit any more:\n  {}\n  --recreate deletes it and creates it anew",
            record.name,
            drift.join("\n  ")
        )))
    }

    fn new_record(
        &self,
        dir: &ClusterDir,
        engine: &Engine,
        options: &Options,
        config: String,
    ) -> Result<ClusterRecord, CommandError> {
        // Leased and written down under one lock: two clusters that are created at once must not get one port.
        let _lock = self.home.lock_ports()?;
        let mut others = Vec::new();
        for record in self.home.clusters()?.into_iter().filter(|r| r.name != dir.name()) {
            others.extend(record.ports.iter().map(|p| (p.host_port, record.name.clone())));
        }
        let wanted: Vec<&HostPort> = self.catalog.definitions.values().flat_map(|d| &d.ports).collect();
        let ports = lease(&wanted, &others, options.ports).map_err(CommandError::failed)?;
        let record = ClusterRecord {
            name: dir.name().to_owned(),
            engine: engine.kind,
            node_image: ImageRef::new(""),
            config,
            ports,
            complete: false,
            definitions: Vec::new(),
        };
        dir.save_record(&record)?;
        Ok(record)
    }
}

fn foreign(name: &str) -> CommandError {
    CommandError::failed(format!(
        "a kind cluster named `{name}` exists that this tool did not create; choose another name with --cluster, or remove \
         it: kind delete cluster --name {name}"
    ))
}

fn is_mapped(leases: &[Lease], port: &HostPort) -> bool {
    leases.iter().any(|l| l.name == port.name && l.node_port == port.node_port)
}

/// Whether no container is shown that runs since before the node was started: it ended with the node, whatever the API
/// server remembers. Its times have whole seconds.
fn is_fresh(pods: &Value, started: Timestamp) -> bool {
    let items = pods["items"].as_array().into_iter().flatten();
    let containers = items.flat_map(|pod| pod["status"]["containerStatuses"].as_array().into_iter().flatten());
    let mut since = containers.filter_map(|c| c["state"]["running"]["startedAt"].as_str()?.parse::<Timestamp>().ok());
    since.all(|since| since.as_second() >= started.as_second())
}

/// Everything that kind's configuration is made of, its patches too.
fn digest(dir: &Path) -> std::io::Result<String> {
    let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(dir)
        .build()
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_some_and(|t| t.is_file()))
        .map(ignore::DirEntry::into_path)
        .collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.strip_prefix(dir).unwrap_or(&file).as_os_str().as_encoded_bytes());
        digest.update([0]);
        digest.update(fs_err::read(&file)?);
    }
    Ok(hex(&digest.finalize(), 12))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ran_before_the_node_was_started_is_no_news() {
        let started: Timestamp = "2026-01-01T00:00:10.7Z".parse().unwrap();
        let pods = |states: &[Value]| {
            let pod = |state: &Value| json!({"status": {"containerStatuses": [{"state": state}]}});
            json!({"items": states.iter().map(pod).collect::<Vec<_>>()})
        };
        let running = |at: &str| json!({"running": {"startedAt": at}});
        let (old, new) = (running("2026-01-01T00:00:09Z"), running("2026-01-01T00:00:10Z"));
        let ended = json!({"terminated": {"exitCode": 0, "startedAt": "2026-01-01T00:00:01Z"}});
        assert!(is_fresh(&pods(&[new.clone(), ended, json!({"waiting": {}})]), started));
        assert!(!is_fresh(&pods(&[new, old]), started));
    }
}
