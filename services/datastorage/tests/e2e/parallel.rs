//! More writers than there are connections to the database.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use tokio::task::JoinSet;

use crate::fixture::{DataStorage, EVENTS, calm, event, unique};

const WRITERS: usize = 50;
const EVENTS_EACH: usize = 20;

#[tokio::test]
async fn fifty_parallel_writers_get_no_server_error_and_lose_nothing() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let correlation_id = unique("parallel");
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, correlation_id) = (store.clone(), correlation_id.clone());
        writers.spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..EVENTS_EACH {
                let event = event(&correlation_id);
                let answer = store.http.post(EVENTS, &event).await?;
                assert!((201..=202).contains(&answer.status), "{} {}", answer.status, answer.body);
                ids.push(event.event_id);
            }
            anyhow::Ok(ids)
        });
    }
    let mut written = BTreeSet::new();
    while let Some(ids) = writers.join_next().await {
        written.extend(ids.context("a writer failed")??);
    }
    let read = store.settled(&correlation_id, WRITERS * EVENTS_EACH).await?;
    assert_eq!(read.iter().map(|event| event.event_id).collect::<BTreeSet<_>>(), written);
    Ok(())
}
