//! What this service counts beside its requests.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// The metrics of the stores. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    events: Family<Fate, Counter>,
    pub(crate) waiting: Gauge,
    pub(crate) drained: Counter,
    pub(crate) postgres_up: Gauge,
    pub(crate) pool_connections: Gauge,
    pub(crate) pool_idle: Gauge,
    pub(crate) searches: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Fate {
    fate: &'static str,
}

impl Metrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("datastorage_audit_events", "Audit events by what became of them", metrics.events.clone());
        registry.register("datastorage_dead_letters", "Audit events waiting in Redis", metrics.waiting.clone());
        registry.register("datastorage_drained", "Audit events moved from Redis on", metrics.drained.clone());
        registry.register("datastorage_postgres_up", "1 while PostgreSQL takes events", metrics.postgres_up.clone());
        let connections = metrics.pool_connections.clone();
        registry.register("datastorage_pool_connections", "Open connections to PostgreSQL", connections);
        registry.register("datastorage_pool_idle", "Connections nobody uses", metrics.pool_idle.clone());
        registry.register("datastorage_workflow_searches", "Searches in the catalog", metrics.searches.clone());
        metrics
    }

    /// Counts events: `stored`, `known` (sent before), `queued`, `invalid`, `unavailable` or `refused`.
    pub(crate) fn count(&self, fate: &'static str, events: usize) {
        self.events.get_or_create(&Fate { fate }).inc_by(events as u64);
    }
}
