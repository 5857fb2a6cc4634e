//! What belongs to what among the live objects: pods to workloads, events to objects.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{Live, Wanted, kinds::line};

/// Live objects by their owners.
#[derive(Debug, Default)]
pub(super) struct Index<'l> {
    /// Pods that are not being deleted, by the uid of their controller.
    pods: HashMap<&'l str, Vec<&'l Value>>,
    /// `ReplicaSets` by the uid of their Deployment.
    replica_sets: HashMap<&'l str, Vec<&'l Value>>,
    /// Pods by the name of their controlling `ReplicaSet`, for those whose `ReplicaSet` was not seen.
    by_set_name: HashMap<&'l str, Vec<&'l Value>>,
    /// The warnings of an object's uid.
    warnings: HashMap<&'l str, Vec<&'l Value>>,
    /// Kind and name of what was applied.
    applied: HashSet<(&'l str, &'l str)>,
}

/// The last warning of a reason about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Warning {
    pub message: String,
    /// When it was given first.
    pub since: Option<Timestamp>,
}

impl<'l> Index<'l> {
    /// Looks through all live objects once.
    pub fn of(wanted: &'l Wanted, live: &'l Live) -> Self {
        let applied = wanted.parts.values().flat_map(|part| part.objects.iter().flatten());
        let applied = applied.map(|object| (object.key.kind.as_str(), object.key.name.as_str())).collect();
        let mut index = Self { applied, ..Self::default() };
        for (key, object) in live {
            match key.kind.as_str() {
                "Pod" if object["metadata"]["deletionTimestamp"].is_null() => index.pod(object),
                "ReplicaSet" => {
                    if let Some(owner) = controller(object).and_then(|owner| owner["uid"].as_str()) {
                        index.replica_sets.entry(owner).or_default().push(object);
                    }
                }
                "Event" if object["type"] == "Warning" => {
                    let about = if object["involvedObject"].is_null() { "regarding" } else { "involvedObject" };
                    if let Some(uid) = object[about]["uid"].as_str() {
                        index.warnings.entry(uid).or_default().push(object);
                    }
                }
                _ => {}
            }
        }
        index
    }

    /// Whether this run applied such an object, so that nobody else is going to bring it or to change it.
    pub fn was_applied(&self, kind: &str, name: &str) -> bool {
        self.applied.contains(&(kind, name))
    }

    fn pod(&mut self, pod: &'l Value) {
        let Some(owner) = controller(pod) else { return };
        if let Some(uid) = owner["uid"].as_str() {
            self.pods.entry(uid).or_default().push(pod);
        }
        if let Some(name) = owner["name"].as_str().filter(|_| owner["kind"] == "ReplicaSet") {
            self.by_set_name.entry(name).or_default().push(pod);
        }
    }

    /// The pods that a workload is to become Ready by; a bare pod is its own. Of one that is being rolled only
    /// the new ones: the old ones go whatever they do.
    pub fn pods_of(&self, object: &'l Value) -> Vec<&'l Value> {
        if object["kind"] == "Pod" {
            return vec![object];
        }
        let Some(uid) = object["metadata"]["uid"].as_str() else { return Vec::new() };
        let own = |uid: &str| self.pods.get(uid).cloned().unwrap_or_default();
        if object["kind"] == "StatefulSet"
            && let Some(revision) = object["status"]["updateRevision"].as_str()
        {
            let is_old = |pod: &&Value| {
                let label = &pod["metadata"]["labels"]["controller-revision-hash"];
                label.as_str().is_some_and(|label| label != revision)
            };
            return own(uid).into_iter().filter(|pod| !is_old(pod)).collect();
        }
        if object["kind"] != "Deployment" {
            return own(uid);
        }
        let Some(sets) = self.replica_sets.get(uid) else { return self.pods_by_name(object) };
        let revision = |o: &Value| o["metadata"]["annotations"]["deployment.kubernetes.io/revision"].clone();
        let newest = sets.iter().filter(|set| revision(set) == revision(object));
        newest.filter_map(|set| set["metadata"]["uid"].as_str()).flat_map(own).collect()
    }

    /// A `ReplicaSet` is named after its Deployment and the hash of the pod template.
    fn pods_by_name(&self, deployment: &Value) -> Vec<&'l Value> {
        let name = deployment["metadata"]["name"].as_str().unwrap_or_default();
        let sets =
            self.by_set_name.iter().filter(|(set, _)| set.rsplit_once('-').is_some_and(|(stem, _)| stem == name));
        sets.flat_map(|(_, pods)| pods.iter().copied()).collect()
    }

    /// `ReplicaSets` of a Deployment, or the object itself: who creates the pods, and tells when it cannot.
    pub fn creators_of(&self, object: &'l Value) -> Vec<&'l Value> {
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default();
        let sets = self.replica_sets.get(uid).cloned().unwrap_or_default();
        std::iter::once(object).chain(sets).collect()
    }

    /// The newest warning about an object that has one of these reasons.
    pub fn warning(&self, object: &Value, reasons: &[&str]) -> Option<Warning> {
        let about = self.warnings.get(object["metadata"]["uid"].as_str()?)?;
        let fitting = about.iter().filter(|e| e["reason"].as_str().is_some_and(|r| reasons.contains(&r)));
        let newest = fitting.max_by_key(|e| last(e))?;
        let message = if newest["message"].is_null() { &newest["note"] } else { &newest["message"] };
        let first = ["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"];
        let since = first.iter().find_map(|field| time(&newest[*field]));
        Some(Warning { message: line(message), since })
    }
}

/// The owner that controls an object.
fn controller(object: &Value) -> Option<&Value> {
    object["metadata"]["ownerReferences"].as_array()?.iter().find(|owner| owner["controller"] == true)
}

/// When an event was seen last.
fn last(event: &Value) -> Option<Timestamp> {
    let places = [&event["series"]["lastObservedTime"], &event["lastTimestamp"], &event["eventTime"]];
    places.into_iter().find_map(time)
}

/// A time as the API server writes it.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
