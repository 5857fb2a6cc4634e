//! Logs: one JSON object a line on standard output, with the service's name in every one.
//!
//! Must be set up once, first thing in `main`, so that even a broken configuration is reported as JSON.

use tracing::Span;
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt};

/// Starts logging. The level comes from `RUST_LOG`, in its usual grammar; unset or unreadable, it is `info`.
///
/// Returns the span that names the service; enter it, or instrument the main future with it.
pub fn init(service: &'static str) -> Span {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber =
        tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).with_env_filter(filter).finish();
    // A second call, as in tests of several services in one process, keeps the first subscriber.
    let _ = subscriber.try_init();
    tracing::info_span!("run", service)
}
