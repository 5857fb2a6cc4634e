//! Malformed events are refused with a problem that names what is wrong, and nothing of them is stored.

use anyhow::Result;
use harness::Answer;
use serde_json::{Value, json};

use crate::fixture::{DataStorage, EVENTS, calm, event, unique};

fn fields(answer: &Answer) -> Result<Vec<String>> {
    assert_eq!(answer.content_type, "application/problem+json", "{}", answer.body);
    let problem: Value = answer.json()?;
    assert_eq!(problem["status"], answer.status);
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    Ok(errors.iter().map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test]
async fn an_invalid_event_is_refused_and_the_field_named() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("invalid");
    for (path, value, wanted) in [
        ("/eventId", json!("not-a-uuid"), "eventId"),
        ("/eventType", json!("gateway.signal.invented"), "eventType"),
        ("/eventTimestamp", json!("2026-13-01T00:00:00Z"), "eventTimestamp"),
        ("/outcome", json!("splendid"), "outcome"),
        ("/service", json!(""), "service"),
        ("/eventData", json!("text"), "eventData"),
        ("/eventData/reason", json!(""), "eventData.reason"),
        ("/eventData/reason", json!("a\u{0}b"), "eventData"),
    ] {
        let mut wrong = serde_json::to_value(event(&correlation_id))?;
        if let Some(place) = wrong.pointer_mut(path) {
            *place = value;
        }
        let answer = store.http.post(EVENTS, &wrong).await?.expect_status(422)?;
        assert_eq!(fields(&answer)?, [wanted], "{path}");
    }
    assert_eq!(store.all(&correlation_id).await?, []);
    Ok(())
}

#[tokio::test]
async fn one_invalid_event_keeps_its_whole_batch_out() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("batch");
    let mut batch = vec![serde_json::to_value(event(&correlation_id))?; 3];
    batch[1]["eventData"] = json!({});
    let answer = store.http.post(EVENTS, &batch).await?.expect_status(422)?;
    assert_eq!(fields(&answer)?, ["[1].eventData.reason"]);
    assert_eq!(store.all(&correlation_id).await?, []);
    Ok(())
}

#[tokio::test]
async fn what_is_no_event_at_all_is_refused() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let too_large = vec![b' '; 5 * 1024 * 1024];
    for (content_type, body, status) in [
        ("application/json", b"{\"eventId\":".to_vec(), 400),
        ("application/json", b"[]".to_vec(), 422),
        ("application/json", b"17".to_vec(), 422),
        ("text/plain", b"{}".to_vec(), 415),
        ("application/json", too_large, 413),
    ] {
        let size = body.len();
        let answer = store.http.post_raw(EVENTS, content_type, body).await?.expect_status(status)?;
        assert_eq!(answer.content_type, "application/problem+json", "{content_type}, {size} bytes");
    }
    store.http.put(EVENTS, &json!({})).await?.expect_status(405)?;
    Ok(())
}
