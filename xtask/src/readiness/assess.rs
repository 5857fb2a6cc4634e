//! Everything that is waited for, at once: what stands how, and who waits for whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Live, PartId, Verdict, Wanted, WantedObject,
    decide::{Blame, Broken, Crash, Decision, Dependencies, Finding, names},
    index::{Index, time},
    kinds::{condition, holds, is_seen, judge, line, wanted_replicas},
    pod,
};
use crate::object::ObjectKey;

/// A controller that may not create pods tries again, and the account that it lacks may be applied a moment later.
const CREATION: Duration = Duration::from_secs(10);
/// A roll-out that was given up gets so long after everything that it depends on is Ready.
const PROGRESS: Duration = Duration::from_secs(30);

/// How everything stands.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// Each part.
    pub parts: BTreeMap<PartId, PartVerdict>,
    /// When to ask again though nothing has changed: something looks bad, and time will tell.
    pub again: Option<Duration>,
}

/// How a part stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartVerdict {
    /// The worst of its objects, and which.
    pub verdict: Verdict,
    /// The object that the verdict is about; none for a part that is Ready or was not applied yet.
    pub object: Option<ObjectKey>,
    /// What it waits for: parts that are not Ready and wait for nobody themselves.
    pub blocked_by: Vec<PartId>,
}

/// Judges all parts.
#[must_use]
pub fn assess(wanted: &Wanted, live: &Live, now: Timestamp) -> Assessment {
    let index = Index::of(wanted, live);
    let ready: BTreeMap<&PartId, Since> =
        wanted.parts.keys().map(|id| (id, ready_since(wanted, id, live, &index))).collect();
    let mut assessment = Assessment::default();
    for (id, part) in &wanted.parts {
        let dependencies = dependencies(wanted, id, &ready);
        let blocked_by = match &dependencies {
            Dependencies::Missing(parts) => parts.clone(),
            Dependencies::Ready(_) => Vec::new(),
        };
        let nobody = (Verdict::waiting("it is not applied yet"), None);
        let (verdict, object) = part.objects.as_ref().map_or(nobody, |objects| {
            let mut worst = (Verdict::Ready, None);
            for object in objects {
                let decision = one(object, live, &index, &dependencies, now);
                assessment.again = [assessment.again, decision.again].into_iter().flatten().min();
                if rank(&decision.verdict) > rank(&worst.0) {
                    worst = (decision.verdict, Some(object.key.clone()));
                }
            }
            worst
        });
        let blocked_by = if verdict == Verdict::Ready { Vec::new() } else { blocked_by };
        assessment.parts.insert(id.clone(), PartVerdict { verdict, object, blocked_by });
    }
    assessment
}

impl Assessment {
    /// One line for each part that is not Ready, the causes before what they block.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let open = self.parts.iter().filter(|(_, part)| part.verdict != Verdict::Ready);
        let mut open: Vec<_> = open.collect();
        open.sort_by_key(|(id, part)| (std::cmp::Reverse(rank(&part.verdict)), part.blocked_by.len().min(1), *id));
        open.into_iter().map(|(id, part)| format!("{id}: {part}")).collect()
    }
}

impl std::fmt::Display for PartVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.blocked_by.is_empty() || rank(&self.verdict) != 1 {
            return self.verdict.fmt(f);
        }
        write!(f, "blocked by {}", names(&self.blocked_by))?;
        // What it does meanwhile tells something only where it is more than waiting its turn.
        if self.object.is_some() { write!(f, " ({})", self.verdict) } else { Ok(()) }
    }
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Ready => 0,
        Verdict::Waiting(_) => 1,
        Verdict::Hopeless { .. } => 2,
    }
}

/// Whether everything of a part is Ready, and since when, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Open,
    Ready(Option<Timestamp>),
}

fn ready_since(wanted: &Wanted, id: &PartId, live: &Live, index: &Index<'_>) -> Since {
    let Some(objects) = wanted.parts.get(id).and_then(|part| part.objects.as_ref()) else { return Since::Open };
    let mut since = None;
    for object in objects {
        match current(object, live) {
            Ok(found) if stands(found, index) == Verdict::Ready => since = since.max(object_since(found, index)),
            _ => return Since::Open,
        }
    }
    Since::Ready(since)
}

fn object_since(object: &Value, index: &Index<'_>) -> Option<Timestamp> {
    let status = &object["status"];
    match object["kind"].as_str()? {
        "Job" => time(&status["completionTime"]),
        "CustomResourceDefinition" => condition(status, "Established").and_then(|c| time(&c["lastTransitionTime"])),
        _ => {
            let ready = |pod: &&Value| condition(&pod["status"], "Ready").and_then(|c| time(&c["lastTransitionTime"]));
            index.pods_of(object).iter().filter_map(ready).max()
        }
    }
}

fn dependencies(wanted: &Wanted, id: &PartId, ready: &BTreeMap<&PartId, Since>) -> Dependencies {
    // A part that is not among the wanted was never asked for; nobody can wait for it.
    let is_open = |id: &PartId| ready.get(id) == Some(&Since::Open);
    let all = wanted.dependencies(id);
    let open: BTreeSet<&PartId> = all.iter().copied().filter(|id| is_open(id)).collect();
    if open.is_empty() {
        let since = |id: &&PartId| if let Some(Since::Ready(since)) = ready.get(*id) { *since } else { None };
        return Dependencies::Ready(all.iter().filter_map(since).max());
    }
    let is_root = |id: &&&PartId| wanted.dependencies(id).iter().all(|other| !is_open(other));
    let roots: Vec<PartId> = open.iter().filter(is_root).map(|id| (*id).clone()).collect();
    // In a cycle nobody is the first.
    if roots.is_empty() {
        Dependencies::Missing(open.into_iter().cloned().collect())
    } else {
        Dependencies::Missing(roots)
    }
}

/// The object as it was applied, or what is to be waited for.
fn current<'l>(object: &WantedObject, live: &'l Live) -> Result<&'l Value, &'static str> {
    let found = live.get(&object.key).ok_or("it was not seen yet")?;
    if let Some((annotation, hash)) = &object.hash
        && found["metadata"]["annotations"][*annotation].as_str() != Some(hash)
    {
        return Err("its change was not seen yet");
    }
    Ok(found)
}

fn one(object: &WantedObject, live: &Live, index: &Index<'_>, dependencies: &Dependencies, now: Timestamp) -> Decision {
    let found = match current(object, live) {
        Ok(found) => found,
        Err(why) => return Decision::at_once(Verdict::waiting(why)),
    };
    match stands(found, index) {
        Verdict::Ready => Decision::at_once(Verdict::Ready),
        Verdict::Waiting(why) => {
            let decision = closer(found, index).decide(dependencies, now);
            match decision.verdict {
                Verdict::Ready => Decision::at_once(Verdict::Waiting(why)),
                Verdict::Waiting(said) => Decision { verdict: Verdict::Waiting(format!("{why}: {said}")), ..decision },
                Verdict::Hopeless { .. } => decision,
            }
        }
        Verdict::Hopeless { reason, .. } => Decision::at_once(with_log(reason, found, index)),
    }
}

/// How an object stands by itself and by its pods. The work of a Job with one completion is done when its pod's containers
/// have ended well; the kubelet and the Job's controller take seconds more to write that into the Job.
fn stands(object: &Value, index: &Index<'_>) -> Verdict {
    match judge(object) {
        Verdict::Waiting(_) if is_single_job(object) && index.pods_of(object).into_iter().any(pod::ended_well) => {
            Verdict::Ready
        }
        verdict => verdict,
    }
}

fn is_single_job(object: &Value) -> bool {
    let spec = &object["spec"];
    let is_one = |count: &Value| count.as_u64().is_none_or(|n| n == 1);
    object["kind"] == "Job" && is_one(&spec["completions"]) && is_one(&spec["parallelism"]) && spec["suspend"] != true
}

/// What the pods of a workload say, and its controllers where there are none.
fn closer(object: &Value, index: &Index<'_>) -> Finding {
    // Until the controller has seen a change, the pods are those of before: what is wrong with them may be mended by it.
    if !is_seen(object) {
        return Finding::Fine;
    }
    let pods = index.pods_of(object);
    let failed = pods.iter().filter(|pod| pod["status"]["phase"] == "Failed").count();
    let mut worst = Finding::Fine;
    for pod in &pods {
        worst = worst.worse(pod::find(pod, index));
    }
    // The pods of a Job that are not restarted in place are its attempts.
    if let (Finding::Crashed(crash), "Job") = (&mut worst, object["kind"].as_str().unwrap_or_default()) {
        crash.crashes = crash.crashes.max(failed as u64);
        crash.loops |= failed > 0;
    }
    let lacking = (pods.len() as u64) < wanted_replicas(object) && object["kind"] != "Job" || pods.is_empty();
    if lacking && let Some(finding) = creation(object, index) {
        worst = worst.worse(finding);
    }
    if let (Finding::Fine | Finding::Slow(_), Some(finding)) = (&worst, no_progress(object)) {
        worst = finding;
    }
    worst
}

/// A roll-out that the controller has given up. That may have been long ago, for want of what is there by now.
fn no_progress(object: &Value) -> Option<Finding> {
    let progressing = condition(&object["status"], "Progressing")?;
    (progressing["reason"] == "ProgressDeadlineExceeded").then(|| {
        let said = format!("its roll-out made no progress: {}", line(&progressing["message"]));
        let since = time(&progressing["lastUpdateTime"]);
        Finding::Broken(Broken { said, blame: Blame::Perhaps, patience: PROGRESS, since, container: None })
    })
}

/// Pods that may not be created: a quota, a missing account, an admission webhook.
fn creation(object: &Value, index: &Index<'_>) -> Option<Finding> {
    let broken = |message: &str, since| {
        let said = format!("its pods cannot be created: {message}");
        Finding::Broken(Broken { said, blame: Blame::Perhaps, patience: CREATION, since, container: None })
    };
    let status = &object["status"];
    if holds(status, "ReplicaFailure") {
        let failure = condition(status, "ReplicaFailure")?;
        return Some(broken(&line(&failure["message"]), time(&failure["lastTransitionTime"])));
    }
    let mut warnings = index.creators_of(object).into_iter().filter_map(|o| index.warning(o, &["FailedCreate"]));
    warnings.next_back().map(|warning| broken(&warning.message, warning.since))
}

/// Names the container of a failed Job or pod whose log says why.
fn with_log(reason: String, object: &Value, index: &Index<'_>) -> Verdict {
    let crashes = index.pods_of(object).into_iter().filter_map(|pod| match pod::find(pod, index) {
        Finding::Crashed(crash) => Some(crash),
        _ => None,
    });
    match crashes.max_by_key(|crash| crash.started) {
        Some(Crash { called, how, container, .. }) => {
            Verdict::Hopeless { reason: format!("{reason}: {called} ended with {how}"), container }
        }
        None => Verdict::Hopeless { reason, container: None },
    }
}
