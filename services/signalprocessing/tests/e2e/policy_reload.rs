//! Policies are reloaded when their ConfigMaps change, and a broken one keeps the last good one.
//!
//! The test adds a ConfigMap of its own whose rules are about its namespace alone, so that the other tests, which share
//! the controller, are not touched.

use anyhow::{Context as _, Result, ensure};
use harness::{Test, eventually};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::json;

use crate::fixture::{Completed, DEADLINE, SUITE, Signal};

#[tokio::test]
async fn a_changed_policy_takes_effect_and_a_broken_one_keeps_the_last_good() -> Result<()> {
    SUITE
        .with_namespace("policy-reload", async |test| {
            let policy = Policy::of(test);
            let outcome = reload(test, &policy).await;
            let removed = policy.remove().await;
            outcome.and(removed)
        })
        .await
}

async fn reload(test: &Test, policy: &Policy) -> Result<()> {
    let mut probe = Probe { test, count: 0 };
    assert_eq!(probe.ask().await?.environment, "unknown");

    policy.write(&policy.saying("alpha")).await?;
    probe.await_environment("alpha").await?;
    policy.write(&policy.saying("beta")).await?;
    probe.await_environment("beta").await?;

    policy.write("package signalprocessing.environment\nenvironment := {{{ no Rego").await?;
    let marked = eventually(DEADLINE, "a condition that names the broken policy", async || {
        let done = probe.ask().await?;
        let (holds, _, message) = done.condition("PoliciesValid")?;
        ensure!(holds == "False" && message.contains(&policy.name), "{holds}: {message}");
        Ok(done)
    })
    .await?;
    assert_eq!(marked.environment, "beta", "the last good policy is in force");
    let message = marked.condition("PoliciesValid")?.2;
    assert!(message.contains("the last good one is in force"), "{message}");

    policy.write(&policy.saying("gamma")).await?;
    let mended = probe.await_environment("gamma").await?;
    let (holds, _, message) = mended.condition("PoliciesValid")?;
    assert!(!message.contains(&policy.name), "{holds}: {message}");

    policy.remove().await?;
    probe.await_environment("unknown").await?;
    Ok(())
}

/// Signals one after the other: each is classified by the policies of its moment.
struct Probe<'a> {
    test: &'a Test,
    count: u32,
}

impl Probe<'_> {
    async fn ask(&mut self) -> Result<Completed> {
        self.count += 1;
        Signal::about(self.test, "Pod", "gone").named(&format!("probe-{}", self.count)).completed(self.test).await
    }

    async fn await_environment(&mut self, wanted: &str) -> Result<Completed> {
        let what = format!("environment {wanted}");
        eventually(DEADLINE, &what, async || {
            let done = self.ask().await?;
            ensure!(done.environment == wanted, "environment {}", done.environment);
            Ok(done)
        })
        .await
    }
}

/// A ConfigMap with one policy, beside those that are deployed.
struct Policy {
    name: String,
    about: String,
    configs: Api<ConfigMap>,
}

impl Policy {
    fn of(test: &Test) -> Self {
        let configs = Api::namespaced(test.client(), test.cluster().namespace());
        Self { name: test.namespace().to_owned(), about: test.namespace().to_owned(), configs }
    }

    fn saying(&self, environment: &str) -> String {
        let about = &self.about;
        format!(
            "package signalprocessing.environment\nenvironment := \"{environment}\" if input.namespace.name == \"{about}\""
        )
    }

    async fn write(&self, text: &str) -> Result<()> {
        let config = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self.name, "labels": {"kubernaut.ai/policy": "signalprocessing"}},
            "data": {"environment.rego": text, "README": "Other keys are left alone."}
        });
        let applied = self.configs.patch(&self.name, &PatchParams::apply("e2e").force(), &Patch::Apply(&config)).await;
        applied.map(drop).with_context(|| format!("cannot write the policy {}", self.name))
    }

    async fn remove(&self) -> Result<()> {
        match self.configs.delete(&self.name, &DeleteParams::default()).await {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            outcome => outcome.map(drop).with_context(|| format!("cannot remove the policy {}", self.name)),
        }
    }
}
