//! Objects for unit tests.

use std::collections::BTreeMap;

use api::{
    RemediationRequestRef, Severity, SignalProcessing, SignalProcessingSpec, TargetResource,
    signal_processing::{EnrichmentConfig, Signal},
};

/// One that nobody has worked on.
pub(crate) fn signal_processing() -> SignalProcessing {
    let target =
        TargetResource { kind: "Pod".to_owned(), namespace: Some("shop".to_owned()), name: "web-1".to_owned() };
    let spec = SignalProcessingSpec {
        remediation_request_ref: RemediationRequestRef { name: "rr-1".to_owned(), namespace: None, uid: None },
        signal: Signal {
            name: "HighMemory".to_owned(),
            fingerprint: "0a".repeat(32),
            severity: Severity::Critical,
            type_: "prometheus".to_owned(),
            target,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        },
        enrichment_config: EnrichmentConfig::default(),
    };
    let mut object = SignalProcessing::new("sp-1", spec);
    object.metadata.namespace = Some("shop".to_owned());
    object.metadata.uid = Some("6f1c7f36-7b0b-4a3c-9f0a-0123456789ab".to_owned());
    object.metadata.generation = Some(1);
    object
}
