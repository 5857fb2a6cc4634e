//! What makes an audit event valid. Pure, and complete: every violation is found, not only the first.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    event::{AuditEvent, Outcome, to_micros},
    table::{EventType, Kind},
};
use crate::resources::reference::TargetResource;

/// The longest correlation id and service name, in bytes.
pub const MAX_TEXT: usize = 255;

/// One thing that is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `eventData.from`.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

const KNOWN: &[&str] =
    &["eventId", "eventType", "eventTimestamp", "correlationId", "service", "outcome", "resource", "eventData"];

/// Reads an event, or says everything that is wrong with it.
pub fn parse(value: &Value) -> Result<AuditEvent, Vec<Violation>> {
    let Some(object) = value.as_object() else {
        return Err(vec![violation("", "must be an object")]);
    };
    let mut wrong = Vec::new();
    for name in object.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        wrong.push(violation(name, "is not a field of an audit event"));
    }
    let event_id = read(object, "eventId", &mut wrong, |text| text.parse::<Uuid>().map_err(|error| error.to_string()));
    let event_type =
        read(object, "eventType", &mut wrong, |text| text.parse::<EventType>().map_err(|error| error.to_string()));
    let timestamp =
        read(object, "eventTimestamp", &mut wrong, |text| text.parse::<Timestamp>().map_err(|e| e.to_string()));
    let correlation_id = read(object, "correlationId", &mut wrong, |text| Ok(text.to_owned()));
    let service = read(object, "service", &mut wrong, |text| Ok(text.to_owned()));
    let outcome = read(object, "outcome", &mut wrong, parse_outcome);
    let resource = match object.get("resource").filter(|value| !value.is_null()) {
        None => None,
        Some(value) => serde_json::from_value::<TargetResource>(value.clone())
            .inspect_err(|error| wrong.push(violation("resource", &error.to_string())))
            .ok(),
    };
    let data = object.get("eventData").and_then(Value::as_object).cloned();
    if data.is_none() {
        wrong.push(violation("eventData", "must be an object"));
    }
    let (
        Some(event_id),
        Some(event_type),
        Some(timestamp),
        Some(correlation_id),
        Some(service),
        Some(outcome),
        Some(event_data),
    ) = (event_id, event_type, timestamp, correlation_id, service, outcome, data)
    else {
        return Err(wrong);
    };
    let event_timestamp = to_micros(timestamp);
    let event =
        AuditEvent { event_id, event_type, event_timestamp, correlation_id, service, outcome, resource, event_data };
    if let Err(more) = check(&event) {
        wrong.extend(more);
    }
    if wrong.is_empty() { Ok(event) } else { Err(wrong) }
}

/// Checks an event that already has its types: lengths, and the payload against the table.
pub(super) fn check(event: &AuditEvent) -> Result<(), Vec<Violation>> {
    let mut wrong = Vec::new();
    for (field, text) in [("correlationId", &event.correlation_id), ("service", &event.service)] {
        if text.is_empty() || text.len() > MAX_TEXT {
            wrong.push(violation(field, &format!("must have 1 to {MAX_TEXT} bytes")));
        }
        if text.contains('\0') {
            wrong.push(violation(field, NUL));
        }
    }
    if event.resource.as_ref().is_some_and(|resource| resource.to_string().contains('\0')) {
        wrong.push(violation("resource", NUL));
    }
    for field in event.event_type.required() {
        let path = format!("eventData.{}", field.name);
        match event.event_data.get(field.name) {
            None => wrong.push(violation(&path, &format!("is required for {}", event.event_type))),
            Some(value) => {
                if let Some(detail) = misfit(value, field.kind) {
                    wrong.push(violation(&path, detail));
                }
            }
        }
    }
    if event.event_data.iter().any(|(name, value)| name.contains('\0') || has_nul(value)) {
        wrong.push(violation("eventData", NUL));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// PostgreSQL can keep U+0000 neither in text nor in JSONB; refused here, it is the client's error and not the store's.
const NUL: &str = "must not contain the character U+0000";

fn read<T>(
    object: &Map<String, Value>,
    name: &str,
    wrong: &mut Vec<Violation>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let parsed = match object.get(name) {
        None | Some(Value::Null) => Err("is required".to_owned()),
        Some(Value::String(text)) => parse(text),
        Some(_) => Err("must be a string".to_owned()),
    };
    parsed.map_err(|detail| wrong.push(violation(name, &detail))).ok()
}

fn parse_outcome(text: &str) -> Result<Outcome, String> {
    [Outcome::Success, Outcome::Failure, Outcome::Pending]
        .into_iter()
        .find(|outcome| outcome.as_str() == text)
        .ok_or_else(|| "must be success, failure or pending".to_owned())
}

fn misfit(value: &Value, kind: Kind) -> Option<&'static str> {
    let fits = match kind {
        Kind::Text => value.as_str().is_some_and(|text| !text.is_empty()),
        Kind::Number => value.is_number(),
        Kind::Flag => value.is_boolean(),
        Kind::List => value.is_array(),
    };
    let detail = match kind {
        Kind::Text => "must be a string that is not empty",
        Kind::Number => "must be a number",
        Kind::Flag => "must be true or false",
        Kind::List => "must be an array",
    };
    (!fits).then_some(detail)
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn violation(field: &str, detail: &str) -> Violation {
    Violation { field: field.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests;
