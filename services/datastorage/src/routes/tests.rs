//! The routes over stores that are not there: what is decided before any store is asked, and what happens without one.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use kit::{config::Env, health::Health};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{AppState, Settings, app};

/// Nothing listens on the discard port of the loopback interface.
fn without_stores() -> axum::Router {
    let env = Env::from_pairs([
        ("POSTGRES_PASSWORD", "x"),
        ("POSTGRES_HOST", "127.0.0.1"),
        ("POSTGRES_PORT", "9"),
        ("POSTGRES_POOL_WAIT_SECONDS", "0.1"),
        ("REDIS_URL", "redis://127.0.0.1:9"),
    ]);
    app(AppState::new(&Settings::from_env(&env).unwrap()).unwrap(), &Health::new())
}

async fn send(request: Request<Body>) -> (StatusCode, header::HeaderMap, Value) {
    let response = without_stores().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&body).unwrap_or_default())
}

async fn post(path: &str, body: &Value) -> (StatusCode, header::HeaderMap, Value) {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn event() -> Value {
    json!({
        "eventId": "0197a000-0000-7000-8000-000000000001", "eventType": "gateway.signal.rejected",
        "eventTimestamp": "2026-11-20T10:00:00Z", "correlationId": "rr-1", "service": "gateway",
        "outcome": "failure", "eventData": {"reason": "too old"}
    })
}

#[tokio::test]
async fn an_invalid_event_is_told_field_by_field() {
    let mut wrong = event();
    wrong["eventType"] = json!("gateway.signal.invented");
    let (status, headers, body) = post("/api/v1/audit/events", &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(body["type"], "/problems/invalid-event");
    assert_eq!(body["errors"][0]["field"], "eventType");
}

#[tokio::test]
async fn a_batch_names_the_event_that_is_wrong() {
    let mut wrong = event();
    wrong["eventData"] = json!({});
    let (status, _, body) = post("/api/v1/audit/events", &json!([event(), wrong])).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        body["errors"],
        json!([{"field": "[1].eventData.reason",
        "detail": "is required for gateway.signal.rejected"}])
    );
    let (status, _, _) = post("/api/v1/audit/events", &json!([])).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_valid_event_without_any_store_is_not_accepted() {
    let (status, headers, body) = post("/api/v1/audit/events", &event()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["type"], "/problems/no-store");
    assert!(headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn reading_without_a_database_asks_to_come_again() {
    let request = Request::get("/api/v1/audit/events?limit=5").body(Body::empty()).unwrap();
    let (status, headers, body) = send(request).await;
    assert_eq!((status, &body["type"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/store-unavailable")));
    assert!(headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn wrong_queries_are_told() {
    for (query, status) in [("limit=0", 422), ("outcome=good", 422), ("colour=red", 400)] {
        let request = Request::get(format!("/api/v1/audit/events?{query}")).body(Body::empty()).unwrap();
        let (got, headers, _) = send(request).await;
        assert_eq!(got, status, "{query}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    for (method, path, status) in
        [("GET", "/api/v2", 404), ("DELETE", "/api/v1/audit/events", 405), ("GET", "/api/v1/workflows/search", 405)]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let (got, headers, _) = send(request).await;
        assert_eq!(got, status, "{method} {path}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{method} {path}");
    }
}

#[tokio::test]
async fn an_invalid_search_names_every_missing_label() {
    let (status, _, body) = post("/api/v1/workflows/search", &json!({"signalType": "OOMKilled"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body["errors"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let huge = Value::String("x".repeat(super::BODY_LIMIT as usize + 1));
    let (status, _, body) = post("/api/v1/audit/events", &huge).await;
    assert_eq!((status, &body["type"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("/problems/body-too-large")));
}

#[tokio::test]
async fn metrics_count_what_was_refused() {
    let app = without_stores();
    let request = Request::post("/api/v1/audit/events").header(header::CONTENT_TYPE, "application/json");
    app.clone().oneshot(request.body(Body::from("{}")).unwrap()).await.unwrap();
    let response = app.oneshot(Request::get("/metrics").body(Body::empty()).unwrap()).await.unwrap();
    let text = String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(text.contains(r#"datastorage_audit_events_total{fate="invalid"} 1"#), "{text}");
}
