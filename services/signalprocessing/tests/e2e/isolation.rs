//! Namespaces do not mix, and those that are not selected are left alone.

use anyhow::{Context as _, Result, ensure};
use api::SignalProcessing;
use harness::{SUITE_LABEL, Test};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Namespace};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::fixture::{Completed, SUITE, Signal, workload};

#[tokio::test]
async fn two_namespaces_with_the_same_names_do_not_mix() -> Result<()> {
    SUITE
        .with_namespace("two-namespaces", async |test| {
            let mut namespaces = Vec::new();
            for (environment, replicas) in [("production", 0), ("development", 1)] {
                let namespace = test.another_namespace(&[("kubernaut.ai/environment", environment)]).await?;
                test.create_in::<Deployment>(&namespace, workload("web", &json!({"replicas": replicas}))).await?;
                namespaces.push((namespace, environment, replicas));
            }
            for (namespace, ..) in &namespaces {
                Signal::about_in(namespace, "Deployment", "web").severity("critical").create(test).await?;
            }
            for ((namespace, environment, replicas), priority) in namespaces.iter().zip(["P0", "P2"]) {
                let done = Completed::of(Signal::about_in(namespace, "Deployment", "web").end(test).await?)?;
                assert_eq!((done.environment.as_str(), done.priority.as_str()), (*environment, priority));
                let known = done.context.workload.context("no workload")?;
                assert_eq!(known.desired_replicas, Some(*replicas));
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_namespace_that_is_not_selected_is_left_alone_until_it_is() -> Result<()> {
    SUITE
        .with_namespace("not-selected", async |test| {
            let stranger = Stranger::create(test).await?;
            let outcome = left_alone_until_selected(test, &stranger).await;
            outcome.and(stranger.remove().await)
        })
        .await
}

async fn left_alone_until_selected(test: &Test, stranger: &Stranger) -> Result<()> {
    let unseen = Signal::about_in(&stranger.name, "Pod", "gone");
    unseen.create(test).await?;
    // Several signals that came later are done, so the controller had its chance.
    for number in 0..3 {
        Signal::about(test, "Pod", "gone").named(&format!("later-{number}")).completed(test).await?;
    }
    let objects = Api::<SignalProcessing>::namespaced(test.client(), &stranger.name);
    let status = objects.get("signal").await?.status;
    ensure!(status.is_none(), "it was touched: {status:?}");

    stranger.select().await?;
    Completed::of(unseen.end(test).await?)?;
    Ok(())
}

/// A namespace of nobody's suite.
struct Stranger {
    name: String,
    namespaces: Api<Namespace>,
}

impl Stranger {
    async fn create(test: &Test) -> Result<Self> {
        let name = format!("stranger-{}", test.namespace());
        let namespaces = Api::<Namespace>::all(test.client());
        let namespace = serde_json::from_value(json!({"metadata": {"name": name}}))?;
        namespaces.create(&PostParams::default(), &namespace).await.context("cannot create a namespace")?;
        Ok(Self { name, namespaces })
    }

    async fn select(&self) -> Result<()> {
        let label = json!({"metadata": {"labels": {SUITE_LABEL: "signalprocessing"}}});
        self.namespaces.patch(&self.name, &PatchParams::default(), &Patch::Merge(&label)).await?;
        Ok(())
    }

    async fn remove(&self) -> Result<()> {
        self.namespaces.delete(&self.name, &DeleteParams::default()).await.context("cannot remove a namespace")?;
        Ok(())
    }
}
