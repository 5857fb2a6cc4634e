//! Applies, prunes and checks.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::work::{Done, Found, Job};
use crate::{
    catalog::Name,
    event::Outcome,
    object::owns_all,
    readiness::{self, Verdict},
    render::{self, HASH_ANNOTATION, ObjectKey, RenderedObject},
    tools::kubectl::Kubectl,
};

/// Between two questions of an HTTP check: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// An apply that meets a named transient condition is tried so often, with this long between two attempts.
const ATTEMPTS: u32 = 4;
const AGAIN: Duration = Duration::from_secs(1);

pub(super) fn namespace(job: &Job<'_>) -> Result<Done, String> {
    let object = render::namespace(&job.world.namespace, job.world.cluster.name());
    let Some(changed) = changed(job, &object) else { return Ok(Done::fresh()) };
    apply_now(job, &[changed])?;
    Ok(Done::did(&job.world.namespace))
}

pub(super) fn apply(job: &Job<'_>, definition: &Name, part: &Name) -> Result<Done, String> {
    let world = job.world;
    let missing = || format!("{definition}/{part} is not in the catalogue");
    let owner = world.catalog.definitions.get(definition).ok_or_else(missing)?;
    let part = owner.part(part).ok_or_else(missing)?;
    let context = super::render_context(world, job.facts);
    let mut rendered = render::render(owner, part, &context).map_err(|e| e.to_string())?;
    for dead in rendered.objects.iter().filter(|o| job.facts.dead.contains(&o.key)) {
        world.kubectl.delete(&dead.key).run(&world.runner).map_err(|e| e.to_string())?;
    }
    let mut to_apply = Vec::new();
    for object in &mut rendered.objects {
        if let Some(changed) = changed(job, object) {
            object.clone_from(&changed);
            to_apply.push(changed);
        }
    }
    let outcome = if to_apply.is_empty() {
        Outcome::Fresh
    } else {
        apply_now(job, &to_apply)?;
        let changed = to_apply.iter().map(|o| &o.key).filter(|key| job.facts.applied.contains_key(key));
        for set in changed.filter(|key| key.kind == "StatefulSet") {
            replace_stuck_pods(job, set)?;
        }
        Outcome::did(count(to_apply.len(), rendered.objects.len()))
    };
    let keys = rendered.objects.iter().map(|o| o.key.clone()).collect();
    Ok(Done { outcome, found: Found::Applied { definition: definition.to_string(), keys, wanted: rendered.objects } })
}

/// What has to be applied of an object: nothing when the cluster has just that.
fn changed(job: &Job<'_>, object: &RenderedObject) -> Option<RenderedObject> {
    let applied = job.facts.applied.get(&object.key).filter(|_| !job.facts.dead.contains(&object.key));
    let Some(applied) = applied.filter(|metadata| metadata["annotations"][HASH_ANNOTATION] == object.hash) else {
        return Some(object.clone());
    };
    if owns_all(applied, Kubectl::FIELD_MANAGER, &object.value) {
        return None;
    }
    job.note(format!("{} was changed since it was applied; it becomes again what it was", object.key));
    Some(object.mended(applied["resourceVersion"].as_str().unwrap_or_default()))
}

/// The controller of a `StatefulSet` waits for a pod that does not become Ready before it rolls it, also when the change is
/// what would mend it ("Forced rollback" in the documentation of Kubernetes). So that pod is deleted here.
fn replace_stuck_pods(job: &Job<'_>, set: &ObjectKey) -> Result<(), String> {
    let kubectl = &job.world.kubectl;
    let pods = kubectl.cmd().args(["get", "pods", "--output", "json", "--namespace", &job.world.namespace]);
    let pods = pods.run(&job.world.runner).map_err(|e| e.to_string())?.text();
    let pods: Value = serde_json::from_str(&pods).map_err(|e| format!("kubectl printed no JSON: {e}"))?;
    for pod in pods["items"].as_array().into_iter().flatten() {
        let owners = pod["metadata"]["ownerReferences"].as_array();
        let is_ours = owners.into_iter().flatten().any(|o| o["kind"] == "StatefulSet" && o["name"] == set.name);
        let stays = pod["metadata"]["deletionTimestamp"].is_null();
        if is_ours && stays && readiness::judge(pod) != Verdict::Ready {
            let pod = ObjectKey::of(pod);
            kubectl.delete(&pod).run(&job.world.runner).map_err(|e| e.to_string())?;
            job.note(format!("deleted {pod}: it was not Ready, and {set} would have waited for it before its roll"));
        }
    }
    Ok(())
}

/// Deletes what an earlier set-up of these definitions applied and this one does not have.
pub(super) fn prune(job: &Job<'_>) -> Result<Done, String> {
    let cluster = &job.world.cluster;
    let mut inventory = cluster.inventory().map_err(|e| e.to_string())?;
    let wanted: BTreeSet<&ObjectKey> = job.facts.wanted.values().flatten().collect();
    let mine = job.facts.wanted.keys().filter_map(|d| inventory.get(d)).flatten();
    let stale: Vec<ObjectKey> = mine.filter(|k| !wanted.contains(k)).cloned().collect();
    for key in &stale {
        job.world.kubectl.delete(key).run(&job.world.runner).map_err(|e| e.to_string())?;
    }
    for (definition, keys) in &job.facts.wanted {
        inventory.insert(definition.clone(), keys.clone());
    }
    cluster.save_inventory(&inventory).map_err(|e| e.to_string())?;
    if stale.is_empty() {
        return Ok(Done::fresh());
    }
    let names = stale.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Ok(Done::did(format!("deleted {names}")))
}

/// Asks until the answer is the wanted one. Nobody tells us when a port answers.
pub(super) fn check(job: &Job<'_>, port: &Name, path: &str, status: u16) -> Result<Done, String> {
    let url = crate::state::urls(&job.world.catalog, &job.world.record.ports)
        .remove(port)
        .ok_or_else(|| format!("port `{port}` leads nowhere"))?;
    let url = format!("{url}{path}");
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(5)));
    // A proxy that the environment names cannot reach a port of this host's loopback.
    let agent = ureq::Agent::new_with_config(config.proxy(None).build());
    let end = Instant::now() + job.task.deadline;
    let mut pause = FIRST_PAUSE;
    loop {
        let seen = match agent.get(&url).call() {
            Ok(response) if response.status().as_u16() == status => return Ok(Done::did(url)),
            Ok(response) => format!("status {}", response.status().as_u16()),
            Err(e) => e.to_string(),
        };
        if Instant::now() + pause >= end {
            let within = humantime::format_duration(job.task.deadline);
            return Err(format!("GET {url} did not answer {status} within {within}; last seen: {seen}"));
        }
        if !job.world.runner.pause(pause) {
            return Err("interrupted".to_owned());
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn apply_now(job: &Job<'_>, objects: &[RenderedObject]) -> Result<(), String> {
    let yaml = render::yaml(objects);
    let file = job.log().with_extension("yaml");
    // The evidence has what was applied, not what was meant; Secrets are only in the cluster.
    fs_err::write(&file, render::yaml_without_secrets(objects)).map_err(|e| e.to_string())?;
    let apply = job.world.kubectl.apply(&yaml).stdin_kept(file).log(job.log());
    for attempt in 1..=ATTEMPTS {
        let Err(failure) = apply.run(&job.world.runner) else { return Ok(()) };
        let said = Kubectl::transient(&failure).filter(|_| attempt < ATTEMPTS);
        match said {
            Some(said) if job.world.runner.pause(AGAIN) => job.note(format!("again ({attempt}), because of: {said}")),
            _ => return Err(failure.to_string()),
        }
    }
    Err("it was never tried".to_owned())
}

fn count(changed: usize, all: usize) -> String {
    if changed == all { format!("{all} objects") } else { format!("{changed} of {all} objects") }
}
