//! What a pod says: whether it runs, and what is wrong where it does not.

use std::time::Duration;

use serde_json::Value;

use super::{
    Verdict, container,
    decide::{Blame, Broken, Finding},
    index::{Index, time},
    kinds::{condition, holds, judge, line},
};

/// Other pods may go and make room: a roll-out on one node needs as long as a pod may take to stop.
const ROOM: Duration = Duration::from_secs(30);
/// A volume's `ConfigMap` may be applied after the pod, and the kubelet looks for it at doubling intervals.
const MOUNT: Duration = Duration::from_secs(20);

/// What is to be said of a pod.
pub(super) fn find(pod: &Value, index: &Index<'_>) -> Finding {
    if judge(pod) == Verdict::Ready {
        return Finding::Fine;
    }
    let status = &pod["status"];
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    if let Some(finding) = unscheduled(name, status) {
        return finding;
    }
    let mut worst = Finding::Slow(match status["phase"].as_str() {
        Some("Pending") => format!("pod {name} is being started"),
        Some("Failed") => format!("pod {name} failed {}", line(&status["message"])).trim_end().to_owned(),
        _ => format!("pod {name} runs, but is not Ready"),
    });
    let lists = [("initContainerStatuses", "init container"), ("containerStatuses", "container")];
    for (list, what) in lists {
        for container in status[list].as_array().into_iter().flatten() {
            let mut found = container::find(name, container, what, index).unwrap_or(Finding::Fine);
            if let Finding::Broken(broken) = &mut found {
                broken.since = broken.since.or_else(|| time(&status["startTime"]));
            }
            worst = worst.worse(found);
        }
    }
    match (mount(name, pod, index), &worst) {
        // It says more than that the pod is being started.
        (Some(finding), Finding::Slow(_)) => worst = finding,
        (Some(finding), _) => worst = worst.worse(finding),
        (None, _) => {}
    }
    if let (Finding::Slow(said), Some(warning)) = (&mut worst, index.warning(pod, &["Unhealthy"])) {
        said.push_str(": ");
        said.push_str(&warning.message);
    }
    worst
}

/// Whether every container of a pod has ended with exit code 0, so that the pod will have succeeded.
pub(super) fn ended_well(pod: &Value) -> bool {
    let wanted = pod["spec"]["containers"].as_array().map_or(0, Vec::len);
    let statuses = pod["status"]["containerStatuses"].as_array().map_or(&[][..], Vec::as_slice);
    let has_ended = |status: &Value| status["state"]["terminated"]["exitCode"] == 0;
    wanted > 0 && statuses.len() == wanted && statuses.iter().all(has_ended)
}

/// A pod for which there is no room. While the node itself is not Ready nobody is to blame for that.
fn unscheduled(name: &str, status: &Value) -> Option<Finding> {
    let scheduled = condition(status, "PodScheduled").filter(|c| c["reason"] == "Unschedulable")?;
    let message = line(&scheduled["message"]);
    let said = format!("pod {name} finds no node: {message}");
    let starting = ["node.kubernetes.io/not-ready", "node.kubernetes.io/network-unavailable", "uninitialized"];
    if holds(status, "PodScheduled") || starting.iter().any(|taint| message.contains(taint)) {
        return Some(Finding::Slow(said));
    }
    let since = time(&scheduled["lastTransitionTime"]);
    Some(Finding::Broken(Broken { said, blame: Blame::Own, patience: ROOM, since, container: None }))
}

/// A volume that cannot be mounted keeps the containers from being created, and only an event says so.
fn mount(name: &str, pod: &Value, index: &Index<'_>) -> Option<Finding> {
    if pod["status"]["phase"] != "Pending" {
        return None;
    }
    let warning = index.warning(pod, &["FailedMount", "FailedAttachVolume"])?;
    let missing = ["not found", "non-existent"].iter().any(|sign| warning.message.contains(sign));
    let said = format!("pod {name} cannot mount a volume: {}", warning.message);
    if !missing {
        return Some(Finding::Slow(said));
    }
    let since = warning.since.or_else(|| time(&pod["status"]["startTime"]));
    Some(Finding::Broken(Broken { said, blame: Blame::Perhaps, patience: MOUNT, since, container: None }))
}
