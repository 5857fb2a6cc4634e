//! What enrichment keeps of an object it has read. Pure: from the API's types to ours.

use std::collections::BTreeMap;

use api::signal_processing::{NodeContext, WorkloadContext};
use k8s_openapi::{
    api::{
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        batch::v1::{CronJob, Job},
        core::v1::{Node, Pod, PodTemplateSpec},
    },
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// An object that was read, reduced to what enrichment uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// What goes into the status.
    pub workload: WorkloadContext,
    /// Tells the object from a later one of the same name.
    pub uid: String,
    /// Who owns it.
    pub owners: Vec<OwnerReference>,
    /// The labels of its pods, where it is or makes pods.
    pub pod_labels: Option<Labels>,
    /// The node it runs on, where it is a pod that runs.
    pub node: Option<String>,
}

impl Found {
    fn new(kind: &str, metadata: ObjectMeta) -> Self {
        Self {
            workload: WorkloadContext {
                kind: kind.to_owned(),
                name: metadata.name.unwrap_or_default(),
                labels: metadata.labels.unwrap_or_default(),
                ..WorkloadContext::default()
            },
            uid: metadata.uid.unwrap_or_default(),
            owners: metadata.owner_references.unwrap_or_default(),
            ..Self::default()
        }
    }

    fn with_template(mut self, template: Option<PodTemplateSpec>) -> Self {
        let metadata = template.and_then(|template| template.metadata).unwrap_or_default();
        self.pod_labels = Some(metadata.labels.unwrap_or_default());
        self
    }

    fn with_replicas(mut self, desired: Option<i32>, ready: Option<i32>) -> Self {
        self.workload.desired_replicas = desired;
        self.workload.ready_replicas = Some(ready.unwrap_or(0));
        self
    }
}

impl From<Pod> for Found {
    fn from(pod: Pod) -> Self {
        let mut found = Self::new("Pod", pod.metadata);
        found.pod_labels = Some(found.workload.labels.clone());
        found.node = pod.spec.and_then(|spec| spec.node_name);
        if let Some(status) = pod.status {
            let containers = status.container_statuses.unwrap_or_default();
            found.workload.pod_phase = status.phase;
            found.workload.restarts = Some(containers.iter().map(|container| container.restart_count).sum());
        }
        found
    }
}

impl From<ReplicaSet> for Found {
    fn from(set: ReplicaSet) -> Self {
        let spec = set.spec.unwrap_or_default();
        let ready = set.status.and_then(|status| status.ready_replicas);
        Self::new("ReplicaSet", set.metadata).with_replicas(spec.replicas, ready).with_template(spec.template)
    }
}

impl From<Deployment> for Found {
    fn from(deployment: Deployment) -> Self {
        let spec = deployment.spec.unwrap_or_default();
        let ready = deployment.status.and_then(|status| status.ready_replicas);
        Self::new("Deployment", deployment.metadata)
            .with_replicas(spec.replicas, ready)
            .with_template(Some(spec.template))
    }
}

impl From<StatefulSet> for Found {
    fn from(set: StatefulSet) -> Self {
        let spec = set.spec.unwrap_or_default();
        let ready = set.status.and_then(|status| status.ready_replicas);
        Self::new("StatefulSet", set.metadata).with_replicas(spec.replicas, ready).with_template(Some(spec.template))
    }
}

impl From<DaemonSet> for Found {
    fn from(set: DaemonSet) -> Self {
        let status = set.status.unwrap_or_default();
        Self::new("DaemonSet", set.metadata)
            .with_replicas(Some(status.desired_number_scheduled), Some(status.number_ready))
            .with_template(set.spec.map(|spec| spec.template))
    }
}

impl From<Job> for Found {
    fn from(job: Job) -> Self {
        Self::new("Job", job.metadata).with_template(job.spec.map(|spec| spec.template))
    }
}

impl From<CronJob> for Found {
    fn from(job: CronJob) -> Self {
        let template = job.spec.and_then(|spec| spec.job_template.spec).map(|spec| spec.template);
        Self::new("CronJob", job.metadata).with_template(template)
    }
}

impl From<&Node> for Found {
    fn from(node: &Node) -> Self {
        Self::new("Node", node.metadata.clone())
    }
}

/// What the status says about a node.
#[must_use]
pub fn node_context(node: Node) -> NodeContext {
    let conditions = node.status.and_then(|status| status.conditions).unwrap_or_default();
    NodeContext {
        name: node.metadata.name.unwrap_or_default(),
        labels: node.metadata.labels.unwrap_or_default(),
        ready: conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decoded<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_pod_counts_the_restarts_of_all_its_containers() {
        let container =
            |name, restarts| json!({"name": name, "restartCount": restarts, "ready": true, "image": "", "imageID": ""});
        let pod: Pod = decoded(json!({
            "metadata": {"name": "p", "labels": {"app": "web"}}, "spec": {"nodeName": "n1", "containers": []},
            "status": {"phase": "Running", "containerStatuses": [container("a", 2), container("b", 3)]}
        }));
        let found = Found::from(pod);
        assert_eq!(found.workload.restarts, Some(5));
        assert_eq!(found.workload.pod_phase.as_deref(), Some("Running"));
        assert_eq!(found.node.as_deref(), Some("n1"));
        assert_eq!(found.pod_labels.unwrap()["app"], "web");
    }

    #[test]
    fn a_deployment_knows_its_pods_by_its_template() {
        let deployment: Deployment = decoded(json!({
            "metadata": {"name": "d", "labels": {"owner": "me"}},
            "spec": {"replicas": 2, "selector": {}, "template": {"metadata": {"labels": {"app": "web"}}}},
        }));
        let found = Found::from(deployment);
        assert_eq!(found.pod_labels.unwrap()["app"], "web");
        assert_eq!(found.workload.labels["owner"], "me");
        assert_eq!((found.workload.desired_replicas, found.workload.ready_replicas), (Some(2), Some(0)));
    }

    #[test]
    fn a_node_is_ready_only_when_it_says_so() {
        let node = |status: &str| {
            decoded::<Node>(json!({"metadata": {"name": "n"}, "status": {"conditions": [
                {"type": "DiskPressure", "status": "True"}, {"type": "Ready", "status": status}]}}))
        };
        assert!(node_context(node("True")).ready);
        assert!(!node_context(node("Unknown")).ready);
        assert!(!node_context(Node::default()).ready);
    }
}
