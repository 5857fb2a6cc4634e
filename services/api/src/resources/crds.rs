//! The CRD YAML of every kind, as it lies in `crds/` and is applied to clusters.
//!
//! Rendering is pure; `tests/crds.rs` compares it with the files and rewrites them when asked to.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

use super::{remediation_request::RemediationRequest, signal_processing::SignalProcessing};

/// Every definition, in the order of their names.
#[must_use]
pub fn all() -> Vec<CustomResourceDefinition> {
    vec![RemediationRequest::crd(), SignalProcessing::crd()]
}

/// The file that a definition is written to, inside `crds/`.
#[must_use]
pub fn file_name(crd: &CustomResourceDefinition) -> String {
    format!("{}.yaml", crd.spec.names.plural)
}

/// The text of that file.
pub fn render(crd: &CustomResourceDefinition) -> Result<String, serde_yaml::Error> {
    let yaml = serde_yaml::to_string(crd)?;
    Ok(format!("# Generated from services/api/src/resources; do not edit. UPDATE_CRDS=1 cargo test -p api\n{yaml}"))
}
