//! `RemediationRequest`: one signal that somebody should do something about, and how far that has come.
//!
//! The Gateway creates it and counts duplicates in its status; the orchestrator owns the rest of the status.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{reference::TargetResource, severity::Severity};

/// What was signalled.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "kubernaut.ai",
    version = "v1alpha1",
    kind = "RemediationRequest",
    namespaced,
    status = "RemediationRequestStatus",
    shortname = "rr",
    derive = "PartialEq",
    doc = "A signal that asks for remediation, and how far that has come.",
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.overallPhase"}"#,
    printcolumn = r#"{"name":"Signal","type":"string","jsonPath":".spec.signalName"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct RemediationRequestSpec {
    /// SHA-256 over signal name, namespace, kind and resource, in lower-case hex.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub signal_fingerprint: String,
    /// Name of the signal, such as the alert's name.
    #[schemars(length(min = 1, max = 253))]
    pub signal_name: String,
    /// Severity as reported.
    pub severity: Severity,
    /// What kind of source it came from, such as prometheus or kubernetes-event.
    #[schemars(length(min = 1, max = 63))]
    pub signal_type: String,
    /// What kind of system the target belongs to, such as kubernetes.
    #[schemars(length(min = 1, max = 63))]
    pub target_type: String,
    /// The object that the signal is about.
    pub target_resource: TargetResource,
    /// Labels of the signal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signal_labels: BTreeMap<String, String>,
    /// Annotations of the signal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signal_annotations: BTreeMap<String, String>,
    /// When the signal began to fire.
    pub firing_time: Time,
    /// When it was received.
    pub received_time: Time,
}

/// How far the remediation has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemediationRequestStatus {
    /// Where the request stands; absent until a controller has seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall_phase: Option<OverallPhase>,
    /// What came of it, in one word, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// How often the signal came in while the request was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduplication: Option<Deduplication>,
    /// Conditions, by the usual Kubernetes conventions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OverallPhase {
    /// Nobody has begun.
    Pending,
    /// The signal is being enriched and classified.
    Processing,
    /// A cause and a workflow are being looked for.
    Analyzing,
    /// Somebody has to approve the workflow.
    AwaitingApproval,
    /// The workflow runs.
    Executing,
    /// Held back, because earlier requests of the same fingerprint failed.
    Blocked,
    /// Done.
    Completed,
    /// Given up.
    Failed,
    /// Took too long.
    TimedOut,
    /// Not needed, because another request deals with the same target.
    Skipped,
    /// Called off.
    Cancelled,
}

impl OverallPhase {
    /// Whether the request is over, so that the same signal opens a new one.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Completed | Self::Failed | Self::TimedOut | Self::Skipped | Self::Cancelled => true,
            Self::Pending
            | Self::Processing
            | Self::Analyzing
            | Self::AwaitingApproval
            | Self::Executing
            | Self::Blocked => false,
        }
    }
}

/// How often a signal came in while its request was open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deduplication {
    /// How often, the first time included.
    #[schemars(range(min = 1))]
    pub occurrence_count: i64,
    /// The first time.
    pub first_seen: Time,
    /// The latest time.
    pub last_seen: Time,
}
