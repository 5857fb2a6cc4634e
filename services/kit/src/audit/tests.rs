//! The audit client against a store that answers as told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use api::{EventType, Outcome};
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

/// A store that gives the scripted answers first, and then takes everything but events that say so.
#[derive(Clone, Default)]
struct Store {
    script: Arc<Mutex<VecDeque<StatusCode>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

async fn take(State(store): State<Store>, Json(events): Json<Vec<Value>>) -> StatusCode {
    if let Some(status) = store.script.lock().unwrap().pop_front() {
        return status;
    }
    if events.iter().any(|event| event["correlationId"] == "bad") {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    store.taken.lock().unwrap().extend(events.iter().map(|event| event["correlationId"].as_str().unwrap().to_owned()));
    StatusCode::CREATED
}

impl Store {
    fn answering(script: &[StatusCode]) -> Self {
        let store = Self::default();
        store.script.lock().unwrap().extend(script);
        store
    }

    async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let app = Router::new().route("/api/v1/audit/events", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn event(correlation_id: &str) -> AuditEvent {
    AuditEvent::new(EventType::GatewaySignalRejected, correlation_id, Outcome::Failure, [("reason", json!("late"))])
}

fn start(url: &str, capacity: usize) -> (AuditTrail, AuditWriter) {
    let config = AuditConfig { capacity, interval: Duration::from_millis(5), ..AuditConfig::to(url) };
    AuditTrail::start(config, &mut Registry::default()).unwrap()
}

const GRACE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn events_recorded_before_the_end_arrive_in_order() {
    let store = Store::default();
    let (trail, writer) = start(&store.serve().await, 1000);
    let names: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    for name in &names {
        trail.record(event(name));
    }
    writer.finish(GRACE).await;
    assert_eq!(store.taken(), names);
    assert_eq!(trail.metrics.delivered.get(), 250);
}

#[tokio::test]
async fn a_store_that_is_away_is_asked_again() {
    let store = Store::answering(&[StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS]);
    let (trail, writer) = start(&store.serve().await, 10);
    trail.record(event("a"));
    writer.finish(GRACE).await;
    assert_eq!(store.taken(), ["a"]);
    assert_eq!(trail.metrics.retries.get(), 2);
    assert_eq!(trail.metrics.lost.get(), 0);
}

#[tokio::test]
async fn a_refused_event_does_not_take_its_batch_with_it() {
    let store = Store::default();
    let (trail, writer) = start(&store.serve().await, 10);
    for name in ["a", "bad", "b"] {
        trail.record(event(name));
    }
    writer.finish(GRACE).await;
    assert_eq!(store.taken(), ["a", "b"]);
    assert_eq!(trail.metrics.lost.get(), 1);
}

#[tokio::test]
async fn recording_never_waits_and_what_does_not_fit_is_counted() {
    let (trail, writer) = start("http://127.0.0.1:9", 2);
    // Nothing runs between these: the task gets its turn only when this test awaits.
    for name in ["a", "b", "c"] {
        trail.record(event(name));
    }
    assert_eq!(trail.metrics.lost.get(), 1);
    writer.finish(Duration::ZERO).await;
}

#[tokio::test]
async fn what_the_grace_period_does_not_suffice_for_is_counted_as_lost() {
    let (trail, writer) = start("http://127.0.0.1:9", 10);
    trail.record(event("a"));
    trail.record(event("b"));
    writer.finish(Duration::from_millis(100)).await;
    // The aborted task is dropped by the runtime, a little later.
    let deadline = tokio::time::Instant::now() + GRACE;
    while trail.metrics.lost.get() < 2 && tokio::time::Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert_eq!(trail.metrics.lost.get(), 2);
    trail.record(event("c"));
    assert_eq!(trail.metrics.lost.get(), 3, "recording after the end is counted too");
}
