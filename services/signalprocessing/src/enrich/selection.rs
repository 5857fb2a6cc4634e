//! Which budgets, autoscalers and policies are about a target. Pure.

use api::signal_processing::{AutoscalerContext, DisruptionContext, OwnerEntry, WorkloadContext};
use k8s_openapi::{
    api::{autoscaling::v2::HorizontalPodAutoscaler, networking::v1::NetworkPolicy, policy::v1::PodDisruptionBudget},
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};
use kube::core::{Selector, SelectorExt as _};

use super::found::Labels;

/// The budgets that select the pods.
#[must_use]
pub fn budgets(all: Vec<PodDisruptionBudget>, pod_labels: &Labels) -> Vec<DisruptionContext> {
    let selected = all.into_iter().filter_map(|budget| {
        let spec = budget.spec?;
        // A budget without a selector selects nothing, one with an empty selector everything.
        selects(spec.selector?, pod_labels).then(|| DisruptionContext {
            name: budget.metadata.name.unwrap_or_default(),
            min_available: spec.min_available.map(written),
            max_unavailable: spec.max_unavailable.map(written),
        })
    });
    selected.collect()
}

/// The autoscalers that scale the target or one of its owners.
#[must_use]
pub fn autoscalers(
    all: Vec<HorizontalPodAutoscaler>,
    target: &WorkloadContext,
    owners: &[OwnerEntry],
) -> Vec<AutoscalerContext> {
    let scales = |kind: &str, name: &str| {
        (target.kind == kind && target.name == name)
            || owners.iter().any(|owner| owner.kind == kind && owner.name == name)
    };
    let selected = all.into_iter().filter_map(|autoscaler| {
        let spec = autoscaler.spec?;
        scales(&spec.scale_target_ref.kind, &spec.scale_target_ref.name).then(|| AutoscalerContext {
            name: autoscaler.metadata.name.unwrap_or_default(),
            min_replicas: spec.min_replicas.unwrap_or(1),
            max_replicas: spec.max_replicas,
            current_replicas: autoscaler.status.and_then(|status| status.current_replicas),
        })
    });
    selected.collect()
}

/// The names of the network policies that select the pods.
#[must_use]
pub fn network_policies(all: Vec<NetworkPolicy>, pod_labels: &Labels) -> Vec<String> {
    let selected = all.into_iter().filter_map(|policy| {
        // Without a selector a network policy is about every pod of its namespace.
        let selector = policy.spec?.pod_selector.unwrap_or_default();
        selects(selector, pod_labels).then(|| policy.metadata.name.unwrap_or_default())
    });
    selected.collect()
}

/// A selector that makes no sense selects nothing; the API server refuses such.
fn selects(selector: LabelSelector, labels: &Labels) -> bool {
    Selector::try_from(selector).is_ok_and(|selector| selector.matches(labels))
}

fn written(value: IntOrString) -> String {
    match value {
        IntOrString::Int(count) => count.to_string(),
        IntOrString::String(share) => share,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn labels() -> Labels {
        Labels::from([("app".to_owned(), "web".to_owned()), ("tier".to_owned(), "front".to_owned())])
    }

    fn budget(name: &str, selector: &serde_json::Value) -> PodDisruptionBudget {
        let spec = json!({"minAvailable": "50%", "selector": selector});
        serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec})).unwrap()
    }

    #[test]
    fn a_budget_is_found_by_all_of_its_selector() {
        let all = vec![
            budget("labels", &json!({"matchLabels": {"app": "web"}})),
            budget("other", &json!({"matchLabels": {"app": "web", "tier": "back"}})),
            budget(
                "expression",
                &json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front"]}]}),
            ),
            budget("everything", &json!({})),
            budget("nothing", &json!(null)),
        ];
        let found = budgets(all, &labels());
        let names: Vec<_> = found.iter().map(|budget| budget.name.as_str()).collect();
        assert_eq!(names, ["labels", "expression", "everything"]);
        assert_eq!(found[0].min_available.as_deref(), Some("50%"));
        assert_eq!(found[0].max_unavailable, None);
    }

    #[test]
    fn an_autoscaler_of_an_owner_counts() {
        let autoscaler = |kind: &str, name: &str| -> HorizontalPodAutoscaler {
            let target = json!({"apiVersion": "apps/v1", "kind": kind, "name": name});
            serde_json::from_value(json!({"metadata": {"name": format!("{kind}-{name}")},
                "spec": {"maxReplicas": 5, "scaleTargetRef": target}}))
            .unwrap()
        };
        let target = WorkloadContext { kind: "Pod".into(), name: "web-1".into(), ..WorkloadContext::default() };
        let owners = [OwnerEntry { kind: "Deployment".into(), namespace: None, name: "web".into() }];
        let all =
            vec![autoscaler("Deployment", "web"), autoscaler("Deployment", "api"), autoscaler("StatefulSet", "web")];
        let found = autoscalers(all, &target, &owners);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].min_replicas, found[0].max_replicas), ("Deployment-web", 1, 5));
    }

    #[test]
    fn a_network_policy_without_a_selector_is_about_every_pod() {
        let policy = |name: &str, spec: serde_json::Value| -> NetworkPolicy {
            serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec})).unwrap()
        };
        let all = vec![
            policy("all", json!({"podSelector": {}})),
            policy("mine", json!({"podSelector": {"matchLabels": {"app": "web"}}})),
            policy("theirs", json!({"podSelector": {"matchLabels": {"app": "db"}}})),
        ];
        assert_eq!(network_policies(all, &labels()), ["all", "mine"]);
    }
}
