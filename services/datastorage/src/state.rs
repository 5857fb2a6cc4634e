//! What every request has at hand.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use kit::metrics::Registry;

use crate::{deadletter::DeadLetters, metrics::Metrics, settings::Settings, store::Store};

const CLOSE_DEADLINE: Duration = Duration::from_secs(3);

/// The stores and the metrics. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub(crate) store: Store,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) metrics: Metrics,
    pub(crate) http: kit::metrics::HttpMetrics,
    pub(crate) registry: Arc<Registry>,
}

impl AppState {
    /// Prepares the stores without connecting to them: they may come up later than this service.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mut registry = Registry::default();
        let http = kit::metrics::HttpMetrics::register(&mut registry);
        let metrics = Metrics::register(&mut registry);
        Ok(Self {
            store: Store::new(settings),
            dead_letters: DeadLetters::new(&settings.redis).context("REDIS_URL cannot be used")?,
            metrics,
            http,
            registry: Arc::new(registry),
        })
    }

    /// Closes the connections in order, as far as that takes no longer than a moment.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE_DEADLINE, self.store.close()).await.is_err() {
            tracing::warn!("connections to PostgreSQL were not closed in time");
        }
    }
}
