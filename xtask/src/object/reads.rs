//! Which ConfigMaps and Secrets a pod reads.

use std::collections::BTreeSet;

use serde_json::Value;

use super::CONTAINERS;

/// The annotation of a ConfigMap or Secret whose readers notice a change themselves, when it is `self`.
pub const RELOAD_ANNOTATION: &str = "e2e.kubernaut.ai/reload";

/// Every ConfigMap and Secret that a pod's spec names, by kind and name.
#[must_use]
pub fn configs_read(spec: &Value) -> BTreeSet<(&'static str, String)> {
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
