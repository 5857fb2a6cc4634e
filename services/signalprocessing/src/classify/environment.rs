//! Which environment a target belongs to.

use std::collections::BTreeMap;

use api::signal_processing::{ClassificationSource, EnvironmentClassification};

use crate::policy::PolicyError;

/// The label of a namespace that says which environment it is.
pub const ENVIRONMENT_LABEL: &str = "kubernaut.ai/environment";
/// The environment of what nothing says anything about.
pub const DEFAULT_ENVIRONMENT: &str = "unknown";

/// What the namespace's label says, if it says something.
pub(super) fn from_label(labels: &BTreeMap<String, String>) -> Option<EnvironmentClassification> {
    let environment = normal(labels.get(ENVIRONMENT_LABEL)?);
    (!environment.is_empty())
        .then_some(EnvironmentClassification { environment, source: ClassificationSource::NamespaceLabel })
}

/// What the policy says.
pub(super) fn from_answer(answer: &serde_json::Value) -> Result<EnvironmentClassification, PolicyError> {
    let text = answer.as_str().map(normal).filter(|environment| !environment.is_empty());
    let environment = text.ok_or_else(|| PolicyError::answer("environment", "a name", answer))?;
    Ok(EnvironmentClassification { environment, source: ClassificationSource::Policy })
}

/// What is said when nothing else is.
pub(super) fn by_default() -> EnvironmentClassification {
    EnvironmentClassification { environment: DEFAULT_ENVIRONMENT.to_owned(), source: ClassificationSource::Default }
}

fn normal(environment: impl AsRef<str>) -> String {
    environment.as_ref().trim().to_lowercase()
}
