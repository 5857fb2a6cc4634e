//! `/metrics` in the `OpenMetrics` text format, and the request metrics that every HTTP service has.
//!
//! Metrics are registered while the service starts; afterwards the registry is read only, so nothing locks.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
pub use prometheus_client::registry::Registry;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
};

const CONTENT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How many requests there were and how long they took, by route and status.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

impl HttpMetrics {
    /// Registers the metrics.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 14))),
        };
        registry.register("http_requests", "HTTP requests answered", metrics.requests.clone());
        registry.register("http_request_seconds", "Time to answer a request", metrics.seconds.clone());
        metrics
    }

    /// Counts every request that one of the routes of `router` answers.
    pub fn observe<S: Clone + Send + Sync + 'static>(self, router: Router<S>) -> Router<S> {
        router.route_layer(middleware::from_fn_with_state(self, observe))
    }
}

/// `/metrics`.
pub fn routes(registry: Arc<Registry>) -> Router {
    Router::new().route("/metrics", get(render)).with_state(registry)
}

async fn render(State(registry): State<Arc<Registry>>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(CONTENT_TYPE, CONTENT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn observe(State(metrics): State<HttpMetrics>, request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    // The pattern of the route, not the path: paths hold identifiers, and there is no end to those.
    let route = request.extensions().get::<MatchedPath>().map_or_else(String::new, |path| path.as_str().to_owned());
    let begun = Instant::now();
    let response = next.run(request).await;
    let labels = RouteLabels { method, route: route.clone() };
    metrics.seconds.get_or_create(&labels).observe(begun.elapsed().as_secs_f64());
    let status = response.status().as_u16();
    metrics.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    response
}

/// Methods are chosen by the client, so unknown ones share a label.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn requests_are_counted_by_pattern_and_status() {
        let mut registry = Registry::default();
        let metrics = HttpMetrics::register(&mut registry);
        let api = metrics.observe(Router::new().route("/things/{id}", get(|| async { StatusCode::NOT_FOUND })));
        let app = api.merge(routes(Arc::new(registry)));
        for id in 0..3 {
            let request = Request::get(format!("/things/{id}")).body(Body::empty()).unwrap();
            app.clone().oneshot(request).await.unwrap();
        }
        let response = app.oneshot(Request::get("/metrics").body(Body::empty()).unwrap()).await.unwrap();
        let text = String::from_utf8(to_bytes(response.into_body(), 65536).await.unwrap().to_vec()).unwrap();
        let line = r#"http_requests_total{method="GET",route="/things/{id}",status="404"} 3"#;
        assert!(text.contains(line), "{text}");
    }
}
