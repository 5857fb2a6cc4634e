//! How urgent a signal is.

use api::{
    Severity,
    signal_processing::{ClassificationSource, PriorityAssignment},
};

use crate::policy::PolicyError;

/// The priority of a severity in an environment, where no policy says otherwise.
#[must_use]
pub fn built_in(environment: &str, severity: Severity) -> &'static str {
    match (environment, severity) {
        ("production", Severity::Critical) => "P0",
        ("production", Severity::Warning) | ("staging", Severity::Critical) => "P1",
        ("production", Severity::Info) | ("staging", Severity::Warning) | ("development", Severity::Critical) => "P2",
        _ => "P3",
    }
}

/// What the policy says.
pub(super) fn from_answer(answer: &serde_json::Value) -> Result<PriorityAssignment, PolicyError> {
    let known = answer.as_str().filter(|priority| ["P0", "P1", "P2", "P3"].contains(priority));
    let priority = known.ok_or_else(|| PolicyError::answer("priority", "one of P0 to P3", answer))?.to_owned();
    Ok(PriorityAssignment { priority, source: ClassificationSource::Policy })
}

/// The built-in answer.
pub(super) fn by_default(environment: &str, severity: Severity) -> PriorityAssignment {
    PriorityAssignment { priority: built_in(environment, severity).to_owned(), source: ClassificationSource::Default }
}
