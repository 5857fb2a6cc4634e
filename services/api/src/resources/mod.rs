//! The custom resources: one kind a file, and beside them the small types that several kinds share.
//!
//! A kind is defined in Rust and nowhere else; its CRD YAML is generated (see [`crds`]) and must not be edited.

pub mod crds;
pub mod reference;
pub mod remediation_request;
pub mod severity;
pub mod signal_processing;
