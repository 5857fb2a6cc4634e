//! What else is in the cluster about a target: budgets, autoscalers, network policies, the node.

use anyhow::{Context as _, Result};
use k8s_openapi::api::{
    apps::v1::Deployment, autoscaling::v2::HorizontalPodAutoscaler, core::v1::Node, networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use kube::{Api, ResourceExt as _, api::ListParams};
use serde_json::json;

use crate::fixture::{SUITE, Signal, running_pod, workload};

#[tokio::test]
async fn budget_autoscaler_policy_and_node_of_a_pod() -> Result<()> {
    SUITE
        .with_namespace("surroundings", async |test| {
            for (name, app) in [("mine", "web"), ("theirs", "db")] {
                let selector = json!({"matchLabels": {"app": app}});
                let budget = json!({"metadata": {"name": name}, "spec": {"minAvailable": 1, "selector": selector}});
                test.create::<PodDisruptionBudget>(budget).await?;
                let policy = json!({"metadata": {"name": name}, "spec": {"podSelector": selector}});
                test.create::<NetworkPolicy>(policy).await?;
                let scaled = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": app});
                let autoscaler = json!({"metadata": {"name": name},
                    "spec": {"minReplicas": 1, "maxReplicas": 3, "scaleTargetRef": scaled}});
                test.create::<HorizontalPodAutoscaler>(autoscaler).await?;
            }
            test.create::<Deployment>(workload("web", &json!({}))).await?;
            let pod = running_pod(test, "web").await?;
            let done = Signal::about(test, "Pod", &pod).completed(test).await?;

            let context = &done.context;
            let budgets: Vec<_> = context.pod_disruption_budgets.iter().map(|budget| budget.name.as_str()).collect();
            assert_eq!(budgets, ["mine"]);
            assert_eq!(context.pod_disruption_budgets[0].min_available.as_deref(), Some("1"));
            let scalers = &context.horizontal_pod_autoscalers;
            assert_eq!(scalers.iter().map(|scaler| scaler.name.as_str()).collect::<Vec<_>>(), ["mine"]);
            assert_eq!((scalers[0].min_replicas, scalers[0].max_replicas), (1, 3));
            assert_eq!(context.network_policies, ["mine"]);
            let node = context.node.as_ref().context("no node")?;
            assert!(node.ready);
            assert_eq!(node.labels["kubernetes.io/hostname"], node.name);
            // The policies see the context: this label comes from the budget.
            assert_eq!(done.status.custom_labels["guarded-by"], ["mine"]);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_node_as_target() -> Result<()> {
    SUITE
        .with_namespace("node", async |test| {
            let nodes = Api::<Node>::all(test.client()).list(&ListParams::default()).await?;
            let name = nodes.items.first().context("a cluster without nodes")?.name_any();
            let done = Signal::about_cluster_scoped(test, "Node", &name).completed(test).await?;
            assert!(!done.context.degraded, "{:?}", done.context.degraded_reason);
            assert_eq!(done.context.node.context("no node")?.name, name);
            assert_eq!(done.environment, "unknown");
            Ok(())
        })
        .await
}
