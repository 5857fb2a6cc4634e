//! What the tests have in common: signals to process, and workloads for them to be about.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use api::{
    SignalProcessing, SignalProcessingStatus,
    signal_processing::{KubernetesContext, Phase},
};
use harness::{Suite, Test, await_object, eventually};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::{Value, json};

pub const SUITE: Suite = harness::suite!();
/// Generous: the machine may be building something else.
pub const DEADLINE: Duration = Duration::from_secs(90);
/// In every node of a kind cluster, so that no test needs a registry.
const IMAGE: &str = "registry.k8s.io/pause:3.10";

/// A signal about an object.
pub struct Signal {
    name: String,
    target: Value,
    severity: &'static str,
    namespace: String,
}

impl Signal {
    /// About an object of the test's namespace.
    pub fn about(test: &Test, kind: &str, name: &str) -> Self {
        Self::about_in(test.namespace(), kind, name)
    }

    /// About an object of `namespace`, and created there.
    pub fn about_in(namespace: &str, kind: &str, name: &str) -> Self {
        let target = json!({"kind": kind, "namespace": namespace, "name": name});
        Self { name: "signal".to_owned(), target, severity: "warning", namespace: namespace.to_owned() }
    }

    /// About an object outside of all namespaces.
    pub fn about_cluster_scoped(test: &Test, kind: &str, name: &str) -> Self {
        Self { target: json!({"kind": kind, "name": name}), ..Self::about(test, kind, name) }
    }

    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    pub fn severity(self, severity: &'static str) -> Self {
        Self { severity, ..self }
    }

    /// What audit events of this signal are found by.
    pub fn correlation_id(&self) -> String {
        format!("rr-{}-{}", self.namespace, self.name)
    }

    /// Creates it, without awaiting anything.
    pub async fn create(&self, test: &Test) -> Result<SignalProcessing> {
        let object = json!({
            "apiVersion": "kubernaut.ai/v1alpha1",
            "kind": "SignalProcessing",
            "metadata": {"name": self.name},
            "spec": {
                "remediationRequestRef": {"name": self.correlation_id()},
                "signal": {
                    "name": "HighMemoryUsage",
                    "fingerprint": "3f".repeat(32),
                    "severity": self.severity,
                    "type": "prometheus",
                    "target": self.target,
                }
            }
        });
        test.create_in(&self.namespace, object).await
    }

    /// Creates it and awaits its end, whatever that is.
    pub async fn finished(&self, test: &Test) -> Result<SignalProcessingStatus> {
        self.create(test).await?;
        self.end(test).await
    }

    /// Awaits the end of one that was created.
    pub async fn end(&self, test: &Test) -> Result<SignalProcessingStatus> {
        let api = Api::<SignalProcessing>::namespaced(test.client(), &self.namespace);
        await_object(&api, &self.name, DEADLINE, "the last phase", |now| {
            let status = now.context("it does not exist")?.status.clone().context("it has no status")?;
            ensure!(status.phase.is_some_and(Phase::is_terminal), "phase {:?}", status.phase);
            Ok(status)
        })
        .await
    }

    /// Creates it and awaits that it is completed.
    pub async fn completed(&self, test: &Test) -> Result<Completed> {
        Completed::of(self.finished(test).await?)
    }
}

/// The status of a signal that was processed to the end, with nothing left out.
pub struct Completed {
    pub context: KubernetesContext,
    pub environment: String,
    pub environment_source: String,
    pub priority: String,
    pub status: SignalProcessingStatus,
}

impl Completed {
    pub fn of(status: SignalProcessingStatus) -> Result<Self> {
        if status.phase != Some(Phase::Completed) {
            bail!("phase {:?}: {:?}", status.phase, status.error);
        }
        let environment = status.environment.clone().context("no environment")?;
        Ok(Self {
            context: status.kubernetes_context.clone().context("no context")?,
            environment: environment.environment,
            environment_source: serde_json::to_value(environment.source)?.as_str().unwrap_or_default().to_owned(),
            priority: status.priority.clone().context("no priority")?.priority,
            status,
        })
    }

    /// The owner chain, as `Kind/name`, nearest first.
    pub fn owners(&self) -> Vec<String> {
        self.context.owner_chain.iter().map(|owner| format!("{}/{}", owner.kind, owner.name)).collect()
    }

    /// Status, reason and message of a condition.
    pub fn condition(&self, name: &str) -> Result<(String, String, String)> {
        let found = self.status.conditions.iter().find(|known| known.type_ == name);
        let found = found.with_context(|| format!("no condition {name}"))?;
        Ok((found.status.clone(), found.reason.clone(), found.message.clone()))
    }
}

/// A template of pods that do nothing, labelled `app`.
pub fn pod_template(app: &str) -> Value {
    json!({"metadata": {"labels": {"app": app}}, "spec": pod_spec()})
}

/// A pod that does nothing.
pub fn pod_spec() -> Value {
    json!({
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "pause", "image": IMAGE, "imagePullPolicy": "IfNotPresent",
            "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}}}]
    })
}

/// The specification of a workload with pods labelled `app`.
pub fn workload(app: &str, further: &Value) -> Value {
    let mut spec = json!({"selector": {"matchLabels": {"app": app}}, "template": pod_template(app)});
    if let (Some(spec), Some(further)) = (spec.as_object_mut(), further.as_object()) {
        spec.extend(further.clone());
    }
    json!({"metadata": {"name": app}, "spec": spec})
}

/// Awaits a running pod with the label `app` and returns its name.
pub async fn running_pod(test: &Test, app: &str) -> Result<String> {
    let pods = test.api::<Pod>();
    let labelled = ListParams::default().labels(&format!("app={app}"));
    eventually(DEADLINE, "a running pod", async || {
        let list = pods.list(&labelled).await?;
        let phase = |pod: &Pod| pod.status.as_ref().and_then(|status| status.phase.clone());
        let running = list.items.iter().find(|pod| phase(pod).as_deref() == Some("Running"));
        let seen: Vec<_> = list.items.iter().map(|pod| (pod.name_any(), phase(pod))).collect();
        running.map(ResourceExt::name_any).with_context(|| format!("pods {seen:?}"))
    })
    .await
}
