//! Every type of the event table goes through the store and comes back.

use anyhow::Result;
use api::EventType;

use crate::fixture::{DataStorage, by_id, calm, event_of, unique};

#[tokio::test]
async fn each_event_type_round_trips() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("types");
    let events: Vec<_> = EventType::ALL.iter().map(|one| event_of(*one, &correlation_id)).collect();
    store.write(&events).await?;
    let read = store.settled(&correlation_id, events.len()).await?;
    assert_eq!(by_id(read), by_id(events.clone()));
    for event in events {
        let found = store.page(&format!("correlationId={correlation_id}&eventType={}", event.event_type)).await?;
        assert_eq!(found.events, [event]);
    }
    Ok(())
}
