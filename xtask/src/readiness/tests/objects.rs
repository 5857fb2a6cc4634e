//! Objects as the API server gives them, with what the judgement looks at, and a small world to put them into.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    object::ObjectKey,
    readiness::{Assessment, Live, PartId, PartVerdict, Wanted, WantedObject, WantedPart, assess},
};

/// A time some seconds after the beginning of the tests' world.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_secs(seconds)
}

pub fn metadata(name: &str) -> Value {
    json!({"name": name, "namespace": "e2e", "uid": format!("uid-{name}"), "generation": 1})
}

/// A Deployment with so many of one pod available.
pub fn deployment(name: &str, available: u64) -> Value {
    let mut metadata = metadata(name);
    metadata["annotations"] = json!({"deployment.kubernetes.io/revision": "1"});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1},
        "status": {
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": available,
            "availableReplicas": available,
        },
    })
}

pub fn stateful_set(name: &str, ready: u64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata(name), "spec": {"replicas": 1},
        "status": {
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": ready,
            "currentRevision": "a", "updateRevision": "a",
        },
    })
}

pub fn replica_set(name: &str, of: &Value, revision: &str) -> Value {
    let mut metadata = metadata(name);
    metadata["annotations"] = json!({"deployment.kubernetes.io/revision": revision});
    metadata["ownerReferences"] = owner(of);
    json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata})
}

pub fn job(name: &str, status: &Value) -> Value {
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata(name), "spec": {}, "status": status})
}

fn owner(of: &Value) -> Value {
    json!([{"kind": of["kind"], "name": of["metadata"]["name"], "uid": of["metadata"]["uid"], "controller": true}])
}

/// A pod with one container, which has this status.
pub fn pod(name: &str, of: &Value, phase: &str, mut container: Value) -> Value {
    let mut metadata = metadata(name);
    metadata["ownerReferences"] = owner(of);
    container["name"] = json!("main");
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [{"name": "main"}]},
        "status": {
            "phase": phase, "startTime": at(0),
            "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False"}],
            "containerStatuses": [container],
        },
    })
}

pub fn ready_pod(name: &str, of: &Value, since: i64) -> Value {
    let mut pod = pod(name, of, "Running", json!({"state": {"running": {}}, "ready": true}));
    pod["status"]["conditions"] = json!([{"type": "Ready", "status": "True", "lastTransitionTime": at(since)}]);
    pod
}

/// A container that waits to be started.
pub fn waits(reason: &str, message: &str) -> Value {
    json!({"image": "localhost/e2e/main:1", "restartCount": 0, "state": {"waiting": {"reason": reason, "message": message}}})
}

/// A container that has crashed so many times and waits to be started again; its last run began at this time.
pub fn crashed(times: u64, began: i64) -> Value {
    json!({
        "restartCount": times - 1,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s restarting failed container"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": at(began), "finishedAt": at(began + 1)}},
    })
}

pub fn warning(name: &str, about: &Value, reason: &str, message: &str, since: i64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event", "metadata": metadata(name), "type": "Warning", "reason": reason,
        "message": message, "involvedObject": {"uid": about["metadata"]["uid"]}, "count": 3,
        "firstTimestamp": at(since), "lastTimestamp": at(since + 1),
    })
}

/// Parts and objects.
#[derive(Default)]
pub struct World {
    pub wanted: Wanted,
    pub live: Live,
}

pub fn id(part: &str) -> PartId {
    let (definition, part) = part.split_once('/').unwrap();
    PartId { definition: definition.to_owned(), part: part.to_owned() }
}

impl World {
    pub fn new() -> Self {
        Self::default()
    }

    /// A part with these objects, which the cluster has.
    pub fn part(mut self, name: &str, objects: &[&Value], depends: &[&str]) -> Self {
        let wanted = objects.iter().map(|o| WantedObject { key: ObjectKey::of(o), hash: None }).collect();
        let depends: BTreeSet<PartId> = depends.iter().map(|d| id(d)).collect();
        self.wanted.parts.insert(id(name), WantedPart { objects: Some(wanted), depends });
        objects.iter().fold(self, |world, object| world.with(object))
    }

    /// A part that was not applied yet.
    pub fn planned(mut self, name: &str, depends: &[&str]) -> Self {
        let depends = depends.iter().map(|d| id(d)).collect();
        self.wanted.parts.insert(id(name), WantedPart { objects: None, depends });
        self
    }

    /// An object that the cluster has.
    pub fn with(mut self, object: &Value) -> Self {
        self.live.insert(ObjectKey::of(object), object.clone());
        self
    }

    pub fn assess(&self, seconds: i64) -> Assessment {
        assess(&self.wanted, &self.live, at(seconds))
    }

    /// How one part stands.
    pub fn verdict(&self, part: &str, seconds: i64) -> PartVerdict {
        self.assess(seconds).parts[&id(part)].clone()
    }
}
