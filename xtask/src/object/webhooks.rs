//! Who serves what intercepts requests: the Services that a webhook configuration calls, and the pods behind a Service.

use serde_json::Value;

use super::pod_template;

/// The Services of its own namespace that an admission webhook configuration calls. What it is applied after must serve:
/// until then it refuses requests, or lets pass what it should not.
#[must_use]
pub fn called_services(object: &Value) -> Vec<&str> {
    let kind = object["kind"].as_str().unwrap_or_default();
    if !matches!(kind, "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") {
        return Vec::new();
    }
    let services = object["webhooks"].as_array().into_iter().flatten().map(|w| &w["clientConfig"]["service"]);
    services.filter(|s| s["namespace"].is_null()).filter_map(|s| s["name"].as_str()).collect()
}

/// Whether a Service leads to the pods of a workload.
#[must_use]
pub fn leads_to(service: &Value, workload: &Value) -> bool {
    let keys = pod_template(workload["kind"].as_str().unwrap_or_default());
    let pod = keys.and_then(|keys| keys.iter().try_fold(workload, |value, key| value.get(*key)));
    let (Some(pod), Some(selector)) = (pod, service["spec"]["selector"].as_object()) else { return false };
    let labels = &pod["metadata"]["labels"];
    !selector.is_empty() && selector.iter().all(|(key, value)| labels[key] == *value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_leads_to_pods_that_have_all_its_labels() {
        let service = |selector: Value| json!({"kind": "Service", "spec": {"selector": selector}});
        let labels = json!({"app": "hooks", "tier": "one"});
        let workload =
            json!({"kind": "Deployment", "spec": {"template": {"metadata": {"labels": labels}, "spec": {}}}});
        assert!(leads_to(&service(json!({"app": "hooks"})), &workload));
        assert!(!leads_to(&service(json!({"app": "hooks", "tier": "two"})), &workload));
        assert!(!leads_to(&service(json!({})), &workload));
        assert!(!leads_to(&service(json!({"app": "hooks"})), &json!({"kind": "ConfigMap"})));
    }
}
