use serde_json::{Value, json};

use super::objects::{deployment, job, metadata, stateful_set};
use crate::readiness::{Verdict, judge};

#[track_caller]
fn waits(object: &Value, why: &str) {
    match judge(object) {
        Verdict::Waiting(said) => assert!(said.contains(why), "{said}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn hopeless(object: &Value, why: &str) {
    match judge(object) {
        Verdict::Hopeless { reason, .. } => assert!(reason.contains(why), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn deployments() {
    assert_eq!(judge(&deployment("a", 1)), Verdict::Ready);
    waits(&deployment("a", 0), "0 of 1 pods available");

    let mut unseen = deployment("a", 1);
    unseen["metadata"]["generation"] = json!(2);
    waits(&unseen, "its controller has not seen it");

    let mut rolling = deployment("a", 1);
    rolling["status"]["updatedReplicas"] = json!(0);
    waits(&rolling, "0 of 1 pods updated");

    let mut old = deployment("a", 1);
    old["status"]["replicas"] = json!(2);
    waits(&old, "old pods are still there: 1");

    let mut none = deployment("a", 0);
    none["spec"]["replicas"] = json!(0);
    none["status"] = json!({"observedGeneration": 1});
    assert_eq!(judge(&none), Verdict::Ready);
}

#[test]
fn stateful_sets() {
    assert_eq!(judge(&stateful_set("a", 1)), Verdict::Ready);
    waits(&stateful_set("a", 0), "0 of 1 pods Ready");
    let mut rolling = stateful_set("a", 1);
    rolling["status"]["updateRevision"] = json!("b");
    waits(&rolling, "its update is not complete");
    rolling["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
    assert_eq!(judge(&rolling), Verdict::Ready);
}

#[test]
fn daemon_sets() {
    let set = |status: Value| json!({"kind": "DaemonSet", "metadata": metadata("a"), "status": status});
    let ready = json!({
        "observedGeneration": 1, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1,
    });
    assert_eq!(judge(&set(ready)), Verdict::Ready);
    waits(&set(json!({"observedGeneration": 1, "desiredNumberScheduled": 0})), "no node takes it");
    waits(
        &set(json!({"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2})),
        "0 of 2 pods",
    );
}

#[test]
fn jobs() {
    let with = |name: &str, reason: &str| json!({"conditions": [{"type": name, "status": "True", "reason": reason}]});
    assert_eq!(judge(&job("a", &with("Complete", "CompletionsReached"))), Verdict::Ready);
    hopeless(&job("a", &with("Failed", "BackoffLimitExceeded")), "the Job failed (BackoffLimitExceeded)");
    hopeless(&job("a", &with("Failed", "DeadlineExceeded")), "DeadlineExceeded");
    waits(&job("a", &json!({"active": 1})), "the Job is not complete");
    waits(&job("a", &json!({"active": 1, "failed": 2})), "failed attempts: 2");
}

#[test]
fn what_others_say_of_themselves() {
    let object = |kind: &str, status: Value| json!({"kind": kind, "metadata": metadata("a"), "status": status});
    let condition =
        |name: &str, status: &str| json!({"conditions": [{"type": name, "status": status, "message": "so it is"}]});
    let cases = [
        ("CustomResourceDefinition", condition("Established", "True"), condition("Established", "False")),
        ("APIService", condition("Available", "True"), condition("Available", "False")),
        ("Namespace", json!({"phase": "Active"}), json!({})),
        ("PersistentVolumeClaim", json!({"phase": "Bound"}), json!({"phase": "Pending"})),
        ("Pod", condition("Ready", "True"), condition("Ready", "False")),
    ];
    for (kind, ready, waiting) in cases {
        assert_eq!(judge(&object(kind, ready)), Verdict::Ready, "{kind}");
        waits(&object(kind, waiting), "");
    }
    assert_eq!(judge(&object("Pod", json!({"phase": "Succeeded"}))), Verdict::Ready);
    hopeless(&object("Pod", json!({"phase": "Failed", "message": "no space"})), "the pod failed no space");
    hopeless(&object("PersistentVolumeClaim", json!({"phase": "Lost"})), "volume is gone");
    hopeless(&object("CustomResourceDefinition", condition("NamesAccepted", "False")), "its names are taken: so it is");
    assert_eq!(judge(&object("Service", json!({"loadBalancer": {}}))), Verdict::Ready);
}

#[test]
fn what_is_being_deleted_is_not_ready() {
    let mut going = deployment("a", 1);
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    waits(&going, "it is being deleted");
}
