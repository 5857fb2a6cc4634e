//! Writers that go on until they are told to stop, for tests that take something away meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use api::AuditEvent;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use crate::fixture::{DEADLINE, DataStorage, EVENTS, event};

/// An event that the service acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct Acknowledged {
    pub id: Uuid,
    /// The status of the answer: 201 stored, 202 queued, 200 known from a try that was not answered.
    pub status: u16,
}

/// How long a writer waits for an answer, and then before it tries again.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(50);

/// Writers at work.
pub struct Writers {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Result<Vec<Acknowledged>>>,
}

impl Writers {
    /// Starts `count` writers, each of which writes one event after the other.
    pub fn start(store: &DataStorage, correlation_id: &str, count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let (store, correlation_id, stop) = (store.clone(), correlation_id.to_owned(), stop.clone());
            tasks.spawn(async move {
                let mut acknowledged = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    acknowledged.push(insist(&store, event(&correlation_id)).await?);
                }
                Ok(acknowledged)
            });
        }
        Self { stop, tasks }
    }

    /// Lets each finish the event it is about, and returns every one that was acknowledged.
    pub async fn stop(mut self) -> Result<Vec<Acknowledged>> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        while let Some(writer) = self.tasks.join_next().await {
            all.extend(writer.context("a writer panicked")??);
        }
        ensure!(!all.is_empty(), "nothing was written at all");
        Ok(all)
    }
}

/// Sends an event until it is acknowledged. A connection that breaks is tried again, as any client would; an answer that
/// says no is not, because the service has no reason to give one.
async fn insist(store: &DataStorage, event: AuditEvent) -> Result<Acknowledged> {
    let end = Instant::now() + DEADLINE;
    loop {
        // A pod that is gone answers nothing, not even that it is gone.
        let answer = timeout(PATIENCE, store.http.post(EVENTS, &event)).await;
        match answer.unwrap_or_else(|_| Err(anyhow!("no answer within {PATIENCE:?}"))) {
            Ok(answer) if (200..=202).contains(&answer.status) => {
                return Ok(Acknowledged { id: event.event_id, status: answer.status });
            }
            Ok(answer) => bail!("{}: {} {}", answer.request, answer.status, answer.body),
            Err(error) if Instant::now() >= end => return Err(error),
            Err(_) => sleep(PAUSE).await,
        }
    }
}
