//! Pods that cannot be started, and for how long they may look so.

use std::time::Duration;

use serde_json::{Value, json};

use super::objects::{World, at, crashed, deployment, job, pod, replica_set, stateful_set, waits, warning};
use crate::readiness::{Verdict, Wanted};

/// A Deployment with one pod whose container has this status.
fn world(container: Value) -> World {
    let server = deployment("server", 0);
    let set = replica_set("server-6d5f", &server, "1");
    let pod = pod("server-6d5f-x", &set, "Pending", container);
    World::new().part("web/server", &[&server], &[]).with(&set).with(&pod)
}

#[track_caller]
fn hopeless(world: &World, seconds: i64, why: &str) {
    let found = world.verdict("web/server", seconds).verdict;
    assert!(matches!(&found, Verdict::Hopeless { reason, .. } if reason.contains(why)), "{found:?}");
}

#[track_caller]
fn waiting(world: &World, seconds: i64, why: &str) {
    let found = world.verdict("web/server", seconds).verdict;
    assert!(matches!(&found, Verdict::Waiting(said) if said.contains(why)), "{found:?}");
}

#[test]
fn a_kubelet_that_has_just_started_is_given_time() {
    let said = "services have not yet been read at least once, cannot construct envvars";
    waiting(&world(waits("CreateContainerConfigError", said)), 1000, "is being started");
}

#[test]
fn what_ended_with_its_node_did_not_crash() {
    let mut container = crashed(4, 0);
    container["lastState"]["terminated"]["reason"] = json!("Unknown");
    container["state"] = json!({"running": {"startedAt": at(90)}});
    waiting(&world(container.clone()), 100, "is being started");
    container["state"] = json!({"terminated": container["lastState"]["terminated"]});
    waiting(&world(container), 100, "is being started");
}

#[test]
fn images_that_nobody_has() {
    let never = world(waits("ErrImageNeverPull", "Container image is not present with pull policy of Never"));
    hopeless(&never, 0, "container main: the image localhost/e2e/main:1 is not in the node (ErrImageNeverPull)");
    hopeless(&world(waits("InvalidImageName", "")), 0, "is no image name");
    hopeless(&world(waits("ImagePullBackOff", "")), 0, "no registry has it");

    let mut elsewhere = waits("ErrImagePull", "connection refused");
    elsewhere["image"] = json!("registry.k8s.io/pause:3.10");
    let elsewhere = world(elsewhere);
    waiting(&elsewhere, 59, "cannot be pulled (ErrImagePull): connection refused");
    hopeless(&elsewhere, 60, "registry.k8s.io/pause:3.10 cannot be pulled");
}

#[test]
fn configuration_that_is_missing() {
    let message = "couldn't find key level in ConfigMap e2e/web";
    let world = world(waits("CreateContainerConfigError", message));
    waiting(&world, 19, message);
    assert_eq!(world.assess(19).again, Some(Duration::from_secs(1)));
    hopeless(&world, 20, "container main cannot be configured: couldn't find key level in ConfigMap e2e/web");
    assert_eq!(world.assess(20).again, None);
}

/// Nobody else will write the key into a `ConfigMap` of this run, whatever is still to come.
#[test]
fn a_key_that_an_applied_object_lacks() {
    let mut world = world(waits("CreateContainerConfigError", "couldn't find key level in ConfigMap e2e/web"));
    world.wanted = Wanted::default();
    let server = deployment("server", 0);
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "e2e"}});
    let world = world.part("web/server", &[&config, &server], &["postgres/server"]).planned("postgres/server", &[]);
    waiting(&world, 4, "couldn't find key level");
    hopeless(&world, 5, "couldn't find key level");
}

#[test]
fn configuration_that_another_part_brings() {
    let mut world = world(waits("CreateContainerConfigError", "secret \"postgres\" not found"));
    world.wanted = Wanted::default();
    let server = deployment("server", 0);
    let world = world.part("web/server", &[&server], &["postgres/server"]).planned("postgres/server", &[]);
    waiting(&world, 1000, "as may be while postgres/server is not Ready");
}

/// The kubelet looks for it every ten to fifteen seconds; it may have been there for most of that.
#[test]
fn configuration_that_came_a_moment_ago() {
    let mut world = world(waits("CreateContainerConfigError", "secret \"postgres\" not found"));
    world.wanted = Wanted::default();
    let postgres = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "postgres"},
        "status": {"conditions": [{"type": "Established", "status": "True", "lastTransitionTime": at(100)}]}});
    let server = deployment("server", 0);
    let world = world.part("web/server", &[&server], &["postgres/server"]).part("postgres/server", &[&postgres], &[]);
    waiting(&world, 119, "secret \"postgres\" not found");
    hopeless(&world, 120, "secret \"postgres\" not found");
}

#[test]
fn containers_that_cannot_be_started() {
    let slow = world(waits("CreateContainerError", "context deadline exceeded"));
    waiting(&slow, 29, "context deadline exceeded");
    hopeless(&slow, 30, "context deadline exceeded");
    let message = "exec: \"serve\": executable file not found in $PATH";
    hopeless(&world(waits("RunContainerError", message)), 0, message);
}

#[test]
fn pods_without_a_node() {
    let unscheduled = |message: &str| {
        let server = deployment("server", 0);
        let set = replica_set("server-6d5f", &server, "1");
        let mut pod = pod("server-6d5f-x", &set, "Pending", json!({}));
        pod["status"]["conditions"] = json!([{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
            "lastTransitionTime": at(0),
        }]);
        World::new().part("web/server", &[&server], &[]).with(&set).with(&pod)
    };
    let full = unscheduled("0/1 nodes are available: 1 Insufficient cpu.");
    waiting(&full, 29, "1 Insufficient cpu");
    assert_eq!(full.assess(20).again, Some(Duration::from_secs(10)));
    hopeless(&full, 30, "pod server-6d5f-x finds no node: 0/1 nodes are available: 1 Insufficient cpu.");

    let message = "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.";
    waiting(&unscheduled(message), 1000, "finds no node");
}

#[test]
fn volumes_that_cannot_be_mounted() {
    let creating = || world(waits("ContainerCreating", ""));
    let pod = || {
        let server = deployment("server", 0);
        pod("server-6d5f-x", &replica_set("server-6d5f", &server, "1"), "Pending", json!({}))
    };
    let message = "MountVolume.SetUp failed for volume \"policy\" : configmap \"policy\" not found";
    let missing = creating().with(&warning("event", &pod(), "FailedMount", message, 10));
    waiting(&missing, 29, "configmap \"policy\" not found");
    hopeless(&missing, 30, "pod server-6d5f-x cannot mount a volume: MountVolume.SetUp failed");
    let slow = creating().with(&warning("event", &pod(), "FailedMount", "timed out waiting for the condition", 10));
    waiting(&slow, 1000, "timed out");
}

#[test]
fn pods_that_may_not_be_created() {
    let mut server = deployment("server", 0);
    let message = "pods \"server-\" is forbidden: exceeded quota: small";
    server["status"]["conditions"] = json!([{
        "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message,
        "lastTransitionTime": at(0),
    }]);
    let world = World::new().part("web/server", &[&server], &[]);
    waiting(&world, 9, "its pods cannot be created");
    hopeless(&world, 10, "exceeded quota: small");
}

#[test]
fn a_stateful_set_tells_it_by_events_alone() {
    let set = stateful_set("server", 0);
    let world = World::new().part("web/server", &[&set], &[]).with(&warning(
        "event",
        &set,
        "FailedCreate",
        "create Pod server-0 failed: exceeded quota: small",
        0,
    ));
    hopeless(&world, 10, "exceeded quota: small");
}

#[test]
fn why_a_running_pod_is_not_ready() {
    let server = deployment("server", 0);
    let set = replica_set("server-6d5f", &server, "1");
    let pod = pod("server-6d5f-x", &set, "Running", json!({"state": {"running": {}}, "restartCount": 0}));
    let event =
        warning("event", &pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 0);
    let world = World::new().part("web/server", &[&server], &[]).with(&set).with(&pod).with(&event);
    let wanted = "0 of 1 pods available: pod server-6d5f-x runs, but is not Ready: Readiness probe failed: HTTP probe \
                  failed with statuscode: 503";
    assert_eq!(world.verdict("web/server", 100).to_string(), wanted);
}

/// The kubelet and the Job's controller write it into the Job seconds after the last container has ended.
#[test]
fn a_job_is_done_when_its_containers_have_ended_well() {
    let ended = |code: u8| json!({"state": {"terminated": {"exitCode": code, "startedAt": at(0)}}, "restartCount": 0});
    let verdict = |completions: u8, phase: &str, container: Value| {
        let mut job = job("schema", &json!({"active": 1}));
        job["spec"] = json!({"completions": completions});
        let pod = pod("schema-x", &job, phase, container);
        World::new().part("web/server", &[&job], &[]).with(&pod).verdict("web/server", 5).verdict
    };
    assert_eq!(verdict(1, "Running", ended(0)), Verdict::Ready);
    let waits = |found: Verdict| assert!(matches!(found, Verdict::Waiting(_)), "{found:?}");
    waits(verdict(1, "Running", json!({"state": {"running": {}}, "restartCount": 0})));
    waits(verdict(1, "Running", ended(1)));
    waits(verdict(2, "Running", ended(0)));
}

#[test]
fn a_roll_out_that_was_given_up_for_want_of_what_it_depends_on() {
    let mut server = deployment("server", 0);
    let message = "ReplicaSet has timed out progressing.";
    server["status"]["conditions"] = json!([
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": message,
         "lastUpdateTime": at(0)},
    ]);
    let alone = World::new().part("web/server", &[&server], &[]);
    waiting(&alone, 29, "timed out progressing");
    hopeless(&alone, 30, "its roll-out made no progress: ReplicaSet has timed out progressing.");

    let store = stateful_set("store", 0);
    let away = World::new().part("store/server", &[&store], &[]).part("web/server", &[&server], &["store/server"]);
    waiting(&away, 1000, "as may be while store/server is not Ready");
    let store = stateful_set("store", 1);
    let mut pod = pod("store-0", &store, "Running", json!({}));
    pod["status"]["conditions"] = json!([{"type": "Ready", "status": "True", "lastTransitionTime": at(990)}]);
    let back = away.with(&store).with(&pod);
    waiting(&back, 1000, "timed out progressing");
    hopeless(&back, 1020, "timed out progressing");
}
