//! What the status of one container says.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Container, Run,
    decide::{Blame, Broken, Crash, Finding},
    index::{Index, time},
    kinds::line,
};

/// A kubelet that could not make a container tries again; under load its engine may just have been slow.
const SLOW_ENGINE: Duration = Duration::from_secs(30);
/// A registry may be away for a moment.
const REGISTRY: Duration = Duration::from_mins(1);
/// A `ConfigMap` or Secret that was applied together with the pod may reach the kubelet after it.
const CONFIG: Duration = Duration::from_secs(5);
/// The kubelet looks again for what it did not find after ten seconds and up to half as much (`workerBackOffPeriod` and its
/// jitter), and then takes its time like everybody else.
const ABSENT: Duration = Duration::from_secs(20);

/// What is wrong with a container, if anything is.
pub(super) fn find(pod: &str, status: &Value, what: &str, index: &Index<'_>) -> Option<Finding> {
    let name = status["name"].as_str().unwrap_or_default();
    let container = |run| Some(Container { pod: pod.to_owned(), name: name.to_owned(), run });
    let called = format!("{what} {name}");
    if let Some(reason) = status["state"]["waiting"]["reason"].as_str() {
        let message = line(&status["state"]["waiting"]["message"]);
        if let Some(broken) = not_started(reason, &message, status, &called, index) {
            return Some(Finding::Broken(broken));
        }
        if let Some(finding) = cannot_run(status, &called) {
            return Some(finding);
        }
        if reason != "CrashLoopBackOff" {
            return Some(Finding::Slow(format!("{called}: {reason} {message}").trim_end().to_owned()));
        }
    }
    let (ended, run) = ended(status)?;
    let crash = Crash {
        crashes: crashes(status),
        loops: loops(status),
        how: how(ended),
        started: started(ended),
        called,
        container: container(run),
    };
    Some(Finding::Crashed(crash))
}

/// States in which the container was never started.
fn not_started(reason: &str, message: &str, status: &Value, called: &str, index: &Index<'_>) -> Option<Broken> {
    let image = status["image"].as_str().unwrap_or_default();
    let (said, blame, patience) = match reason {
        "ErrImageNeverPull" => {
            let said = format!("{called}: the image {image} is not in the node (ErrImageNeverPull)");
            (said, Blame::Own, Duration::ZERO)
        }
        "InvalidImageName" => {
            (format!("{called}: {image} is no image name (InvalidImageName)"), Blame::Own, Duration::ZERO)
        }
        "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" if image.starts_with("localhost/") => {
            let said = format!("{called}: the image {image} is not in the node, and no registry has it ({reason})");
            (said, Blame::Own, Duration::ZERO)
        }
        "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" => {
            (format!("{called}: the image {image} cannot be pulled ({reason}): {message}"), Blame::Own, REGISTRY)
        }
        // A kubelet that has just started asks for the Services first; it says so of pods that are much older than itself.
        "CreateContainerConfigError" if message.contains("services have not yet been read") => return None,
        "CreateContainerConfigError" => {
            let (blame, patience) = unconfigured(message, index);
            (format!("{called} cannot be configured: {message} ({reason})"), blame, patience)
        }
        "CreateContainerError" | "RunContainerError" | "PreCreateHookError" | "PostStartHookError" => {
            let patience = if is_final(message) { Duration::ZERO } else { SLOW_ENGINE };
            (format!("{called} cannot be started: {message} ({reason})"), Blame::Own, patience)
        }
        _ => return None,
    };
    Some(Broken { said, blame, patience, since: None, container: None })
}

/// Whether what a container's configuration lacks may still come, as in "couldn't find key level in `ConfigMap` e2e/web".
fn unconfigured(message: &str, index: &Index<'_>) -> (Blame, Duration) {
    let lacking = message.strip_prefix("couldn't find key ").and_then(|rest| rest.split_once(" in "));
    let object = lacking.and_then(|(_, object)| object.split_once(' '));
    match object.map(|(kind, name)| (kind, name.rsplit('/').next().unwrap_or(name))) {
        Some((kind, name)) if index.was_applied(kind, name) => (Blame::Own, CONFIG),
        _ => (Blame::Perhaps, ABSENT),
    }
}

/// A container whose command cannot be run at all comes back the same, however often it is started.
fn cannot_run(status: &Value, called: &str) -> Option<Finding> {
    let ended = &status["lastState"]["terminated"];
    let start = matches!(ended["reason"].as_str(), Some("StartError" | "ContainerCannotRun"));
    let message = line(&ended["message"]);
    (start && is_final(&message)).then(|| {
        let said = format!("{called} cannot be started: {message}");
        Finding::Broken(Broken { said, blame: Blame::Own, patience: Duration::ZERO, since: None, container: None })
    })
}

fn is_final(message: &str) -> bool {
    ["executable file not found", "no such file or directory", "permission denied", "exec format error"]
        .iter()
        .any(|sign| message.contains(sign))
}

/// The run that ended last, where it ended by itself and the container is to run on.
fn ended(status: &Value) -> Option<(&Value, Run)> {
    let state = &status["state"];
    // What ended with its node did not crash: nobody was there to see how it ended.
    let crashed = |ended: &Value| ended.is_object() && ended["reason"] != "Unknown";
    if state["terminated"].is_object() {
        let failed = crashed(&state["terminated"]) && state["terminated"]["exitCode"] != 0;
        return failed.then_some((&state["terminated"], Run::Current));
    }
    let last = &status["lastState"]["terminated"];
    if !crashed(last) {
        return None;
    }
    // While a container waits to be started again, its last run is the one that the kubelet gives without --previous.
    let run = if state["running"].is_object() { Run::Previous } else { Run::Current };
    Some((last, run))
}

/// Whether the kubelet gives the container its second back-off, which is the third crash in a row that it saw.
///
/// The count of restarts has those by the node and those of days ago in it, the back-off has not: it begins anew with the
/// kubelet, and after ten minutes without a crash.
fn loops(status: &Value) -> bool {
    let waiting = &status["state"]["waiting"];
    let first = waiting["message"].as_str().is_some_and(|m| m.starts_with("back-off 10s "));
    waiting["reason"] == "CrashLoopBackOff" && !first
}

/// How often the container has ended.
fn crashes(status: &Value) -> u64 {
    let restarts = status["restartCount"].as_u64().unwrap_or(0);
    if status["state"]["running"].is_object() { restarts } else { restarts + 1 }
}

fn how(ended: &Value) -> String {
    let exit = &ended["exitCode"];
    match (ended["reason"].as_str(), ended["signal"].as_u64()) {
        (Some("OOMKilled"), _) => "killed for want of memory, OOMKilled".to_owned(),
        (_, Some(signal)) if signal > 0 => format!("signal {signal}"),
        (Some(reason), _) if !matches!(reason, "Error" | "Completed") => format!("{reason}, exit {exit}"),
        _ => format!("exit {exit}"),
    }
}

/// A run that never started has a time long past.
fn started(ended: &Value) -> Option<Timestamp> {
    let real = |t: &Timestamp| *t > Timestamp::UNIX_EPOCH;
    time(&ended["startedAt"]).filter(real).or_else(|| time(&ended["finishedAt"]))
}
