//! A container without a readiness probe is Ready as soon as it runs, also when it ends a moment later. Its workload is
//! told to believe it only when it has run for a while.

use serde_json::{Value, json};

use crate::object::pod_template;

/// `minReadySeconds`: a program that ends at its start has ended by then.
const SECONDS: u64 = 3;

/// Sets it where a probe is missing and the manifest says nothing else.
pub(super) fn put(value: &mut Value) {
    let kind = value["kind"].as_str().unwrap_or_default().to_owned();
    if !matches!(kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
        return;
    }
    let Some(pod) = pod_template(&kind).and_then(|keys| super::walk(value, keys)) else { return };
    let blind = |container: &Value| container["readinessProbe"].is_null();
    let blind = pod["spec"]["containers"].as_array().is_some_and(|all| all.iter().any(blind));
    if blind && value["spec"]["minReadySeconds"].is_null() {
        value["spec"]["minReadySeconds"] = json!(SECONDS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_workload_without_probe_must_prove_itself() {
        let workload = |container: Value| {
            let spec = json!({ "template": { "spec": { "containers": [container] } } });
            let mut value = json!({ "kind": "Deployment", "spec": spec });
            put(&mut value);
            value["spec"]["minReadySeconds"].clone()
        };
        assert_eq!(workload(json!({ "name": "blind" })), json!(SECONDS));
        assert_eq!(workload(json!({ "name": "probed", "readinessProbe": { "periodSeconds": 1 } })), Value::Null);
    }
}
