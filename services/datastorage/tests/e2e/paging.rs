//! Reading page by page, and only what is asked for.

use anyhow::{Result, ensure};
use api::{AuditEvent, EventType, Outcome};
use jiff::{SignedDuration, Timestamp};

use crate::fixture::{DataStorage, EVENTS, calm, event, event_of, unique};

/// Events of which three at a time share a timestamp, newest first.
fn in_threes(correlation_id: &str, count: u8) -> Result<Vec<AuditEvent>> {
    let start: Timestamp = "2026-11-20T10:00:00Z".parse()?;
    let mut events = Vec::new();
    for number in 0..count {
        let mut event = event(correlation_id);
        event.event_timestamp = start.checked_add(SignedDuration::from_micros(i64::from(number / 3)))?;
        events.push(event);
    }
    events.sort_by_key(|event| std::cmp::Reverse((event.event_timestamp, event.event_id)));
    Ok(events)
}

#[tokio::test]
async fn pages_hold_every_event_once_in_order_whatever_is_written_meanwhile() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("pages");
    let wanted = in_threes(&correlation_id, 25)?;
    store.write(&wanted).await?;
    store.settled(&correlation_id, 25).await?;
    let (mut read, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = store.page(&format!("correlationId={correlation_id}&limit=7{cursor}")).await?;
        sizes.push(page.events.len());
        read.extend(page.events);
        // Newer events while somebody reads must not push the older ones to another page.
        store.write(&[event(&correlation_id)]).await?;
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        ensure!(sizes.len() < 10, "there is no end to the pages: {sizes:?}");
    }
    assert_eq!(sizes, [7, 7, 7, 4]);
    assert_eq!(read, wanted);
    Ok(())
}

#[tokio::test]
async fn a_last_page_that_is_full_has_no_next() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("full");
    store.write(&in_threes(&correlation_id, 6)?).await?;
    store.settled(&correlation_id, 6).await?;
    let page = store.page(&format!("correlationId={correlation_id}&limit=6")).await?;
    assert_eq!((page.events.len(), page.next_cursor), (6, None));
    Ok(())
}

#[tokio::test]
async fn filters_narrow_what_is_read() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("filters");
    let at = |event: AuditEvent, text: &str| -> Result<AuditEvent> {
        Ok(AuditEvent { event_timestamp: text.parse()?, ..event })
    };
    let early = at(event(&correlation_id), "2026-11-20T10:00:00Z")?;
    let mut failed = at(event(&correlation_id), "2026-11-20T11:00:00Z")?;
    failed.outcome = Outcome::Failure;
    let sent = at(event_of(EventType::NotificationSent, &correlation_id), "2026-11-20T12:00:00Z")?;
    store.write(&[early.clone(), failed.clone(), sent.clone()]).await?;
    store.settled(&correlation_id, 3).await?;
    for (query, wanted) in [
        ("", vec![&sent, &failed, &early]),
        ("&service=notification", vec![&sent]),
        ("&service=gateway", vec![&failed, &early]),
        ("&eventType=gateway.signal.rejected&outcome=success", vec![&early]),
        ("&outcome=failure", vec![&failed]),
        ("&from=2026-11-20T11:00:00Z", vec![&sent, &failed]),
        ("&to=2026-11-20T11:00:00Z", vec![&early]),
        ("&from=2026-11-20T11:00:00Z&to=2026-11-20T12:00:00Z&service=gateway", vec![&failed]),
        ("&outcome=pending", vec![]),
    ] {
        let page = store.page(&format!("correlationId={correlation_id}{query}")).await?;
        assert_eq!(page.events.iter().collect::<Vec<_>>(), wanted, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    for query in ["limit=0", "limit=1001", "cursor=abc", "from=yesterday", "outcome=good", "eventType=x"] {
        let answer = store.http.get(&format!("{EVENTS}?{query}")).await?.expect_status(422)?;
        assert_eq!(answer.content_type, "application/problem+json", "{query}");
        let name = query.split('=').next().unwrap_or_default();
        assert!(answer.body.contains(&format!("\"field\":\"{name}\"")), "{query}: {}", answer.body);
    }
    Ok(())
}
