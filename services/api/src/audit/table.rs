//! The audit event table: every type there is, who writes it, and the payload fields that it must carry.
//!
//! This is the only list of them. A type that is not here is refused by the store.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

/// A payload field that every event of a type carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in `eventData`.
    pub name: &'static str,
    /// What kind of value it holds.
    pub kind: Kind,
}

/// What kind of value a payload field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string that is not empty.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// An array, which may be empty.
    List,
}

/// A name that is in no row of the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown audit event type `{0}`")]
pub struct UnknownEventType(pub String);

macro_rules! event_table {
    ($($variant:ident = $name:literal by $service:literal { $($field:literal: $kind:ident),+ $(,)? })+) => {
        /// The type of an audit event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`, written by ", $service, ".")] $variant,)+
        }

        impl EventType {
            /// Every type, in the order of a remediation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The service that writes it.
            #[must_use]
            pub fn service(self) -> &'static str {
                match self { $(Self::$variant => $service),+ }
            }

            /// The payload fields that it must carry.
            #[must_use]
            pub fn required(self) -> &'static [Field] {
                match self { $(Self::$variant => &[$(Field { name: $field, kind: Kind::$kind }),+]),+ }
            }
        }
    };
}

event_table! {
    GatewaySignalReceived = "gateway.signal.received" by "gateway"
        { "signalName": Text, "fingerprint": Text, "severity": Text, "signalType": Text }
    GatewaySignalDeduplicated = "gateway.signal.deduplicated" by "gateway"
        { "signalName": Text, "fingerprint": Text, "remediationRequest": Text, "occurrenceCount": Number }
    GatewaySignalRejected = "gateway.signal.rejected" by "gateway" { "reason": Text }
    GatewayCrdCreated = "gateway.crd.created" by "gateway"
        { "fingerprint": Text, "remediationRequest": Text, "namespace": Text }

    SignalProcessingEnrichmentCompleted = "signalprocessing.enrichment.completed" by "signalprocessing"
        { "signalProcessing": Text, "degraded": Flag, "ownerChain": List }
    SignalProcessingClassificationDecided = "signalprocessing.classification.decided" by "signalprocessing"
        { "signalProcessing": Text, "environment": Text, "priority": Text }
    SignalProcessingPhaseChanged = "signalprocessing.phase.changed" by "signalprocessing"
        { "signalProcessing": Text, "from": Text, "to": Text }
    SignalProcessingFailed = "signalprocessing.failed" by "signalprocessing"
        { "signalProcessing": Text, "phase": Text, "error": Text }

    AiAnalysisAnalysisStarted = "aianalysis.analysis.started" by "aianalysis"
        { "analysis": Text, "signalName": Text }
    AiAnalysisHolmesGptCalled = "aianalysis.holmesgpt.called" by "aianalysis"
        { "analysis": Text, "endpoint": Text, "statusCode": Number, "durationMs": Number }
    AiAnalysisPolicyEvaluated = "aianalysis.policy.evaluated" by "aianalysis"
        { "analysis": Text, "policy": Text, "approvalRequired": Flag }
    AiAnalysisApprovalDecided = "aianalysis.approval.decided" by "aianalysis"
        { "analysis": Text, "approvalRequired": Flag, "reason": Text }
    AiAnalysisAnalysisCompleted = "aianalysis.analysis.completed" by "aianalysis"
        { "analysis": Text, "workflowId": Text, "confidence": Number }
    AiAnalysisAnalysisFailed = "aianalysis.analysis.failed" by "aianalysis"
        { "analysis": Text, "reason": Text }

    HolmesGptLlmRequested = "holmesgpt.llm.requested" by "holmesgpt-api"
        { "incident": Text, "model": Text, "attempt": Number }
    HolmesGptLlmAnswered = "holmesgpt.llm.answered" by "holmesgpt-api"
        { "incident": Text, "model": Text, "durationMs": Number }
    HolmesGptWorkflowValidated = "holmesgpt.workflow.validated" by "holmesgpt-api"
        { "incident": Text, "attempt": Number, "valid": Flag, "errors": List }

    OrchestratorLifecycleStarted = "orchestrator.lifecycle.started" by "remediationorchestrator"
        { "remediationRequest": Text }
    OrchestratorPhaseChanged = "orchestrator.phase.changed" by "remediationorchestrator"
        { "remediationRequest": Text, "from": Text, "to": Text }
    OrchestratorApprovalRequested = "orchestrator.approval.requested" by "remediationorchestrator"
        { "remediationRequest": Text, "approvalRequest": Text, "reason": Text }
    OrchestratorApprovalDecided = "orchestrator.approval.decided" by "remediationorchestrator"
        { "remediationRequest": Text, "approvalRequest": Text, "decision": Text }
    OrchestratorLifecycleCompleted = "orchestrator.lifecycle.completed" by "remediationorchestrator"
        { "remediationRequest": Text, "phase": Text, "durationMs": Number }

    WorkflowExecutionStarted = "workflowexecution.started" by "workflowexecution"
        { "workflowExecution": Text, "workflowId": Text, "pipelineRun": Text, "target": Text }
    WorkflowExecutionCompleted = "workflowexecution.completed" by "workflowexecution"
        { "workflowExecution": Text, "pipelineRun": Text, "durationMs": Number }
    WorkflowExecutionFailed = "workflowexecution.failed" by "workflowexecution"
        { "workflowExecution": Text, "reason": Text, "message": Text }

    NotificationSent = "notification.sent" by "notification"
        { "notification": Text, "channel": Text, "attempts": Number }
    NotificationFailed = "notification.failed" by "notification"
        { "notification": Text, "channel": Text, "attempts": Number, "error": Text }

    EffectivenessAssessed = "effectiveness.assessed" by "effectivenessmonitor"
        { "remediationRequest": Text, "score": Number, "reasons": List }

    DataStorageWorkflowSearched = "datastorage.workflow.searched" by "datastorage"
        { "query": Text, "results": Number, "workflows": List }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EventType {
    type Err = UnknownEventType;

    fn from_str(name: &str) -> Result<Self, UnknownEventType> {
        Self::ALL.iter().copied().find(|one| one.name() == name).ok_or_else(|| UnknownEventType(name.to_owned()))
    }
}

impl Serialize for EventType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        let names: BTreeSet<_> = EventType::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), EventType::ALL.len());
        for one in EventType::ALL {
            assert_eq!(one.name().parse(), Ok(*one));
        }
        assert!("gateway.signal".parse::<EventType>().is_err());
    }

    #[test]
    fn each_service_of_a_remediation_has_its_types() {
        let mut counts = std::collections::BTreeMap::new();
        for one in EventType::ALL {
            *counts.entry(one.service()).or_insert(0) += 1;
        }
        let counts: Vec<_> = counts.into_iter().collect();
        let wanted = [
            ("aianalysis", 6),
            ("datastorage", 1),
            ("effectivenessmonitor", 1),
            ("gateway", 4),
            ("holmesgpt-api", 3),
            ("notification", 2),
            ("remediationorchestrator", 5),
            ("signalprocessing", 4),
            ("workflowexecution", 3),
        ];
        assert_eq!(counts, wanted);
    }

    #[test]
    fn no_row_names_a_field_twice() {
        for one in EventType::ALL {
            let names: BTreeSet<_> = one.required().iter().map(|field| field.name).collect();
            assert_eq!(names.len(), one.required().len(), "{one}");
        }
    }
}
