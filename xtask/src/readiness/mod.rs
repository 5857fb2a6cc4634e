//! Judges observed objects. Pure.

use std::fmt;

use serde_json::Value;

/// STUB
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Ready.
    Ready,
    /// Not yet.
    Waiting(String),
    /// Never.
    Hopeless {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Waiting(r) | Self::Hopeless { reason: r } => f.write_str(r),
        }
    }
}

/// STUB
#[must_use]
pub fn judge(object: &Value) -> Verdict {
    let n = |v: &Value| v.as_u64().unwrap_or(0);
    let (spec, status) = (&object["spec"], &object["status"]);
    let condition = |t: &str| {
        status["conditions"].as_array().into_iter().flatten().any(|c| c["type"] == t && c["status"] == "True")
    };
    let ok = match object["kind"].as_str().unwrap_or_default() {
        "Deployment" => {
            n(&status["observedGeneration"]) >= n(&object["metadata"]["generation"])
                && n(&status["updatedReplicas"]) >= n(&spec["replicas"])
                && n(&status["availableReplicas"]) >= n(&spec["replicas"])
                && n(&status["replicas"]) == n(&spec["replicas"])
        }
        "StatefulSet" => {
            n(&status["observedGeneration"]) >= n(&object["metadata"]["generation"])
                && n(&status["readyReplicas"]) >= n(&spec["replicas"])
                && status["currentRevision"] == status["updateRevision"]
        }
        "DaemonSet" => {
            n(&status["numberReady"]) >= n(&status["desiredNumberScheduled"])
                && n(&status["desiredNumberScheduled"]) > 0
        }
        "Job" => condition("Complete"),
        "CustomResourceDefinition" => condition("Established"),
        _ => true,
    };
    if ok { Verdict::Ready } else { Verdict::Waiting("not ready".to_owned()) }
}
