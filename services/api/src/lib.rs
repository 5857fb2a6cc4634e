//! What the services say to each other: the custom resource types and the audit event table.
//!
//! Everything here is data and its validation. This crate must not talk to a cluster or to a network, and it must not
//! know which service uses which type.

pub mod audit;
pub mod resources;

pub use audit::{AuditEvent, EventType, Outcome};
pub use resources::{
    crds,
    reference::{RemediationRequestRef, TargetResource},
    remediation_request::{self, RemediationRequest, RemediationRequestSpec, RemediationRequestStatus},
    severity::Severity,
    signal_processing::{self, SignalProcessing, SignalProcessingSpec, SignalProcessingStatus},
};

/// The API group of every custom resource of the platform.
pub const GROUP: &str = "kubernaut.ai";

/// The one served and stored version of the group.
pub const VERSION: &str = "v1alpha1";
