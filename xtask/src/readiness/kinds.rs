//! One object, by what it says of itself. The rules are those of `kubectl rollout status` and of the API's documentation.

use serde_json::Value;

use super::Verdict;

/// Judges an object alone. A workload that waits may be hopeless by the looks of its pods: that is `assess`.
#[must_use]
pub fn judge(object: &Value) -> Verdict {
    let (metadata, status) = (&object["metadata"], &object["status"]);
    if !metadata["deletionTimestamp"].is_null() {
        return Verdict::waiting("it is being deleted");
    }
    if !is_seen(object) {
        return Verdict::waiting("its controller has not seen it yet");
    }
    match object["kind"].as_str().unwrap_or_default() {
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "DaemonSet" => daemon_set(status),
        "ReplicaSet" => count(&status["readyReplicas"], wanted_replicas(object), "Ready"),
        "Job" => job(object),
        "Pod" => pod(status),
        "CustomResourceDefinition" => custom_resource_definition(status),
        "APIService" => by_condition(status, "Available"),
        "Namespace" if status["phase"] == "Active" => Verdict::Ready,
        "Namespace" => Verdict::waiting("it is not active yet"),
        "PersistentVolumeClaim" => match status["phase"].as_str() {
            Some("Bound") => Verdict::Ready,
            Some("Lost") => Verdict::hopeless("its volume is gone"),
            _ => Verdict::waiting("it has no volume yet"),
        },
        // Services have no load balancer to wait for here; everything else is as good as it gets once it is there.
        _ => Verdict::Ready,
    }
}

/// The condition of a type, if there is one.
pub(super) fn condition<'v>(status: &'v Value, name: &str) -> Option<&'v Value> {
    status["conditions"].as_array()?.iter().find(|c| c["type"] == name)
}

/// Whether a workload's status, and its pods, are about what its specification says now.
pub(super) fn is_seen(object: &Value) -> bool {
    let controlled = matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"));
    !controlled || number(&object["status"]["observedGeneration"]) >= number(&object["metadata"]["generation"])
}

/// Whether a condition is there and true.
pub(super) fn holds(status: &Value, name: &str) -> bool {
    condition(status, name).is_some_and(|c| c["status"] == "True")
}

/// How many pods a workload is to have.
pub(super) fn wanted_replicas(object: &Value) -> u64 {
    object["spec"]["replicas"].as_u64().unwrap_or(1)
}

/// What a message says, on one line.
pub(super) fn line(message: &Value) -> String {
    message.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn count(have: &Value, want: u64, what: &str) -> Verdict {
    let have = number(have);
    if have >= want { Verdict::Ready } else { Verdict::waiting(format!("{have} of {want} pods {what}")) }
}

fn deployment(object: &Value) -> Verdict {
    let status = &object["status"];
    let want = wanted_replicas(object);
    let updated = count(&status["updatedReplicas"], want, "updated");
    if updated != Verdict::Ready {
        return updated;
    }
    let old = number(&status["replicas"]).saturating_sub(number(&status["updatedReplicas"]));
    if old > 0 {
        return Verdict::waiting(format!("old pods are still there: {old}"));
    }
    count(&status["availableReplicas"], want, "available")
}

fn stateful_set(object: &Value) -> Verdict {
    let status = &object["status"];
    let want = wanted_replicas(object);
    let strategy = &object["spec"]["updateStrategy"];
    if strategy["type"] != "OnDelete" {
        let kept = number(&strategy["rollingUpdate"]["partition"]).min(want);
        let updated = count(&status["updatedReplicas"], want - kept, "updated");
        if updated != Verdict::Ready {
            return updated;
        }
        if kept == 0 && status["currentRevision"] != status["updateRevision"] {
            return Verdict::waiting("its update is not complete");
        }
    }
    if number(&object["spec"]["minReadySeconds"]) > 0 {
        return count(&status["availableReplicas"], want, "available");
    }
    count(&status["readyReplicas"], want, "Ready")
}

fn daemon_set(status: &Value) -> Verdict {
    let want = number(&status["desiredNumberScheduled"]);
    if want == 0 {
        return Verdict::waiting("no node takes it");
    }
    let updated = count(&status["updatedNumberScheduled"], want, "updated");
    if updated == Verdict::Ready { count(&status["numberAvailable"], want, "available") } else { updated }
}

fn job(object: &Value) -> Verdict {
    let status = &object["status"];
    if holds(status, "Complete") {
        return Verdict::Ready;
    }
    if let Some(failed) = condition(status, "Failed").filter(|c| c["status"] == "True") {
        let reason = failed["reason"].as_str().unwrap_or("for no reason that it tells");
        return Verdict::hopeless(format!("the Job failed ({reason})"));
    }
    match (object["spec"]["suspend"] == true, number(&status["failed"])) {
        (true, _) => Verdict::waiting("the Job is suspended"),
        (false, 0) => Verdict::waiting("the Job is not complete"),
        (false, failed) => Verdict::waiting(format!("the Job is not complete; failed attempts: {failed}")),
    }
}

fn pod(status: &Value) -> Verdict {
    match status["phase"].as_str() {
        Some("Succeeded") => Verdict::Ready,
        Some("Failed") => Verdict::hopeless(format!("the pod failed {}", line(&status["message"])).trim_end()),
        _ if holds(status, "Ready") => Verdict::Ready,
        _ => Verdict::waiting("the pod is not Ready"),
    }
}

fn custom_resource_definition(status: &Value) -> Verdict {
    if let Some(names) = condition(status, "NamesAccepted").filter(|c| c["status"] == "False") {
        return Verdict::hopeless(format!("its names are taken: {}", line(&names["message"])));
    }
    by_condition(status, "Established")
}

fn by_condition(status: &Value, name: &str) -> Verdict {
    if holds(status, name) {
        return Verdict::Ready;
    }
    let message = condition(status, name).map(|c| line(&c["message"])).unwrap_or_default();
    Verdict::waiting(format!("it is not {name} {message}").trim_end())
}
