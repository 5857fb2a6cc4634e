//! The task behind the audit trail: takes events from the queue, sends them in batches, retries with back-off.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use api::AuditEvent;
use reqwest::{Client, StatusCode};
use tokio::{
    sync::{Notify, mpsc},
    time::{sleep, timeout},
};

use super::{AuditConfig, AuditMetrics};

const BATCH: usize = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends events until told to finish. What it still holds when dropped is logged as lost.
#[derive(Debug)]
pub(super) struct Sender {
    config: AuditConfig,
    client: Client,
    events: mpsc::Receiver<AuditEvent>,
    metrics: AuditMetrics,
    batch: VecDeque<AuditEvent>,
}

/// What the store said to a batch.
enum Answer {
    /// It has it.
    Taken,
    /// It will never take it as it is.
    Refused(String),
    /// Another time, perhaps.
    NotNow(String),
}

impl Sender {
    pub(super) fn new(
        config: AuditConfig,
        events: mpsc::Receiver<AuditEvent>,
        metrics: AuditMetrics,
    ) -> anyhow::Result<Self> {
        // A connection that is kept may lead to a place where a Service no longer is, or was not yet; batches are few.
        let client = Client::builder().timeout(REQUEST_TIMEOUT).pool_max_idle_per_host(0).build()?;
        Ok(Self { config, client, events, metrics, batch: VecDeque::new() })
    }

    pub(super) async fn run(mut self, finish: Arc<Notify>) -> Self {
        loop {
            tokio::select! {
                biased;
                () = finish.notified(), if !self.events.is_closed() => self.events.close(),
                taken = self.events.recv() => match taken {
                    Some(event) => {
                        self.batch.push_back(event);
                        self.collect().await;
                        self.deliver(&finish).await;
                    }
                    None => return self,
                },
            }
        }
    }

    /// Fills the batch, waiting a moment for stragglers.
    async fn collect(&mut self) {
        let fill = async {
            while self.batch.len() < BATCH {
                let Some(event) = self.events.recv().await else { return };
                self.batch.push_back(event);
            }
        };
        // Running into the time limit is the usual end of a batch. No event is lost by it: `recv` is cancel safe.
        let _ = timeout(self.config.interval, fill).await;
    }

    async fn deliver(&mut self, finish: &Notify) {
        let mut pause = FIRST_PAUSE;
        let mut size = self.batch.len();
        while !self.batch.is_empty() {
            size = size.min(self.batch.len());
            match self.send(size).await {
                Answer::Taken => {
                    self.metrics.delivered.inc_by(size as u64);
                    self.batch.drain(..size);
                    pause = FIRST_PAUSE;
                }
                // The store refuses a batch as a whole; one at a time, only the bad ones are left behind.
                Answer::Refused(_) if size > 1 => size = 1,
                Answer::Refused(reason) => {
                    if let Some(event) = self.batch.pop_front() {
                        self.metrics.lose(&event, &reason);
                    }
                }
                Answer::NotNow(reason) => {
                    self.metrics.retries.inc();
                    tracing::warn!(reason, waiting = self.batch.len() + self.events.len(), "audit store not available");
                    // A request to finish cuts the pause short, once: the store may well be there again.
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = finish.notified(), if !self.events.is_closed() => self.events.close(),
                    }
                    pause = (pause * 2).min(self.config.max_pause);
                }
            }
        }
    }

    async fn send(&mut self, size: usize) -> Answer {
        let events = &self.batch.make_contiguous()[..size];
        let url = format!("{}/api/v1/audit/events", self.config.url);
        let response = match self.client.post(url).json(events).send().await {
            Ok(response) => response,
            Err(error) => return Answer::NotNow(error.to_string()),
        };
        let status = response.status();
        if status.is_success() {
            return Answer::Taken;
        }
        let reason = format!("{status}: {}", response.text().await.unwrap_or_default());
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::REQUEST_TIMEOUT
        {
            Answer::Refused(reason)
        } else {
            Answer::NotNow(reason)
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.events.close();
        while let Ok(event) = self.events.try_recv() {
            self.batch.push_back(event);
        }
        for event in &self.batch {
            self.metrics.lose(event, "the grace period is over");
        }
    }
}
