//! Where an object goes: namespace or none, the name of what has none, and everything that refers to those.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Context, walk};
use crate::{
    catalog::Catalog,
    object::{cluster_scoped, group, pod_template},
};

/// What a catalogue says of objects without namespace.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Custom kinds without namespace, by group and kind.
    cluster_kinds: BTreeSet<(String, String)>,
    /// Objects without namespace that are ours, by kind and name: others (`cluster-admin`) keep their names.
    ours: BTreeSet<(String, String)>,
}

impl Known {
    /// Looks through all manifests.
    #[must_use]
    pub fn of(catalog: &Catalog) -> Self {
        let objects = || catalog.definitions.values().flat_map(|d| &d.parts).flat_map(|p| &p.objects);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let crds = objects().map(|o| &o.value).filter(|v| v["kind"] == "CustomResourceDefinition");
        let cluster = crds.filter(|v| v["spec"]["scope"] == "Cluster");
        let mut known = Self {
            cluster_kinds: cluster.map(|v| (text(&v["spec"]["group"]), text(&v["spec"]["names"]["kind"]))).collect(),
            ours: BTreeSet::new(),
        };
        let ours = objects().filter(|o| known.has_no_namespace(o.api_version(), o.kind()) && may_be_renamed(o.kind()));
        known.ours = ours.map(|o| (o.kind().to_owned(), o.name().to_owned())).collect();
        known
    }

    /// Whether objects of this kind belong to no namespace.
    #[must_use]
    pub fn has_no_namespace(&self, api_version: &str, kind: &str) -> bool {
        let group = group(api_version);
        cluster_scoped(group, kind) || self.cluster_kinds.contains(&(group.to_owned(), kind.to_owned()))
    }

    fn is_ours(&self, kind: &str, name: &str) -> bool {
        self.ours.contains(&(kind.to_owned(), name.to_owned()))
    }
}

/// The names of these are made of what they define.
fn may_be_renamed(kind: &str) -> bool {
    !matches!(kind, "CustomResourceDefinition" | "APIService" | "CSIDriver" | "Node")
}

/// Puts an object into the run.
pub(super) fn put(object: &mut Value, context: &Context<'_>) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let version = object["apiVersion"].as_str().unwrap_or_default().to_owned();
    if !context.known.has_no_namespace(&version, &kind) {
        object["metadata"]["namespace"] = json!(&context.namespace);
    } else if may_be_renamed(&kind) {
        suffix(&mut object["metadata"]["name"], &kind, context);
    }
    if let Some(spec) = pod_template(&kind).and_then(|keys| walk(object, keys)).and_then(|pod| pod.get_mut("spec")) {
        suffix_under(spec, &["priorityClassName"], "PriorityClass", context);
        suffix_under(spec, &["runtimeClassName"], "RuntimeClass", context);
    }
    match kind.as_str() {
        "RoleBinding" | "ClusterRoleBinding" => binding(object, context),
        "PersistentVolumeClaim" => suffix_under(object, &["spec", "storageClassName"], "StorageClass", context),
        "StatefulSet" => {
            for claim in items(object, &["spec", "volumeClaimTemplates"]) {
                suffix_under(claim, &["spec", "storageClassName"], "StorageClass", context);
            }
        }
        "ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding" => {
            suffix_under(object, &["spec", "policyName"], kind.trim_end_matches("Binding"), context);
        }
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            for webhook in items(object, &["webhooks"]) {
                service_namespace(webhook, &["clientConfig", "service"], &context.namespace);
            }
        }
        "CustomResourceDefinition" => {
            let keys = ["spec", "conversion", "webhook", "clientConfig", "service"];
            service_namespace(object, &keys, &context.namespace);
        }
        "APIService" => service_namespace(object, &["spec", "service"], &context.namespace),
        _ => {}
    }
}

fn binding(object: &mut Value, context: &Context<'_>) {
    if object["roleRef"]["kind"] == "ClusterRole" {
        suffix_under(object, &["roleRef", "name"], "ClusterRole", context);
    }
    for subject in items(object, &["subjects"]) {
        if subject["kind"] == "ServiceAccount" && subject["namespace"].is_null() {
            subject["namespace"] = json!(&context.namespace);
        }
    }
}

fn service_namespace(object: &mut Value, keys: &[&str], namespace: &str) {
    if let Some(service) = walk(object, keys).filter(|s| s.is_object() && s["namespace"].is_null()) {
        service["namespace"] = json!(namespace);
    }
}

fn suffix_under(object: &mut Value, keys: &[&str], kind: &str, context: &Context<'_>) {
    if let Some(name) = walk(object, keys) {
        suffix(name, kind, context);
    }
}

/// Only what is ours, and once.
fn suffix(name: &mut Value, kind: &str, context: &Context<'_>) {
    if let Some(text) = name.as_str().filter(|text| !context.instance.is_empty() && context.known.is_ours(kind, text)) {
        *name = json!(format!("{text}-{}", context.instance));
    }
}

fn items<'v>(object: &'v mut Value, keys: &[&str]) -> impl Iterator<Item = &'v mut Value> {
    walk(object, keys).and_then(Value::as_array_mut).into_iter().flatten()
}
