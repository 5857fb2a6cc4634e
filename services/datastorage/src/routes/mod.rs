//! The HTTP interface: reads requests, calls the stores, words the answers. Decides nothing else.

mod audit;
mod workflows;

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use kit::{body_limit, health::Health, metrics, problem::Problem};

use crate::{state::AppState, store::StoreError};

/// The largest body, in bytes: a full batch of events with a generous payload each.
const BODY_LIMIT: u32 = 4 * 1024 * 1024;

/// Every route of the service.
pub fn app(state: AppState, health: &Health) -> Router {
    let (http, registry) = (state.http.clone(), state.registry.clone());
    let routes = Router::new()
        .route("/api/v1/audit/events", post(audit::write).get(audit::read))
        .route("/api/v1/workflows", post(workflows::register))
        .route("/api/v1/workflows/search", post(workflows::search))
        .route("/api/v1/workflows/{id}", get(workflows::get))
        .route("/api/v1/workflows/{id}/versions", get(workflows::versions))
        .route("/api/v1/workflows/{id}/versions/{version}/disable", post(workflows::disable))
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This path takes other methods")
        })
        .with_state(state);
    let api = body_limit::limit(routes, BODY_LIMIT);
    http.observe(api)
        .merge(health.routes())
        .merge(metrics::routes(registry))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "no-such-path", "There is nothing at this path") })
}

/// What the database could not do: later, or never. Its own words about the latter stay in the log.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            tracing::warn!(%error, "a request could not be answered");
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "The store cannot be used now")
                .detail(error.to_string())
                .retry_after(2);
        }
        tracing::error!(?error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The request failed, and it is not your fault")
    }
}

#[cfg(test)]
mod tests;
