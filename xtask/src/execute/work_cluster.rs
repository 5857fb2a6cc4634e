//! Creates the cluster, tells how far it is, and looks at what it has.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    panic::resume_unwind,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    Message,
    work::{Done, Found, Job},
};
use crate::{
    catalog::{ImageName, ImageRef},
    exec::ExecError,
    plan::TaskId,
    render::{INSTANCE_LABEL, ObjectKey},
    state::ClusterRecord,
    tools::{engine::Engine, kind},
};

/// systemd in the node has this long to come up.
const NODE_START: Duration = Duration::from_mins(1);
/// Between two attempts to speak to a systemd that starts.
const SYSTEMD_PAUSE: Duration = Duration::from_millis(150);
/// The node answers within two seconds whether its API server does; this much for a machine that is busy.
const API_QUESTION: Duration = Duration::from_secs(20);
/// Between the beginnings of two questions, at least.
const API_PAUSE: Duration = Duration::from_millis(500);

pub(super) fn create(job: &Job<'_>) -> Result<Done, String> {
    let world = job.world;
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let node_image = job.facts.references.get(&ImageName::new(crate::images::NODE)).cloned();
    let node_image = node_image.ok_or("the node image has no reference")?;
    let record = ClusterRecord { complete: false, node_image: node_image.clone(), ..world.record.clone() };
    // Written first: what a kill leaves behind must be known as ours.
    world.cluster.save_record(&record).map_err(|e| text(&e))?;
    set_pod_logs_aside(job, &node_image);
    let unused = world.run_dir.join("kind.kubeconfig");
    let config = world.run_dir.join("kind-config.json");
    fs_err::write(&config, world.kind_config.to_string()).map_err(|e| text(&e))?;
    let create = world.kind.create(world.cluster.name(), &node_image, &unused, &config);
    let create = create.log(job.log()).deadline(job.task.deadline);
    let ended = AtomicBool::new(false);
    let (result, reached) = std::thread::scope(|scope| {
        let mut rising = None;
        let result = create.run_telling(&world.runner, &mut |line| {
            if rising.is_none() && kind::node_runs(line) {
                rising = Some(scope.spawn(|| rise(job, &ended)));
            }
        });
        ended.store(true, Ordering::Relaxed);
        // A panic there is told as one here.
        let reached = rising.map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (result, reached.unwrap_or_default())
    });
    result.map_err(|e| cause(job, &e))?;
    if !reached.node {
        // kind says it in other words than we know; that costs time, and nothing else.
        reach(job, "node-up", node_up(job));
    }
    if !reached.api {
        reach(job, "api-up", kubeconfig(job));
    }
    let record = ClusterRecord { complete: true, ..record };
    world.cluster.save_record(&record).map_err(|e| text(&e))?;
    Ok(Done::did(world.cluster.name()))
}

/// What an earlier cluster's pods printed is set aside. What stays, because neither we nor the engine can remove it, harms
/// nothing, and is told.
fn set_pod_logs_aside(job: &Job<'_>, node_image: &ImageRef) {
    let world = job.world;
    let stays = match world.cluster.set_pod_logs_aside() {
        Ok(refused) if refused.is_empty() => None,
        Ok(refused) => {
            let names: Vec<&OsStr> = refused.iter().filter_map(|p| p.file_name()).collect();
            let remove = world.engine.remove_as_root(node_image, world.cluster.path(), &names);
            remove.run(&world.runner).err().map(|e| e.to_string())
        }
        Err(e) => Some(e.to_string()),
    };
    if let Some(why) = stays {
        job.note(format!("pod logs of an earlier cluster stay in {}: {why}", world.cluster.path().display()));
    }
}

/// kind stumbles over an engine that has gone, and says so of everything but the engine.
fn cause(job: &Job<'_>, error: &ExecError) -> String {
    let world = job.world;
    match world.engine.present(&world.runner) {
        Err(e) if !e.is_cancelled() => {
            format!("{} does not answer any more: it was stopped, or it crashed\n{error}", world.engine.kind)
        }
        _ => error.to_string(),
    }
}

/// How far the node was when kind ended.
#[derive(Debug, Default)]
struct Reached {
    node: bool,
    api: bool,
}

/// Follows the node beside kind, which says nothing while kubeadm works.
fn rise(job: &Job<'_>, kind_ended: &AtomicBool) -> Reached {
    let world = job.world;
    reach(job, "node-up", node_up(job));
    while !kind_ended.load(Ordering::Relaxed) && world.runner.stopping().is_none() {
        let began = Instant::now();
        let ask = world.engine.exec(&world.cluster.node(), ["bash", "-c", kind::API_ANSWERS]).deadline(API_QUESTION);
        if ask.run(&world.runner).is_ok() {
            reach(job, "api-up", kubeconfig(job));
            return Reached { node: true, api: true };
        }
        // An engine that refuses at once is not asked without end.
        if !world.runner.pause(API_PAUSE.saturating_sub(began.elapsed())) {
            break;
        }
    }
    Reached { node: true, api: false }
}

fn reach(job: &Job<'_>, milestone: &str, result: Result<(), String>) {
    let _ = job.tell.send(Message::Reached { task: TaskId(milestone.to_owned()), result });
}

/// The node's containerd answers: systemd returns from `start` when a unit that is starting has started. systemd itself
/// refuses to speak in its first second; that is no failure.
fn node_up(job: &Job<'_>) -> Result<(), String> {
    const REFUSALS: [&str; 2] = ["not been booted with systemd", "Failed to connect to bus"];
    let world = job.world;
    let end = Instant::now() + NODE_START;
    loop {
        let start = world.engine.exec(&world.cluster.node(), ["systemctl", "start", "containerd.service"]);
        let Err(error) = start.deadline(NODE_START).run(&world.runner) else { return Ok(()) };
        let early = REFUSALS.iter().any(|r| error.stderr_contains(r)) && Instant::now() < end;
        if !early || !world.runner.pause(SYSTEMD_PAUSE) {
            return Err(error.to_string());
        }
    }
}

/// The API answers: from here on kubectl needs a kubeconfig.
fn kubeconfig(job: &Job<'_>) -> Result<(), String> {
    let world = job.world;
    let output = world.kind.kubeconfig(world.cluster.name()).run(&world.runner).map_err(|e| e.to_string())?;
    crate::state::write_private(&world.cluster.kubeconfig(), &output.stdout).map_err(|e| e.to_string())
}

/// What the cluster has of ours: images of the node, objects with their metadata.
pub(super) fn list(job: &Job<'_>) -> Result<Done, String> {
    let world = job.world;
    if !world.record.complete {
        // Just created: it has nothing of ours.
        return Ok(Done::did("a new cluster"));
    }
    let names = || world.engine.list_node_images(&world.cluster.node()).run(&world.runner);
    let (names, objects) = rayon::join(names, || objects(job));
    let names = names.map_err(|e| e.to_string())?;
    let node_images = Engine::node_image_names(&names.text()).into_iter().collect();
    let (applied, dead) = objects?;
    let what = format!("{} objects, {} images", applied.len(), BTreeSet::len(&node_images));
    Ok(Done::did(what).finding(Found::Cluster { node_images, applied, dead }))
}

type Objects = (BTreeMap<ObjectKey, Value>, BTreeSet<ObjectKey>);

/// Objects of ours with their metadata, and those of them that are dead.
fn objects(job: &Job<'_>) -> Result<Objects, String> {
    let world = job.world;
    let inventory = world.cluster.inventory().map_err(|e| e.to_string())?;
    let mut kinds: BTreeSet<String> = inventory.values().flatten().map(ObjectKey::resource).collect();
    kinds.insert("namespace".to_owned());
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(",");
    let list = world.kubectl.list(&kinds, INSTANCE_LABEL).run(&world.runner).map_err(|e| e.to_string())?;
    let list: Value = serde_json::from_slice(&list.stdout).map_err(|e| format!("kubectl get: {e}"))?;
    let (mut applied, mut dead) = (BTreeMap::new(), BTreeSet::new());
    for item in list["items"].as_array().into_iter().flatten() {
        let key = ObjectKey::of(item);
        if is_dead(item) {
            dead.insert(key.clone());
        }
        // What is on its way out is as good as gone.
        if item["metadata"]["deletionTimestamp"].is_null() {
            applied.insert(key, item["metadata"].clone());
        }
    }
    Ok((applied, dead))
}

/// A failed Job stays failed for ever.
fn is_dead(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    object["kind"] == "Job" && conditions.into_iter().flatten().any(|c| c["type"] == "Failed" && c["status"] == "True")
}
