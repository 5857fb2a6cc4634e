//! A test with namespaces of its own: named at random so that tests and runs do not meet, labelled with the suite so that
//! the controllers under test act in them, removed when the test passed, and dumped first when it failed.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::{Mutex, PoisonError},
};

use anyhow::{Context as _, Result, anyhow};
use futures::FutureExt as _;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{DeleteParams, PostParams},
    core::NamespaceResourceScope,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Cluster, environment::Retention, evidence};

/// The label whose value is the package of the suite; controllers deployed for a suite select on it.
pub const SUITE_LABEL: &str = "e2e.kubernaut.ai/suite";
const TEST_LABEL: &str = "e2e.kubernaut.ai/test";
/// Kubernetes refuses longer names.
const LONGEST_NAME: usize = 63;

/// The end-to-end tests of one package. Made by [`suite!`](crate::suite!).
#[derive(Debug, Clone, Copy)]
pub struct Suite {
    package: &'static str,
}

/// What a running test works with.
pub struct Test {
    suite: Suite,
    purpose: String,
    cluster: Cluster,
    first: String,
    namespaces: Mutex<Vec<String>>,
}

impl Suite {
    /// The suite of `package`.
    #[must_use]
    pub const fn new(package: &'static str) -> Self {
        Self { package }
    }

    /// Runs `body` with a new namespace. `purpose` names the test in labels and evidence: lower case words and hyphens.
    pub async fn with_namespace(self, purpose: &str, body: impl AsyncFnOnce(&Test) -> Result<()>) -> Result<()> {
        self.with_labels(purpose, &[], body).await
    }

    /// Runs `body` with a new namespace that carries further labels.
    pub async fn with_labels(
        self,
        purpose: &str,
        labels: &[(&str, &str)],
        body: impl AsyncFnOnce(&Test) -> Result<()>,
    ) -> Result<()> {
        let cluster = Cluster::connect().await?;
        let mut test = Test {
            suite: self,
            purpose: purpose.to_owned(),
            cluster,
            first: String::new(),
            namespaces: Mutex::default(),
        };
        test.first = test.another_namespace(labels).await?;
        let outcome = AssertUnwindSafe(body(&test)).catch_unwind().await;
        match outcome {
            Ok(Ok(())) => test.finish().await,
            Ok(Err(error)) => {
                test.dump(&format!("{error:#}")).await;
                Err(error)
            }
            Err(panic) => {
                test.dump(&panic_message(panic.as_ref())).await;
                resume_unwind(panic)
            }
        }
    }
}

impl Test {
    /// The connection to the cluster.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A Kubernetes client.
    #[must_use]
    pub fn client(&self) -> Client {
        self.cluster.client()
    }

    /// The test's namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.first
    }

    /// The objects of one kind in the test's namespace.
    #[must_use]
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client(), &self.first)
    }

    /// Creates an object in the test's namespace from its JSON, without `apiVersion` and `kind`.
    pub async fn create<K>(&self, object: serde_json::Value) -> Result<K>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
        K::DynamicType: Default,
    {
        self.create_in(&self.first, object).await
    }

    /// Creates an object in another namespace of this test.
    pub async fn create_in<K>(&self, namespace: &str, object: serde_json::Value) -> Result<K>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
        K::DynamicType: Default,
    {
        let kind = K::kind(&K::DynamicType::default()).into_owned();
        let object: K = serde_json::from_value(object).with_context(|| format!("the JSON is no {kind}"))?;
        let name = object.name_any();
        let api = Api::<K>::namespaced(self.client(), namespace);
        let created = api.create(&PostParams::default(), &object).await;
        created.with_context(|| format!("cannot create {kind} {name} in {namespace}"))
    }

    /// Creates one more namespace, which is removed, kept or dumped like the first.
    pub async fn another_namespace(&self, labels: &[(&str, &str)]) -> Result<String> {
        let name = namespace_name(self.suite.package, &self.purpose, uuid::Uuid::new_v4());
        let mut all: BTreeMap<_, _> =
            labels.iter().map(|(key, value)| (String::from(*key), String::from(*value))).collect();
        all.insert(SUITE_LABEL.to_owned(), self.suite.package.to_owned());
        all.insert(TEST_LABEL.to_owned(), self.purpose.clone());
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        namespace.metadata.labels = Some(all);
        let api = Api::<Namespace>::all(self.client());
        api.create(&PostParams::default(), &namespace)
            .await
            .with_context(|| format!("cannot create namespace {name}"))?;
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        Ok(name)
    }

    fn created(&self) -> Vec<String> {
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn dump(&self, failure: &str) {
        let title = format!("{}-{}", self.suite.package, self.purpose);
        evidence::leave(&self.cluster, &title, failure, &self.created()).await;
        if let Err(error) = self.finish().await {
            // The test's own failure is what its caller must see.
            evidence::note(&format!("namespaces of {title} are left behind: {error:#}"));
        }
    }

    /// Asks for the removal, without awaiting it: the names are never used again.
    async fn finish(&self) -> Result<()> {
        if self.cluster.environment().retention == Retention::Keep {
            evidence::note(&format!("E2E_KEEP is set, kept: {}", self.created().join(", ")));
            return Ok(());
        }
        let api = Api::<Namespace>::all(self.client());
        let mut failures = Vec::new();
        for name in self.created() {
            match api.delete(&name, &DeleteParams::default()).await {
                Err(kube::Error::Api(status)) if status.is_not_found() => {}
                Err(error) => failures.push(format!("{name}: {error}")),
                Ok(_) => {}
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(anyhow!("cannot remove namespaces: {}", failures.join("; "))) }
    }
}

fn namespace_name(package: &str, purpose: &str, id: uuid::Uuid) -> String {
    let id = &id.simple().to_string()[..8];
    let mut name = format!("{package}-{purpose}");
    name.truncate(LONGEST_NAME - id.len() - 1);
    format!("{}-{id}", name.trim_end_matches('-'))
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "(a value that is no text)".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespace_names_are_labels_whatever_the_purpose() {
        let purpose = "a-very-long-purpose-that-says-far-more-than-a-name-of-a-namespace-can-hold";
        let name = namespace_name("signalprocessing", purpose, uuid::Uuid::nil());
        assert!(name.len() <= LONGEST_NAME, "{name}");
        assert!(name.starts_with("signalprocessing-a-very-long"), "{name}");
        assert!(name.ends_with("-00000000"), "{name}");
    }

    #[test]
    fn two_tests_of_one_purpose_do_not_meet() {
        let name = || namespace_name("datastorage", "paging", uuid::Uuid::new_v4());
        assert_ne!(name(), name());
    }

    #[test]
    fn the_message_of_a_panic_is_kept() {
        assert_eq!(panic_message(&"boom"), "panicked: boom");
        assert_eq!(panic_message(&String::from("bang")), "panicked: bang");
    }
}
