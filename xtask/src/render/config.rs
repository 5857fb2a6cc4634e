//! Pods whose configuration changes are replaced: their template carries a hash of the ConfigMaps and Secrets that they
//! read. Without it a changed ConfigMap would be applied, and nobody would read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Context, hash, images, labels::RELOAD_ANNOTATION, set};
use crate::{catalog::Definition, object::CONTAINERS};

/// The annotation of a pod template.
const CONFIG_HASH: &str = "e2e.kubernaut.ai/config-hash";

/// What a definition's ConfigMaps and Secrets hold, as hashes, by (kind, name).
#[derive(Debug)]
pub(super) struct Configs(BTreeMap<(&'static str, String), String>);

impl Configs {
    /// Those of all parts of a definition, but for those whose readers notice changes themselves.
    pub fn of(definition: &Definition, context: &Context<'_>) -> Self {
        let mut configs = BTreeMap::new();
        for object in definition.parts.iter().flat_map(|p| &p.objects) {
            let kind = match object.kind() {
                "ConfigMap" => "ConfigMap",
                "Secret" => "Secret",
                _ => continue,
            };
            if object.value["metadata"]["annotations"][RELOAD_ANNOTATION] == "self" {
                continue;
            }
            let mut value = object.value.clone();
            // An image that nobody has is told when the object itself is rendered.
            let _ = images::put(&mut value, context);
            let held = json!([value["data"], value["binaryData"], value["stringData"]]);
            configs.insert((kind, object.name().to_owned()), hash::of(&held));
        }
        Self(configs)
    }

    /// Annotates a pod template that reads any of them.
    pub fn annotate(&self, pod: &mut Value) {
        let read: BTreeMap<String, &String> = references(&pod["spec"])
            .into_iter()
            .filter_map(|(kind, name)| Some((format!("{kind}/{name}"), self.0.get(&(kind, name))?)))
            .collect();
        if !read.is_empty() {
            set(pod, &["metadata", "annotations"], CONFIG_HASH, json!(hash::of(&json!(read))));
        }
    }
}

/// Every ConfigMap and Secret that a pod's spec names.
fn references(spec: &Value) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    let mut add = |kind, name: &Value| found.extend(name.as_str().map(|name| (kind, name.to_owned())));
    for volume in list(&spec["volumes"]) {
        add("ConfigMap", &volume["configMap"]["name"]);
        add("Secret", &volume["secret"]["secretName"]);
        for source in list(&volume["projected"]["sources"]) {
            add("ConfigMap", &source["configMap"]["name"]);
            add("Secret", &source["secret"]["name"]);
        }
    }
    for container in CONTAINERS.iter().flat_map(|containers| list(&spec[*containers])) {
        for source in list(&container["envFrom"]) {
            add("ConfigMap", &source["configMapRef"]["name"]);
            add("Secret", &source["secretRef"]["name"]);
        }
        for variable in list(&container["env"]) {
            add("ConfigMap", &variable["valueFrom"]["configMapKeyRef"]["name"]);
            add("Secret", &variable["valueFrom"]["secretKeyRef"]["name"]);
        }
    }
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
