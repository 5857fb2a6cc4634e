//! An event is written once and read back as it was.

use anyhow::{Result, ensure};
use api::TargetResource;
use harness::eventually;
use serde_json::{Value, json};

use crate::fixture::{DEADLINE, DataStorage, EVENTS, calm, event, unique};

#[tokio::test]
async fn an_event_is_read_back_as_it_was_written() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("happy");
    let target = TargetResource { kind: "Pod".into(), namespace: Some("shop".into()), name: "web-0".into() };
    let mut written = event(&correlation_id).about(target);
    written.event_data.insert("nested".into(), json!({"list": [1, 2.5, null, true], "text": "ünïcode"}));
    store.http.post(EVENTS, &written).await?;
    assert_eq!(store.settled(&correlation_id, 1).await?, [written]);
    Ok(())
}

#[tokio::test]
async fn an_event_sent_again_is_kept_once() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("again");
    let first = event(&correlation_id);
    store.write(std::slice::from_ref(&first)).await?;
    store.settled(&correlation_id, 1).await?;
    // The same id once more: as it was, with another time (of another month, so of another partition), and in a batch
    // that holds it twice beside something new.
    let mut moved = first.clone();
    moved.event_timestamp = "2026-01-31T23:59:59.999999Z".parse()?;
    let new = event(&correlation_id);
    for batch in [vec![first.clone()], vec![moved], vec![first.clone(), new.clone(), first.clone(), new.clone()]] {
        store.write(&batch).await?;
    }
    let kept = store.settled(&correlation_id, 2).await?;
    assert_eq!(kept, [new, first], "newest first, and the first version of an event is the one that counts");
    Ok(())
}

#[tokio::test]
async fn events_of_any_month_are_kept() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("months");
    let mut events = Vec::new();
    for timestamp in ["2019-02-28T23:59:59.999999Z", "2026-12-31T23:59:59.999999Z", "2027-01-01T00:00:00Z"] {
        let mut event = event(&correlation_id);
        event.event_timestamp = timestamp.parse()?;
        events.push(event);
    }
    store.write(&events).await?;
    events.reverse();
    assert_eq!(store.settled(&correlation_id, 3).await?, events);
    Ok(())
}

#[tokio::test]
async fn the_service_tells_how_it_is_and_what_it_did() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let ready: Value = store.http.get("/readyz").await?.expect_status(200)?.json()?;
    for check in ["writes", "postgres", "redis"] {
        assert_eq!(ready["checks"][check]["ok"], true, "{ready}");
    }
    store.http.get("/livez").await?.expect_status(200)?;
    store.write(&[event(&unique("metrics"))]).await?;
    eventually(DEADLINE, "metrics of events and requests", async || {
        let text = store.http.get("/metrics").await?.expect_status(200)?.body;
        for wanted in [
            "datastorage_audit_events_total{fate=\"stored\"}",
            "http_requests_total{method=\"POST\",route=\"/api/v1/audit/events\"",
            "datastorage_postgres_up 1",
        ] {
            ensure!(text.contains(wanted), "no {wanted} in:\n{text}");
        }
        Ok(())
    })
    .await
}
