//! One step of one object at a time: validate, enrich, classify, categorize; then its status is applied, and the change
//! brings the object back for the next step. Nothing is decided here; it is fetched, handed over and written down.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::{SignalProcessing, SignalProcessingStatus, signal_processing::KubernetesContext};
use k8s_openapi::jiff::Timestamp;
use kit::audit::AuditTrail;
use kube::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{Patch, PatchParams},
    runtime::controller::Action,
};
use serde_json::json;
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::{
    audit,
    backoff::{Failures, Trouble},
    classify::Classifier,
    enrich::{self, EnrichError},
    metrics::{Metrics, ReconcileResult},
    policy::PolicyFeed,
    progress::{self, PolicyProblems, Progress, Step},
    scope::Scope,
    validate,
};

/// The field manager of everything this controller applies.
pub const FIELD_MANAGER: &str = "kubernaut.ai/signalprocessing";
/// After so many failures in a row, a signal that cannot be enriched is given up.
const MOST_FAILURES: u32 = 5;

/// What reconciliations work with.
pub struct Context {
    /// The cluster.
    pub client: Client,
    /// The namespaces to act in.
    pub scope: Scope,
    /// The policies in force.
    pub policies: watch::Receiver<PolicyFeed>,
    /// Where the audit trail goes.
    pub audit: AuditTrail,
    /// What is counted.
    pub metrics: Metrics,
    /// What went wrong lately.
    pub failures: Mutex<Failures>,
}

/// A step that has to be tried again.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// It is not known whether the object is ours.
    #[error("cannot ask for its namespace")]
    Scope(#[source] Box<kube::Error>),
    /// The cluster does not answer.
    #[error(transparent)]
    Enrich(#[from] EnrichError),
    /// The status cannot be written.
    #[error("cannot apply its status")]
    Apply(#[source] Box<kube::Error>),
}

impl ReconcileError {
    fn trouble(&self) -> Trouble {
        match self {
            Self::Scope(error) | Self::Apply(error) => Trouble::of(error),
            Self::Enrich(error) => error.trouble(),
        }
    }
}

/// Takes the object one step further.
pub async fn reconcile(object: Arc<SignalProcessing>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    let idle = || {
        context.metrics.reconciled(ReconcileResult::Idle);
        Ok(Action::await_change())
    };
    let Some(step) = progress::next_step(object.status.as_ref()).filter(|_| object.meta().deletion_timestamp.is_none())
    else {
        return idle();
    };
    let namespace = object.namespace().unwrap_or_default();
    let ours = context.scope.contains(&namespace).await;
    if !ours.map_err(|error| ReconcileError::Scope(Box::new(error)))? {
        return idle();
    }
    let next = match context.take(step, &object).await {
        Ok(next) => next,
        Err(error) => context.given_up(&object, error)?,
    };
    context.apply(&object, &next).await?;
    context.tell(&object, &next);
    Ok(Action::await_change())
}

/// When to try again what went wrong.
#[expect(clippy::needless_pass_by_value, reason = "the signature is the controller's")]
pub fn error_policy(object: Arc<SignalProcessing>, error: &ReconcileError, context: Arc<Context>) -> Action {
    let uid = object.uid().unwrap_or_default();
    let trouble = error.trouble();
    context.metrics.reconciled(ReconcileResult::Error);
    let mut failures = context.failures.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, namespace) = (object.name_any(), object.namespace().unwrap_or_default());
    match trouble {
        // Neither says anything about how the next attempt will go.
        Trouble::Stale | Trouble::Gone => {
            debug!(name, namespace, %error, "the object has changed meanwhile");
            if trouble == Trouble::Gone {
                failures.forget(&uid);
            }
            trouble.delay(1).map_or_else(Action::await_change, Action::requeue)
        }
        Trouble::Transient | Trouble::Refused => {
            let count = failures.count(&uid);
            let delay = trouble.delay(count);
            let cause = std::error::Error::source(error).map(ToString::to_string);
            warn!(name, namespace, %error, cause, count, ?delay, "cannot go on, trying again");
            delay.map_or_else(Action::await_change, Action::requeue)
        }
    }
}

impl Context {
    async fn take(&self, step: Step, object: &SignalProcessing) -> Result<SignalProcessingStatus, EnrichError> {
        let progress = || Progress::of(object, Timestamp::now());
        let next = match step {
            Step::Begin => progress().begun(),
            Step::Validate => progress().validated(&validate::problems(&object.spec)),
            Step::Enrich => {
                let spec = &object.spec;
                let asked = spec.enrichment_config.timeout_seconds;
                let deadline = asked.map_or(enrich::DEFAULT_DEADLINE, |seconds| Duration::from_secs(seconds.into()));
                let found = enrich::enrich(self.client.clone(), &spec.signal.target, deadline).await?;
                progress().enriched(found)
            }
            Step::Classify => self.classify(object, progress()),
            Step::Categorize => self.categorize(object, progress()),
        };
        Ok(next)
    }

    fn classify(&self, object: &SignalProcessing, progress: Progress) -> SignalProcessingStatus {
        let (feed, known) = (self.policies.borrow().clone(), known_context(object));
        let mut classifier = Classifier::new(&feed.policies, &object.spec.signal, &known);
        let environment = classifier.environment();
        let priority = classifier.priority(&environment.environment);
        let problems = problems(&feed, classifier);
        progress.classified(environment, priority, &problems)
    }

    fn categorize(&self, object: &SignalProcessing, progress: Progress) -> SignalProcessingStatus {
        let (feed, known) = (self.policies.borrow().clone(), known_context(object));
        let status = object.status.clone().unwrap_or_default();
        let environment = status.environment.map(|decided| decided.environment).unwrap_or_default();
        let priority = status.priority.map(|decided| decided.priority).unwrap_or_default();
        let mut classifier = Classifier::new(&feed.policies, &object.spec.signal, &known);
        let business = classifier.business(&environment, &priority);
        let custom_labels = classifier.custom_labels(&environment, &priority);
        let problems = problems(&feed, classifier);
        progress.categorized(business, custom_labels, &problems)
    }

    /// An object that failed too often fails for good; otherwise it is an error like any other.
    fn given_up(&self, object: &SignalProcessing, error: EnrichError) -> Result<SignalProcessingStatus, EnrichError> {
        let uid = object.uid().unwrap_or_default();
        let before = self.failures.lock().unwrap_or_else(PoisonError::into_inner).so_far(&uid);
        if before + 1 < MOST_FAILURES {
            return Err(error);
        }
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Ok(Progress::of(object, Timestamp::now()).given_up(before + 1, &format!("{error}: {cause}")))
    }

    /// Server-side apply on the status. The resource version makes it a conflict if what we knew was old.
    async fn apply(&self, object: &SignalProcessing, next: &SignalProcessingStatus) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let api = Api::<SignalProcessing>::namespaced(self.client.clone(), &namespace);
        let patch = json!({
            "apiVersion": SignalProcessing::api_version(&()),
            "kind": SignalProcessing::kind(&()),
            "metadata": {"resourceVersion": object.resource_version()},
            "status": next,
        });
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let outcome = api.patch_status(&object.name_any(), &parameters, &Patch::Apply(&patch)).await;
        outcome.map(drop).map_err(|error| ReconcileError::Apply(Box::new(error)))
    }

    fn tell(&self, object: &SignalProcessing, next: &SignalProcessingStatus) {
        let uid = object.uid().unwrap_or_default();
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).forget(&uid);
        self.metrics.reconciled(ReconcileResult::Advanced);
        for event in audit::events(object, next) {
            self.audit.record(event);
        }
        let Some(phase) = next.phase else { return };
        self.metrics.entered(phase);
        if let (true, Some(created)) = (phase.is_terminal(), &object.meta().creation_timestamp) {
            let took = Timestamp::now().duration_since(created.0);
            self.metrics.finished(took.as_secs_f64().max(0.0));
        }
        info!(name = object.name_any(), namespace = object.namespace(), phase = phase.as_str(), "advanced");
    }
}

fn known_context(object: &SignalProcessing) -> KubernetesContext {
    object.status.as_ref().and_then(|status| status.kubernetes_context.clone()).unwrap_or_default()
}

/// What is wrong with ConfigMaps, and what policies in force did wrong just now.
fn problems(feed: &PolicyFeed, classifier: Classifier<'_>) -> PolicyProblems {
    let known = feed.problems.iter().map(ToString::to_string);
    known.chain(classifier.into_errors().iter().map(ToString::to_string)).collect()
}
