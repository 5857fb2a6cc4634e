//! Which namespaces the controller acts in. The API server judges the selector, so that its whole syntax holds.

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, api::ListParams};

/// A label selector on namespaces, or all of them.
#[derive(Clone)]
pub struct Scope {
    namespaces: Api<Namespace>,
    selector: Option<String>,
}

impl Scope {
    /// The scope of `selector`; without one, every namespace.
    #[must_use]
    pub fn new(client: Client, selector: Option<String>) -> Self {
        Self { namespaces: Api::all(client), selector }
    }

    /// The selector, if there is one.
    #[must_use]
    pub fn selector(&self) -> Option<&str> {
        self.selector.as_deref()
    }

    /// Whether the controller acts in `namespace`. Asked anew each time, since labels change.
    pub async fn contains(&self, namespace: &str) -> Result<bool, kube::Error> {
        let Some(selector) = &self.selector else { return Ok(true) };
        let this = ListParams::default().fields(&format!("metadata.name={namespace}")).labels(selector).limit(1);
        Ok(!self.namespaces.list_metadata(&this).await?.items.is_empty())
    }
}
