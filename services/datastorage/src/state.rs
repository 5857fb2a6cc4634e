//! What every request has at hand.

use std::sync::Arc;

use anyhow::Context;
use kit::metrics::Registry;

use crate::{deadletter::DeadLetters, metrics::Metrics, settings::Settings, store::Store};

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

    /// Closes the connections, once nobody uses them any more.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
