//! Each way in which an event can be wrong, and that a right one reads back as it was.

use serde_json::json;

use super::*;

fn right() -> Value {
    json!({
        "eventId": "0197a000-0000-7000-8000-000000000001",
        "eventType": "signalprocessing.phase.changed",
        "eventTimestamp": "2026-11-20T10:00:00.123456Z",
        "correlationId": "rr-1",
        "service": "signalprocessing",
        "outcome": "success",
        "resource": {"kind": "Pod", "namespace": "shop", "name": "web-0"},
        "eventData": {"signalProcessing": "sp-1", "from": "Pending", "to": "Enriching", "extra": [1]}
    })
}

fn fields(value: &Value) -> Vec<String> {
    parse(value).unwrap_err().into_iter().map(|violation| violation.field).collect()
}

#[test]
fn a_right_event_reads_back_as_it_was() {
    let event = parse(&right()).unwrap();
    assert_eq!(serde_json::to_value(&event).unwrap(), right());
    assert_eq!(event.check(), Ok(()));
}

#[test]
fn each_wrong_field_is_named() {
    let long = "x".repeat(MAX_TEXT + 1);
    for (path, value, wanted) in [
        ("/eventId", json!("17"), "eventId"),
        ("/eventId", Value::Null, "eventId"),
        ("/eventType", json!("gateway.signal.invented"), "eventType"),
        ("/eventTimestamp", json!("yesterday"), "eventTimestamp"),
        ("/eventTimestamp", json!(1_700_000_000), "eventTimestamp"),
        ("/correlationId", json!(""), "correlationId"),
        ("/correlationId", json!(long), "correlationId"),
        ("/service", json!("a\0b"), "service"),
        ("/outcome", json!("good"), "outcome"),
        ("/resource", json!({"kind": "Pod"}), "resource"),
        ("/resource/name", json!("a\0b"), "resource"),
        ("/eventData", json!([]), "eventData"),
        ("/eventData/from", json!(""), "eventData.from"),
        ("/eventData/to", json!(7), "eventData.to"),
        ("/eventData/extra", json!([{"deep": "\0"}]), "eventData"),
    ] {
        let mut event = right();
        *event.pointer_mut(path).unwrap() = value.clone();
        assert_eq!(fields(&event), [wanted], "{path} = {value}");
    }
}

#[test]
fn all_violations_are_found_at_once() {
    let event = json!({"eventType": "gateway.crd.created", "eventData": {}, "colour": "red"});
    assert_eq!(
        fields(&event),
        ["colour", "eventId", "eventTimestamp", "correlationId", "service", "outcome"],
        "the payload cannot be judged before the event has its types"
    );
    let mut event = right();
    event["eventData"] = json!({});
    assert_eq!(fields(&event), ["eventData.signalProcessing", "eventData.from", "eventData.to"]);
}

#[test]
fn something_else_than_an_object_is_wrong_as_a_whole() {
    assert_eq!(fields(&json!("event")), [""]);
}

#[test]
fn every_required_field_of_every_type_is_enforced() {
    for event_type in EventType::ALL {
        let mut whole = right();
        whole["eventType"] = json!(event_type.name());
        let data: Map<String, Value> =
            event_type.required().iter().map(|field| (field.name.to_owned(), sample(field.kind))).collect();
        whole["eventData"] = Value::Object(data.clone());
        assert!(parse(&whole).is_ok(), "{event_type}");
        for field in event_type.required() {
            let mut without = data.clone();
            without.remove(field.name);
            whole["eventData"] = Value::Object(without);
            assert_eq!(fields(&whole), [format!("eventData.{}", field.name)], "{event_type}");
        }
    }
}

#[test]
fn timestamps_are_cut_to_what_the_store_keeps() {
    let mut event = right();
    event["eventTimestamp"] = json!("2026-11-20T10:00:00.123456789Z");
    assert_eq!(parse(&event).unwrap().event_timestamp.to_string(), "2026-11-20T10:00:00.123456Z");
}

fn sample(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!("x"),
        Kind::Number => json!(1),
        Kind::Flag => json!(false),
        Kind::List => json!([]),
    }
}
