//! Audit events: written in batches, each id once; read newest first, a page at a time.

use std::collections::BTreeSet;

use api::{AuditEvent, EventType, Outcome, TargetResource};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sqlx::{FromRow, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{Store, StoreError};
use crate::cursor::Cursor;

/// Which events to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EventFilter {
    pub(crate) correlation_id: Option<String>,
    pub(crate) event_type: Option<EventType>,
    pub(crate) service: Option<String>,
    pub(crate) outcome: Option<Outcome>,
    /// The earliest timestamp.
    pub(crate) from: Option<Timestamp>,
    /// The timestamp before which all lie.
    pub(crate) to: Option<Timestamp>,
    /// Where the page before ended.
    pub(crate) after: Option<Cursor>,
    /// How many at most.
    pub(crate) limit: u16,
}

/// Some events, and where to go on if there are more.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) events: Vec<AuditEvent>,
    pub(crate) next: Option<Cursor>,
}

/// One statement, so that ids and events are stored together or not at all. Ids are inserted in order: two batches that
/// share some wait for each other instead of for ever.
const INSERT: &str = "
WITH input AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        AS row (event_id, event_timestamp, event_type, correlation_id, service, outcome, resource, event_data)
), fresh AS (
    INSERT INTO audit_event_ids (event_id) SELECT DISTINCT event_id FROM input ORDER BY event_id
    ON CONFLICT DO NOTHING RETURNING event_id
)
INSERT INTO audit_events
    (event_id, event_timestamp, event_type, correlation_id, service, outcome, resource, event_data)
SELECT DISTINCT ON (event_id) event_id, event_timestamp::timestamptz, event_type, correlation_id, service, outcome,
    resource::jsonb, event_data::jsonb
FROM input JOIN fresh USING (event_id)
RETURNING event_id";

impl Store {
    /// Stores events and returns the ids of those that were not there before.
    pub(crate) async fn insert(&self, events: &[AuditEvent]) -> Result<BTreeSet<Uuid>, StoreError> {
        self.make_months_of(events).await?;
        let column = |of: fn(&AuditEvent) -> String| events.iter().map(of).collect::<Vec<_>>();
        let query = sqlx::query_scalar::<_, Uuid>(INSERT)
            .bind(events.iter().map(|event| event.event_id).collect::<Vec<_>>())
            .bind(column(|event| event.event_timestamp.to_string()))
            .bind(column(|event| event.event_type.name().to_owned()))
            .bind(column(|event| event.correlation_id.clone()))
            .bind(column(|event| event.service.clone()))
            .bind(column(|event| event.outcome.as_str().to_owned()))
            .bind(events.iter().map(resource_text).collect::<Vec<_>>())
            .bind(column(|event| Value::Object(event.event_data.clone()).to_string()));
        let fresh = self.within_deadline(query.fetch_all(&self.pool)).await?;
        Ok(fresh.into_iter().collect())
    }

    /// Reads a page of events, newest first.
    pub(crate) async fn events(&self, filter: &EventFilter) -> Result<Page, StoreError> {
        let mut query = select(filter);
        let rows: Vec<Row> = self.while_up(query.build_query_as().fetch_all(&self.pool)).await?;
        let mut events =
            rows.into_iter().map(AuditEvent::try_from).collect::<Result<Vec<_>, _>>().map_err(StoreError::Refused)?;
        // One more than asked for was read, to know whether there is more.
        let more = events.len() > usize::from(filter.limit);
        events.truncate(usize::from(filter.limit));
        let last = events.last().filter(|_| more);
        let next = last.map(|event| Cursor { timestamp: event.event_timestamp, event_id: event.event_id });
        Ok(Page { events, next })
    }
}

fn resource_text(event: &AuditEvent) -> Option<String> {
    event.resource.as_ref().map(|resource| serde_json::json!(resource).to_string())
}

/// Only the conditions that are asked for, so that each combination gets its own plan and its own index.
fn select(filter: &EventFilter) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(
        "SELECT event_id, (extract(epoch FROM event_timestamp) * 1000000)::bigint AS micros, event_type,
            correlation_id, service, outcome, resource, event_data
        FROM audit_events WHERE true",
    );
    let texts = [
        (" AND correlation_id = ", filter.correlation_id.clone()),
        (" AND event_type = ", filter.event_type.map(|one| one.name().to_owned())),
        (" AND service = ", filter.service.clone()),
        (" AND outcome = ", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
    ];
    for (condition, text) in texts {
        if let Some(text) = text {
            query.push(condition).push_bind(text);
        }
    }
    if let Some(from) = filter.from {
        query.push(" AND event_timestamp >= ").push_bind(from.to_string()).push("::text::timestamptz");
    }
    if let Some(to) = filter.to {
        query.push(" AND event_timestamp < ").push_bind(to.to_string()).push("::text::timestamptz");
    }
    if let Some(Cursor { timestamp, event_id }) = filter.after {
        query.push(" AND (event_timestamp, event_id) < (").push_bind(timestamp.to_string());
        query.push("::text::timestamptz, ").push_bind(event_id).push(")");
    }
    query.push(" ORDER BY event_timestamp DESC, event_id DESC LIMIT ").push_bind(i64::from(filter.limit) + 1);
    query
}

#[derive(FromRow)]
struct Row {
    event_id: Uuid,
    micros: i64,
    event_type: String,
    correlation_id: String,
    service: String,
    outcome: String,
    resource: Option<Json<TargetResource>>,
    event_data: Json<Map<String, Value>>,
}

impl TryFrom<Row> for AuditEvent {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let outcome = match row.outcome.as_str() {
            "success" => Outcome::Success,
            "failure" => Outcome::Failure,
            _ => Outcome::Pending,
        };
        Ok(Self {
            event_id: row.event_id,
            event_type: row.event_type.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            event_timestamp: Timestamp::from_microsecond(row.micros).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
            correlation_id: row.correlation_id,
            service: row.service,
            outcome,
            resource: row.resource.map(|Json(resource)| resource),
            event_data: row.event_data.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_a_condition() {
        let filter = EventFilter { limit: 10, ..EventFilter::default() };
        assert!(!select(&filter).sql().as_str().contains("AND"));
        let filter = EventFilter { outcome: Some(Outcome::Failure), to: Some(Timestamp::UNIX_EPOCH), ..filter };
        let sql = select(&filter).sql().as_str().to_owned();
        assert!(sql.contains("outcome = $1 AND event_timestamp < $2::text::timestamptz ORDER"), "{sql}");
    }
}
