//! Puts the service together, runs it until it is asked to end, and ends it in order: no more work is begun, what is under
//! way is finished, the audit trail is flushed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result};
use api::SignalProcessing;
use axum::Router;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Namespace;
use kit::{
    audit::AuditTrail,
    health::{Health, Role},
    metrics::{self as metrics_routes, Registry},
    server,
    shutdown::Shutdown,
};
use kube::{
    Api, Client, ResourceExt as _,
    runtime::{
        Config, Controller,
        controller::Error as ControllerError,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use tokio::{sync::watch, task::JoinSet};
use tracing::{debug, info, warn};

use crate::{
    backoff::{Failures, WatchPauses},
    dependencies,
    metrics::Metrics,
    policy::{self, PolicyFeed},
    reconcile::{Context, error_policy, reconcile},
    scope::Scope,
    settings::Settings,
};

/// How many objects are worked on at once.
const CONCURRENCY: u16 = 8;
/// Of the grace period, what the audit trail may take after the controller has ended.
const FLUSH_SHARE: u32 = 2;

/// Runs the service until `shutdown`. Fails only where the configuration makes no sense.
pub async fn run(settings: Settings, shutdown: Shutdown) -> Result<()> {
    let mut registry = Registry::default();
    let health = Health::new();
    let metrics = Metrics::register(&mut registry);
    let (audit, writer) = AuditTrail::start(settings.audit.clone(), &mut registry)?;
    let client = Client::try_default().await.context("no configuration of a cluster")?;
    let listener = settings.server.bind().await?;
    let app = Router::new().merge(health.routes()).merge(metrics_routes::routes(Arc::new(registry)));
    let server = tokio::spawn(server::serve(settings.server, listener, app, health.clone(), shutdown.clone()));

    let (feed, policies) = watch::channel(PolicyFeed::default());
    let mut background = JoinSet::new();
    follow_policies(&mut background, &settings, &client, &health, (feed, metrics.clone()));
    ask_dependencies(&mut background, &settings, &client, &health)?;

    let scope = Scope::new(client.clone(), settings.namespace_selector.clone());
    let failures = Mutex::new(Failures::default());
    let context = Context { client, scope, policies, audit, metrics, failures };
    control(Arc::new(context), shutdown).await;

    let grace: Duration = settings.server.grace / FLUSH_SHARE;
    writer.finish(grace).await;
    drop(background);
    server.await.context("the server broke")?
}

fn follow_policies(
    background: &mut JoinSet<()>,
    settings: &Settings,
    client: &Client,
    health: &Health,
    (feed, metrics): (watch::Sender<PolicyFeed>, Metrics),
) {
    let namespace = settings.policy_namespace.as_deref().unwrap_or(client.default_namespace());
    let configs = Api::namespaced(client.clone(), namespace);
    background.spawn(policy::follow(configs, feed, metrics, health.check("policies", Role::Gate)));
}

fn ask_dependencies(background: &mut JoinSet<()>, settings: &Settings, client: &Client, health: &Health) -> Result<()> {
    let objects = Api::<SignalProcessing>::all(client.clone());
    background.spawn(dependencies::watch_api(objects, health.check("api-server", Role::Gate)));
    // A connection that is kept may lead to a place where a Service no longer is, or was not yet; each question asks anew.
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().context("no HTTP client")?;
    let (url, check) = (settings.audit.url.clone(), health.check("datastorage", Role::Gate));
    background.spawn(dependencies::watch_data_storage(http, url, check));
    Ok(())
}

/// Runs the controller until `shutdown`; returns when the reconciliations under way have ended.
async fn control(context: Arc<Context>, shutdown: Shutdown) {
    let objects = Api::<SignalProcessing>::all(context.client.clone());
    let mut controller = Controller::new(objects, watcher::Config::default())
        .with_config(Config::default().concurrency(CONCURRENCY))
        .trigger_backoff(WatchPauses::default())
        .graceful_shutdown_on(async move { shutdown.requested().await });
    if let Some(selector) = context.scope.selector() {
        // A namespace may get its labels after the objects in it were seen, and left alone.
        let store = controller.store();
        let namespaces = Api::<Namespace>::all(context.client.clone());
        let selected = watcher::Config::default().labels(selector);
        controller = controller.watches(namespaces, selected, move |namespace| objects_of(&store, &namespace));
    }
    info!(selector = context.scope.selector(), "controlling");
    controller
        .run(reconcile, error_policy, context)
        .for_each(async |outcome| match outcome {
            Ok((object, _)) => debug!(object = %object, "reconciled"),
            // The error policy has told of it.
            Err(ControllerError::ReconcilerFailed(..)) => {}
            Err(ControllerError::ObjectNotFound(object)) => debug!(object = %object, "is gone"),
            Err(error) => warn!(%error, "objects cannot be watched, trying again"),
        })
        .await;
    info!("controller ended");
}

fn objects_of(store: &Store<SignalProcessing>, namespace: &Namespace) -> Vec<ObjectRef<SignalProcessing>> {
    let name = namespace.name_any();
    let of_namespace = |object: &&Arc<SignalProcessing>| object.namespace().as_deref() == Some(name.as_str());
    store.state().iter().filter(of_namespace).map(|object| ObjectRef::from_obj(object.as_ref())).collect()
}
