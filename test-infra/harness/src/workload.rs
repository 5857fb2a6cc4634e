//! Scaling, restarting and awaiting the workloads of the services under test. Each returns when the cluster has done what
//! was asked, by watch: pods that must go are gone, pods that must be there are ready.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures::TryStreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::await_object;

/// A Deployment or StatefulSet of the cluster.
#[derive(Debug, Clone)]
pub struct Workload {
    name: String,
    kind: &'static str,
    api: Api<DynamicObject>,
    pods: Api<Pod>,
}

impl Workload {
    /// The Deployment `name`.
    #[must_use]
    pub fn deployment(client: Client, namespace: &str, name: &str) -> Self {
        let kind = ApiResource::erase::<k8s_openapi::api::apps::v1::Deployment>(&());
        Self::new(client, namespace, name, "Deployment", &kind)
    }

    /// The StatefulSet `name`.
    #[must_use]
    pub fn stateful_set(client: Client, namespace: &str, name: &str) -> Self {
        let kind = ApiResource::erase::<k8s_openapi::api::apps::v1::StatefulSet>(&());
        Self::new(client, namespace, name, "StatefulSet", &kind)
    }

    fn new(client: Client, namespace: &str, name: &str, kind: &'static str, resource: &ApiResource) -> Self {
        let api = Api::namespaced_with(client.clone(), namespace, resource);
        Self { name: name.to_owned(), kind, api, pods: Api::namespaced(client, namespace) }
    }

    /// Sets the number of replicas and awaits it: all ready, and none more left.
    pub async fn scale(&self, replicas: u32, deadline: Duration) -> Result<()> {
        self.patch(&json!({"spec": {"replicas": replicas}})).await?;
        self.await_ready(deadline).await?;
        self.await_pods(replicas as usize, deadline).await
    }

    /// Replaces every pod, as `kubectl rollout restart` does, and awaits that the old ones are gone.
    pub async fn restart(&self, deadline: Duration) -> Result<()> {
        let id = uuid::Uuid::new_v4().to_string();
        let annotation = json!({"e2e.kubernaut.ai/restarted": id});
        self.patch(&json!({"spec": {"template": {"metadata": {"annotations": annotation}}}})).await?;
        self.await_ready(deadline).await?;
        self.await_pods(self.replicas().await?, deadline).await
    }

    /// Awaits that the rollout is complete.
    pub async fn await_ready(&self, deadline: Duration) -> Result<()> {
        let what = format!("{} complete", self.kind);
        await_object(&self.api, &self.name, deadline, &what, |now| match now {
            Some(object) => rolled_out(&json!({"metadata": object.metadata, "rest": object.data})),
            None => bail!("it does not exist"),
        })
        .await
    }

    /// The names of its pods, those that are being removed included.
    pub async fn pods(&self) -> Result<Vec<String>> {
        let selector = kube::api::ListParams::default().labels(&self.selector().await?);
        Ok(self.pods.list(&selector).await?.items.iter().map(ResourceExt::name_any).collect())
    }

    async fn patch(&self, patch: &Value) -> Result<()> {
        let outcome = self.api.patch(&self.name, &PatchParams::default(), &Patch::Merge(patch)).await;
        outcome.map(drop).with_context(|| format!("cannot patch {} {}", self.kind, self.name))
    }

    async fn read(&self) -> Result<DynamicObject> {
        self.api.get(&self.name).await.with_context(|| format!("cannot read {} {}", self.kind, self.name))
    }

    async fn replicas(&self) -> Result<usize> {
        Ok(usize::try_from(self.read().await?.data["spec"]["replicas"].as_u64().unwrap_or(1))?)
    }

    async fn selector(&self) -> Result<String> {
        let object = self.read().await?;
        let labels = object.data["spec"]["selector"]["matchLabels"].as_object().cloned().unwrap_or_default();
        ensure!(!labels.is_empty(), "{} {} selects its pods by no label", self.kind, self.name);
        let terms = labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
        Ok(terms.collect::<Vec<_>>().join(","))
    }

    /// Awaits the number of its pods: a status counts replicas no more long before their processes have ended.
    async fn await_pods(&self, wanted: usize, deadline: Duration) -> Result<()> {
        let end = Instant::now() + deadline;
        let config = watcher::Config::default().labels(&self.selector().await?);
        let mut events = std::pin::pin!(watcher(self.pods.clone(), config).default_backoff());
        let mut present = PodNames::default();
        loop {
            match timeout_at(end, events.try_next()).await {
                Ok(Ok(Some(event))) => present.observe(event),
                // The watch goes on by itself after an error; the deadline bounds it.
                Ok(Err(_)) => {}
                Ok(Ok(None)) => bail!("the watch of the pods of {} ended", self.name),
                Err(_) => bail!("{} has pods {:?} instead of {wanted} after {deadline:?}", self.name, present.names),
            }
            if present.listed && present.names.len() == wanted {
                return Ok(());
            }
        }
    }
}

/// The pods that a watch has shown to be there.
#[derive(Debug, Default)]
struct PodNames {
    names: std::collections::BTreeSet<String>,
    listed: bool,
}

impl PodNames {
    fn observe(&mut self, event: watcher::Event<Pod>) {
        match event {
            watcher::Event::Init => {
                self.names.clear();
                self.listed = false;
            }
            watcher::Event::InitApply(pod) | watcher::Event::Apply(pod) => {
                self.names.insert(pod.name_any());
            }
            watcher::Event::InitDone => self.listed = true,
            watcher::Event::Delete(pod) => {
                self.names.remove(&pod.name_any());
            }
        }
    }
}

/// Judges a Deployment or StatefulSet; fails with what is still missing.
fn rolled_out(object: &Value) -> Result<()> {
    let (spec, status) = (&object["rest"]["spec"], &object["rest"]["status"]);
    let count = |name: &str| status[name].as_i64().unwrap_or(0);
    let wanted = spec["replicas"].as_i64().unwrap_or(1);
    let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
    let (observed, total, ready) = (count("observedGeneration"), count("replicas"), count("readyReplicas"));
    ensure!(observed >= generation, "generation {generation} is not observed yet ({observed})");
    ensure!(total == wanted && ready == wanted, "{ready} of {wanted} replicas are ready, {total} exist");
    // A StatefulSet without a rollout under way leaves updatedReplicas out and has equal revisions.
    let revisions = (&status["currentRevision"], &status["updateRevision"]);
    let updated = if revisions.1.is_string() && revisions.0 == revisions.1 { wanted } else { count("updatedReplicas") };
    ensure!(updated == wanted, "{updated} of {wanted} replicas are of the new template");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(replicas: i64, status: &Value) -> Value {
        json!({"metadata": {"generation": 4}, "rest": {"spec": {"replicas": replicas}, "status": status}})
    }

    #[test]
    fn a_status_of_an_older_generation_says_nothing() {
        let status = json!({"observedGeneration": 3, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1});
        assert!(rolled_out(&object(1, &status)).unwrap_err().to_string().contains("not observed"));
    }

    #[test]
    fn old_replicas_that_are_ready_are_not_enough() {
        let status = json!({"observedGeneration": 4, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 0});
        assert!(rolled_out(&object(1, &status)).unwrap_err().to_string().contains("new template"));
        let done = json!({"observedGeneration": 4, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1});
        rolled_out(&object(1, &done)).unwrap();
    }

    #[test]
    fn scaled_to_zero_is_complete_when_nothing_is_left() {
        rolled_out(&object(0, &json!({"observedGeneration": 4}))).unwrap();
        let leaving = json!({"observedGeneration": 4, "replicas": 1});
        assert!(rolled_out(&object(0, &leaving)).is_err());
    }

    #[test]
    fn a_stateful_set_at_rest_is_complete() {
        let status = json!({"observedGeneration": 4, "replicas": 2, "readyReplicas": 2,
            "currentRevision": "a", "updateRevision": "a"});
        rolled_out(&object(2, &status)).unwrap();
        let rolling = json!({"observedGeneration": 4, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 1,
            "currentRevision": "a", "updateRevision": "b"});
        assert!(rolled_out(&object(2, &rolling)).is_err());
    }
}
