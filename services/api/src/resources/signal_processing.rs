//! `SignalProcessing`: what a signal is about, looked up in the cluster, and how much it matters.
//!
//! The orchestrator creates it; the signal processing controller owns its status.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    reference::{RemediationRequestRef, TargetResource},
    severity::Severity,
};

mod context;

pub use context::{AutoscalerContext, DisruptionContext, KubernetesContext, NodeContext, OwnerEntry, WorkloadContext};

/// The signal to process.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "kubernaut.ai",
    version = "v1alpha1",
    kind = "SignalProcessing",
    plural = "signalprocessings",
    namespaced,
    status = "SignalProcessingStatus",
    shortname = "sp",
    derive = "PartialEq",
    doc = "A signal that is being enriched from the cluster and classified.",
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Environment","type":"string","jsonPath":".status.environment.environment"}"#,
    printcolumn = r#"{"name":"Priority","type":"string","jsonPath":".status.priority.priority"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct SignalProcessingSpec {
    /// The request on whose behalf this exists.
    pub remediation_request_ref: RemediationRequestRef,
    /// What was signalled.
    pub signal: Signal,
    /// How to enrich it.
    #[serde(default)]
    pub enrichment_config: EnrichmentConfig,
}

/// What was signalled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Signal {
    /// Name of the signal, such as the alert's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// SHA-256 over signal name, namespace, kind and resource, in lower-case hex.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub fingerprint: String,
    /// Severity as reported.
    pub severity: Severity,
    /// What kind of source it came from, such as prometheus or kubernetes-event.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 63))]
    pub type_: String,
    /// The object that the signal is about.
    pub target: TargetResource,
    /// Labels of the signal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the signal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// How to enrich a signal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnrichmentConfig {
    /// How long looking things up in the cluster may take altogether; absent: the controller's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 300))]
    pub timeout_seconds: Option<u32>,
}

/// What was found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignalProcessingStatus {
    /// Where the processing stands; absent until the controller has seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The generation of the specification that this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When processing began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_time: Option<Time>,
    /// What the cluster said about the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes_context: Option<KubernetesContext>,
    /// Which environment the target belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentClassification>,
    /// How urgent the signal is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<PriorityAssignment>,
    /// Whose it is, in terms of the business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<BusinessClassification>,
    /// What the custom labels policy made of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_labels: BTreeMap<String, Vec<String>>,
    /// How often the current phase failed in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0))]
    pub consecutive_failures: Option<u32>,
    /// Why it failed, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Conditions, by the usual Kubernetes conventions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// Where the processing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Phase {
    /// Nobody has begun.
    Pending,
    /// The target is being looked up in the cluster.
    Enriching,
    /// Environment and priority are being decided.
    Classifying,
    /// Business and custom labels are being decided.
    Categorizing,
    /// Done.
    Completed,
    /// Given up.
    Failed,
}

impl Phase {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }

    /// The word used on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Enriching => "Enriching",
            Self::Classifying => "Classifying",
            Self::Categorizing => "Categorizing",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
        }
    }
}

/// Which environment a target belongs to, and how we know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentClassification {
    /// Name of the environment, such as production.
    pub environment: String,
    /// What said so.
    pub source: ClassificationSource,
}

/// How urgent a signal is, and how we know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriorityAssignment {
    /// P0 (most urgent) to P3.
    #[schemars(regex(pattern = "^P[0-3]$"))]
    pub priority: String,
    /// What said so.
    pub source: ClassificationSource,
}

/// Whose target it is, in terms of the business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessClassification {
    /// Business unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_unit: Option<String>,
    /// Owner of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_owner: Option<String>,
    /// How critical the service is to the business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<String>,
    /// What was promised for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
}

/// What a classification rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClassificationSource {
    /// A label of the namespace.
    NamespaceLabel,
    /// A Rego policy.
    Policy,
    /// Nothing said anything.
    Default,
}
