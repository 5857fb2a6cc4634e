//! Whose a target is, in terms of the business. Only policies know.

use api::signal_processing::BusinessClassification;
use serde::Deserialize;

use crate::policy::PolicyError;

/// Policies write as Rego is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    business_unit: Option<String>,
    service_owner: Option<String>,
    criticality: Option<String>,
    sla: Option<String>,
}

/// What the policy says.
pub(super) fn from_answer(answer: serde_json::Value) -> Result<BusinessClassification, PolicyError> {
    let said: Answer = serde_json::from_value(answer)
        .map_err(|error| PolicyError::new(format!("business: the answer makes no sense: {error}")))?;
    Ok(BusinessClassification {
        business_unit: said.business_unit,
        service_owner: said.service_owner,
        criticality: said.criticality,
        sla: said.sla,
    })
}
