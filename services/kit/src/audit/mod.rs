//! The client of the audit trail. Recording never waits and never fails: events go into a bounded buffer, and one task
//! sends them to `DataStorage` in batches, again and again until it takes them.
//!
//! What cannot be delivered (the buffer is full, the store refuses the event, the grace period is over) is counted and
//! written to the log as a whole, so that even then it can be found.

mod sender;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use api::AuditEvent;
use prometheus_client::{metrics::counter::Counter, registry::Registry};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};

use crate::config::{ConfigError, Env};
use sender::Sender;

/// Where to send events, and how patiently.
#[derive(Clone, Debug)]
pub struct AuditConfig {
    /// Base URL of `DataStorage`, without a path.
    pub url: String,
    /// How many events may wait.
    pub capacity: usize,
    /// How long the first of a batch waits for others.
    pub interval: Duration,
    /// The longest pause between two attempts.
    pub max_pause: Duration,
}

/// Records events. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AuditTrail {
    queue: mpsc::Sender<AuditEvent>,
    metrics: AuditMetrics,
}

/// The task that sends; whoever holds this decides when it ends.
#[derive(Debug)]
pub struct AuditWriter {
    finish: Arc<Notify>,
    task: JoinHandle<Sender>,
}

/// What became of events.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditMetrics {
    pub(crate) delivered: Counter,
    pub(crate) lost: Counter,
    pub(crate) retries: Counter,
}

impl AuditConfig {
    /// From `DATASTORAGE_URL` (default: the service in the same namespace).
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::to(&env.or("DATASTORAGE_URL", "http://datastorage:8080".to_owned())?))
    }

    /// To a given base URL, with the usual patience.
    #[must_use]
    pub fn to(url: &str) -> Self {
        let (interval, max_pause) = (Duration::from_millis(200), Duration::from_secs(5));
        Self { url: url.trim_end_matches('/').to_owned(), capacity: 10_000, interval, max_pause }
    }
}

impl AuditTrail {
    /// Starts the task that sends. Must be called inside a runtime; fails where no HTTP client can be made.
    pub fn start(config: AuditConfig, registry: &mut Registry) -> anyhow::Result<(Self, AuditWriter)> {
        let metrics = AuditMetrics::register(registry);
        let (queue, events) = mpsc::channel(config.capacity);
        let finish = Arc::new(Notify::new());
        let sender = Sender::new(config, events, metrics.clone())?;
        let task = tokio::spawn(sender.run(finish.clone()));
        Ok((Self { queue, metrics }, AuditWriter { finish, task }))
    }

    /// Records an event. Returns at once.
    pub fn record(&self, event: AuditEvent) {
        if let Err(wrong) = event.check() {
            tracing::error!(?wrong, event_type = %event.event_type, "recording an audit event that the store will refuse");
        }
        if let Err(error) = self.queue.try_send(event) {
            let (reason, event) = match error {
                mpsc::error::TrySendError::Full(event) => ("the buffer is full", event),
                mpsc::error::TrySendError::Closed(event) => ("the writer has ended", event),
            };
            self.metrics.lose(&event, reason);
        }
    }
}

impl AuditWriter {
    /// Sends what is waiting and ends, within `grace`. Call it when nothing records any more.
    pub async fn finish(self, grace: Duration) {
        self.finish.notify_one();
        let abort = self.task.abort_handle();
        match tokio::time::timeout(grace, self.task).await {
            Ok(Ok(_)) => tracing::info!("audit trail flushed"),
            Ok(Err(error)) => tracing::error!(%error, "the audit writer broke"),
            // Dropping the sender, which aborting does, writes what is left to the log.
            Err(_) => abort.abort(),
        }
    }
}

impl AuditMetrics {
    fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("audit_events_delivered", "Audit events the store took", metrics.delivered.clone());
        registry.register("audit_events_lost", "Audit events given up and logged", metrics.lost.clone());
        registry.register("audit_send_retries", "Attempts to send that failed", metrics.retries.clone());
        metrics
    }

    pub(crate) fn lose(&self, event: &AuditEvent, reason: &str) {
        self.lost.inc();
        let whole = serde_json::to_string(event).unwrap_or_default();
        tracing::error!(reason, event = whole, "audit event not delivered");
    }
}
