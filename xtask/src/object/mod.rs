//! What is known of Kubernetes objects in general: their identity, and of the built-in kinds where things are.
//!
//! A leaf: it reads nothing and knows nothing of definitions.

mod kinds;
mod owned;
mod reads;
mod webhooks;

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use kinds::{CONTAINERS, cluster_scoped, group, pod_template};
pub use owned::owns_all;
pub use reads::{RELOAD_ANNOTATION, configs_read};
pub use webhooks::{called_services, leads_to};

/// Which object. Two versions of one kind are the same objects, so versions do not count when keys are compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ObjectKey {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Where the kind has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl ObjectKey {
    /// The key of an object as the API server gives it.
    #[must_use]
    pub fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            api_version: text(&object["apiVersion"]),
            kind: text(&object["kind"]),
            namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
            name: text(&object["metadata"]["name"]),
        }
    }

    /// The group of its kind; nothing for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        group(&self.api_version)
    }

    /// How kubectl names the kind without doubt: `deployment.apps`, `pod`.
    #[must_use]
    pub fn resource(&self) -> String {
        let kind = self.kind.to_lowercase();
        match self.group() {
            "" => kind,
            group => format!("{kind}.{group}"),
        }
    }

    fn identity(&self) -> (&str, &str, Option<&str>, &str) {
        (self.group(), &self.kind, self.namespace.as_deref(), &self.name)
    }
}

impl PartialEq for ObjectKey {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for ObjectKey {}

impl PartialOrd for ObjectKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ObjectKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl std::hash::Hash for ObjectKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// For people: `Deployment/datastorage`.
impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_do_not_make_another_object() {
        let key = |version: &str| {
            let metadata = json!({"name": "a", "namespace": "n"});
            ObjectKey::of(&json!({"apiVersion": version, "kind": "K", "metadata": metadata}))
        };
        assert_eq!(key("g.io/v1"), key("g.io/v1beta1"));
        assert_ne!(key("g.io/v1"), key("h.io/v1"));
        assert_eq!(key("g.io/v1").resource(), "k.g.io");
        assert_eq!(key("v1").resource(), "k");
    }
}
