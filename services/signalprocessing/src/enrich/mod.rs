//! Looks up in the cluster what a signal is about. What does not exist, or may not be read, makes the result degraded and
//! never fails: a signal about something that is gone is still a signal. Only an API that does not answer is an error.

pub mod chain;
pub mod found;
pub mod kind;
mod lookup;
pub mod selection;

use std::time::Duration;

use api::{TargetResource, signal_processing::KubernetesContext};
use kube::Client;

use self::{
    chain::Chain,
    found::Found,
    kind::Kind,
    lookup::{Lookup, Missing},
};
use crate::backoff::Trouble;

/// How long the lookups of a signal may take altogether, where its specification does not say.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

/// The API server did not answer as it should; asking again may help.
#[derive(Debug, thiserror::Error)]
#[error("cannot look up {what}")]
pub struct EnrichError {
    what: String,
    #[source]
    source: Box<kube::Error>,
}

impl EnrichError {
    /// What the API server's error means for trying again.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        Trouble::of(&self.source)
    }
}

/// Looks up the target and what belongs to it. After `deadline`, what was found until then is the result.
pub async fn enrich(
    client: Client,
    target: &TargetResource,
    deadline: Duration,
) -> Result<KubernetesContext, EnrichError> {
    let mut work =
        Enrichment { lookup: Lookup::new(client), context: KubernetesContext::default(), missing: Vec::new() };
    match tokio::time::timeout(deadline, work.run(target)).await {
        Ok(outcome) => outcome?,
        Err(_) => work.missing.push(format!("looking up {target} took longer than {deadline:?}")),
    }
    Ok(work.finish())
}

struct Enrichment {
    lookup: Lookup,
    context: KubernetesContext,
    missing: Vec<String>,
}

impl Enrichment {
    async fn run(&mut self, target: &TargetResource) -> Result<(), EnrichError> {
        if let Some(name) = &target.namespace {
            self.namespace(name).await?;
        }
        let Some(kind) = Kind::of_target(&target.kind) else {
            self.missing.push(format!("kind {} cannot be looked up", target.kind));
            return Ok(());
        };
        if kind == Kind::Node {
            return self.target_node(&target.name).await;
        }
        let namespace = target.namespace.as_deref().unwrap_or_default();
        let Some(object) = self.object(kind, namespace, &target.name).await? else { return Ok(()) };
        self.context.workload = Some(object.workload.clone());
        self.owners(namespace, &object).await?;
        self.surroundings(namespace, &object).await
    }

    async fn namespace(&mut self, name: &str) -> Result<(), EnrichError> {
        match self.lookup.namespace(name).await? {
            Ok(metadata) => {
                self.context.namespace_labels = metadata.labels.unwrap_or_default();
                self.context.namespace_annotations = metadata.annotations.unwrap_or_default();
            }
            Err(missing) => self.note(&missing),
        }
        Ok(())
    }

    async fn target_node(&mut self, name: &str) -> Result<(), EnrichError> {
        match self.lookup.node(name).await? {
            Ok(node) => {
                self.context.workload = Some(Found::from(&node).workload);
                self.context.node = Some(found::node_context(node));
            }
            Err(missing) => self.note(&missing),
        }
        Ok(())
    }

    async fn owners(&mut self, namespace: &str, target: &Found) -> Result<(), EnrichError> {
        let mut chain = Chain::new(Some(namespace));
        let mut next = chain.follow(target);
        while let Some(owner) = next.take() {
            if !owner.kind.is_namespaced() {
                break;
            }
            let Some(object) = self.object(owner.kind, namespace, &owner.name).await? else { break };
            if object.uid == owner.uid {
                next = chain.follow(&object);
            } else {
                self.missing.push(format!(
                    "{} {} is a namesake of the owner, not the owner",
                    owner.kind.as_str(),
                    owner.name
                ));
            }
        }
        self.context.owner_chain = chain.into_entries();
        Ok(())
    }

    /// What is in the namespace about the target's pods, and the node; asked for at once.
    async fn surroundings(&mut self, namespace: &str, target: &Found) -> Result<(), EnrichError> {
        let (budgets, autoscalers, policies, node) = tokio::try_join!(
            self.lookup.budgets(namespace),
            self.lookup.autoscalers(namespace),
            self.lookup.network_policies(namespace),
            self.lookup.node_of(target.node.as_deref()),
        )?;
        let pod_labels = target.pod_labels.clone().unwrap_or_default();
        if let Some(all) = self.kept(budgets) {
            self.context.pod_disruption_budgets = selection::budgets(all, &pod_labels);
        }
        if let Some(all) = self.kept(autoscalers) {
            let owners = &self.context.owner_chain;
            self.context.horizontal_pod_autoscalers = selection::autoscalers(all, &target.workload, owners);
        }
        if let Some(all) = self.kept(policies) {
            self.context.network_policies = selection::network_policies(all, &pod_labels);
        }
        if let Some(node) = node {
            self.context.node = self.kept(node).map(found::node_context);
        }
        Ok(())
    }

    async fn object(&mut self, kind: Kind, namespace: &str, name: &str) -> Result<Option<Found>, EnrichError> {
        let looked_up = self.lookup.object(kind, namespace, name).await?;
        Ok(self.kept(looked_up))
    }

    fn kept<T>(&mut self, looked_up: Result<T, Missing>) -> Option<T> {
        looked_up.map_err(|missing| self.note(&missing)).ok()
    }

    fn note(&mut self, missing: &Missing) {
        self.missing.push(missing.to_string());
    }

    fn finish(self) -> KubernetesContext {
        let mut context = self.context;
        context.degraded = !self.missing.is_empty();
        context.degraded_reason = context.degraded.then(|| self.missing.join("; "));
        context
    }
}
