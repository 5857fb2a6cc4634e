//! What the tests have in common: the client, events to write, reading them back, and the weather lock.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Result, ensure};
use api::{AuditEvent, EventType, Outcome};
use harness::{Answer, Cluster, Http, Suite, eventually};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use uuid::Uuid;

pub const SUITE: Suite = harness::suite!();
/// Generous: the machine may be building something else.
pub const DEADLINE: Duration = Duration::from_secs(90);
pub const EVENTS: &str = "/api/v1/audit/events";

static WEATHER: RwLock<()> = RwLock::const_new(());

/// As long as this is held, nobody takes anything away from the service. For tests that expect it whole.
pub async fn calm() -> RwLockReadGuard<'static, ()> {
    WEATHER.read().await
}

/// As long as this is held, no other test runs. For tests that take something away from the service.
pub async fn storm() -> RwLockWriteGuard<'static, ()> {
    WEATHER.write().await
}

/// The service under test. Needs its URL alone, not a cluster.
#[derive(Clone)]
pub struct DataStorage {
    pub http: Http,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    pub events: Vec<AuditEvent>,
    pub next_cursor: Option<String>,
}

impl DataStorage {
    pub fn connect() -> Result<Self> {
        Ok(Self { http: Http::new(&Cluster::url("datastorage")?)? })
    }

    /// Writes events; any answer that says they are kept will do.
    pub async fn write(&self, events: &[AuditEvent]) -> Result<Answer> {
        let answer = self.http.post(EVENTS, events).await?;
        ensure!((200..=202).contains(&answer.status), "{}: {} {}", answer.request, answer.status, answer.body);
        Ok(answer)
    }

    /// Reads one page.
    pub async fn page(&self, query: &str) -> Result<Page> {
        self.http.get(&format!("{EVENTS}?{query}")).await?.expect_status(200)?.json()
    }

    /// Reads every event of a correlation id, newest first.
    pub async fn all(&self, correlation_id: &str) -> Result<Vec<AuditEvent>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.page(&format!("correlationId={correlation_id}&limit=500{cursor}")).await?;
            all.extend(page.events);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Awaits that a correlation id has `count` events, which is at once unless they had to wait in Redis.
    pub async fn settled(&self, correlation_id: &str, count: usize) -> Result<Vec<AuditEvent>> {
        eventually(DEADLINE, &format!("{count} events of {correlation_id}"), async || {
            let events = self.all(correlation_id).await?;
            ensure!(events.len() == count, "{} events", events.len());
            Ok(events)
        })
        .await
    }
}

/// An identifier that no other test and no other run uses.
pub fn unique(purpose: &str) -> String {
    format!("{purpose}-{}", Uuid::new_v4().simple())
}

/// A valid event of a type, with every payload field that the table asks for.
pub fn event_of(event_type: EventType, correlation_id: &str) -> AuditEvent {
    let mut event = AuditEvent::new(event_type, correlation_id, Outcome::Success, []);
    for field in event_type.required() {
        let value = match field.kind {
            api::audit::Kind::Text => json!(format!("{} \u{e9}\u{1f600} \"quoted\"", field.name)),
            api::audit::Kind::Number => json!(42),
            api::audit::Kind::Flag => json!(true),
            api::audit::Kind::List => json!(["one", {"two": 2}]),
        };
        event.event_data.insert(field.name.to_owned(), value);
    }
    event
}

/// Some valid event.
pub fn event(correlation_id: &str) -> AuditEvent {
    event_of(EventType::GatewaySignalRejected, correlation_id)
}

/// Events by id, so that sets can be compared whatever their order.
pub fn by_id(events: impl IntoIterator<Item = AuditEvent>) -> BTreeMap<Uuid, AuditEvent> {
    events.into_iter().map(|event| (event.event_id, event)).collect()
}
