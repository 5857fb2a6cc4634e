//! How one object names another.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Kubernetes object that a signal is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetResource {
    /// Kind, such as Pod or Deployment.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// Namespace of the object; absent for cluster-scoped kinds, such as Node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
    /// Name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

impl fmt::Display for TargetResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}/{namespace}/{}", self.kind, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}

/// The `RemediationRequest` on whose behalf a child resource exists. Its name is also the correlation id of the audit
/// events that the child's controller writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemediationRequestRef {
    /// Name of the request.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Namespace of the request; absent: the child's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
    /// UID of the request, where it is known, so that a re-created namesake is told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::TargetResource;

    #[test]
    fn a_target_is_shown_with_its_namespace_only_where_it_has_one() {
        let mut target = TargetResource { kind: "Node".into(), namespace: None, name: "n1".into() };
        assert_eq!(target.to_string(), "Node/n1");
        target.namespace = Some("shop".into());
        target.kind = "Pod".into();
        assert_eq!(target.to_string(), "Pod/shop/n1");
    }
}
