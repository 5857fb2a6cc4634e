//! `/api/v1/audit/events`.

use api::{AuditEvent, EventType, Outcome, audit};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use kit::problem::{FieldError, JsonBody, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    intake::{self, Accepted, NotAccepted},
    state::AppState,
    store::EventFilter,
};

/// The most events in one request.
const MAX_BATCH: usize = 500;
/// The most events on one page.
const MAX_PAGE: u16 = 1000;
const DEFAULT_PAGE: u16 = 100;

/// The query of a reader, as it comes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadQuery {
    correlation_id: Option<String>,
    event_type: Option<String>,
    service: Option<String>,
    outcome: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadAnswer {
    events: Vec<AuditEvent>,
    /// Where to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Takes one event or an array of them. 201: stored; 200: all of them were known; 202: waiting in Redis. All or none.
pub(super) async fn write(State(state): State<AppState>, JsonBody(body): JsonBody<Value>) -> Result<Response, Problem> {
    let events = match &body {
        Value::Array(items) => read_batch(items),
        one => audit::parse(one).map(|event| vec![event]).map_err(|wrong| located("", wrong)),
    };
    let events = events.map_err(|errors| {
        state.metrics.count("invalid", 1);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-event", "The audit event is not valid")
            .detail("nothing was stored")
            .errors(errors)
    })?;
    let accepted = intake::accept(&state, &events).await.map_err(|error| match error {
        NotAccepted::NoStore => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-store", "No store can take audit events now")
                .detail(error.to_string())
                .retry_after(2)
        }
        NotAccepted::Refused(cause) => Problem::from(cause),
    })?;
    let (status, word, fresh) = match accepted {
        Accepted::Stored { fresh: 0 } => (StatusCode::OK, "known", 0),
        Accepted::Stored { fresh } => (StatusCode::CREATED, "stored", fresh),
        Accepted::Queued => (StatusCode::ACCEPTED, "queued", events.len()),
    };
    Ok((status, Json(json!({"status": word, "accepted": events.len(), "new": fresh}))).into_response())
}

/// Reads events, newest first. Events that wait in Redis are not seen yet.
pub(super) async fn read(
    State(state): State<AppState>,
    query: Result<Query<ReadQuery>, QueryRejection>,
) -> Result<Json<impl Serialize>, Problem> {
    let Query(query) = query?;
    let filter = filter(query).map_err(|errors| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-query", "The query is not valid").errors(errors)
    })?;
    let page = state.store.events(&filter).await?;
    Ok(Json(ReadAnswer { events: page.events, next_cursor: page.next.map(|cursor| cursor.to_string()) }))
}

fn read_batch(items: &[Value]) -> Result<Vec<AuditEvent>, Vec<FieldError>> {
    if items.is_empty() || items.len() > MAX_BATCH {
        let detail = format!("must hold 1 to {MAX_BATCH} events");
        return Err(vec![FieldError { field: String::new(), detail }]);
    }
    let mut events = Vec::with_capacity(items.len());
    let mut errors = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match audit::parse(item) {
            Ok(event) => events.push(event),
            Err(wrong) => errors.extend(located(&format!("[{index}]"), wrong)),
        }
    }
    if errors.is_empty() { Ok(events) } else { Err(errors) }
}

fn located(prefix: &str, wrong: Vec<audit::Violation>) -> Vec<FieldError> {
    let path = |field: String| match (prefix, field.as_str()) {
        ("", _) => field,
        (_, "") => prefix.to_owned(),
        _ => format!("{prefix}.{field}"),
    };
    wrong.into_iter().map(|one| FieldError { field: path(one.field), detail: one.detail }).collect()
}

fn filter(query: ReadQuery) -> Result<EventFilter, Vec<FieldError>> {
    let mut errors = Vec::new();
    let filter = EventFilter {
        event_type: read_as(&mut errors, "eventType", query.event_type, |text| text.parse::<EventType>().ok()),
        outcome: read_as(&mut errors, "outcome", query.outcome, |text| {
            [Outcome::Success, Outcome::Failure, Outcome::Pending].into_iter().find(|one| one.as_str() == text)
        }),
        from: read_as(&mut errors, "from", query.from, |text| text.parse::<Timestamp>().ok()),
        to: read_as(&mut errors, "to", query.to, |text| text.parse::<Timestamp>().ok()),
        after: read_as(&mut errors, "cursor", query.cursor, |text| text.parse().ok()),
        limit: read_as(&mut errors, "limit", query.limit, |text| {
            text.parse::<u16>().ok().filter(|limit| (1..=MAX_PAGE).contains(limit))
        })
        .unwrap_or(DEFAULT_PAGE),
        correlation_id: read_as(&mut errors, "correlationId", query.correlation_id, text_of),
        service: read_as(&mut errors, "service", query.service, text_of),
    };
    if errors.is_empty() { Ok(filter) } else { Err(errors) }
}

/// `PostgreSQL` cannot compare with U+0000; nothing stored holds it.
fn text_of(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| text.to_owned())
}

fn read_as<T>(
    errors: &mut Vec<FieldError>,
    field: &'static str,
    text: Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let text = text?;
    let parsed = parse(&text);
    if parsed.is_none() {
        let detail = match field {
            "limit" => format!("must be a number from 1 to {MAX_PAGE}"),
            "from" | "to" => "must be an RFC 3339 timestamp".to_owned(),
            "outcome" => "must be success, failure or pending".to_owned(),
            "eventType" => "is no known event type".to_owned(),
            "cursor" => crate::cursor::NotACursor.to_string(),
            _ => "must not contain the character U+0000".to_owned(),
        };
        errors.push(FieldError { field: field.to_owned(), detail });
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_part_of_a_query_is_named() {
        let text = |value: &str| Some(value.to_owned());
        let query = ReadQuery {
            event_type: text("x"),
            outcome: text("good"),
            from: text("now"),
            to: text("then"),
            limit: text("1001"),
            cursor: text("?"),
            ..ReadQuery::default()
        };
        let mut fields: Vec<_> = filter(query).unwrap_err().into_iter().map(|error| error.field).collect();
        fields.sort();
        assert_eq!(fields, ["cursor", "eventType", "from", "limit", "outcome", "to"]);
    }

    #[test]
    fn an_empty_query_asks_for_the_newest() {
        let wanted = EventFilter { limit: DEFAULT_PAGE, ..EventFilter::default() };
        assert_eq!(filter(ReadQuery::default()), Ok(wanted));
    }
}
