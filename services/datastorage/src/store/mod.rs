//! `PostgreSQL`: audit events and the workflow catalog. Knows nothing of HTTP or Redis.
//!
//! Every statement has a deadline, because a database whose pod is gone does not refuse: it falls silent.

mod events;
mod failure;
mod months;
mod probe;
mod workflows;

use std::time::Duration;

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgPoolOptions, PgQueryResult},
};

pub(crate) use events::EventFilter;
pub(crate) use failure::StoreError;
use months::KnownMonths;
use probe::Probe;
use tokio::sync::watch;
pub(crate) use workflows::{Registered, SearchKey, WorkflowRow};

use crate::settings::Settings;

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!();

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    deadline: Duration,
    availability: watch::Sender<Availability>,
    probe: Probe,
    months: KnownMonths,
}

impl Store {
    /// Prepares a pool; nothing is connected yet.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(settings.pool_size)
            .acquire_timeout(settings.pool_wait)
            .connect_lazy_with(settings.postgres.clone());
        let deadline = settings.pool_wait + settings.statement_timeout;
        let probe = Probe::new(settings.postgres.clone(), settings.statement_timeout);
        let (availability, _) = watch::channel(Availability::Down);
        Self { pool, deadline, availability, probe, months: KnownMonths::default() }
    }

    /// Whether the database took part in the last thing that was tried with it.
    pub(crate) fn is_up(&self) -> bool {
        *self.availability.borrow() == Availability::Up
    }

    pub(crate) fn set(&self, availability: Availability) {
        self.availability.send_replace(availability);
    }

    /// Returns once the database is known to be down; at once if it already is.
    pub(crate) async fn went_down(&self) {
        // This end keeps the channel open, so waiting cannot fail.
        let _ = self.availability.subscribe().wait_for(|state| *state == Availability::Down).await;
    }

    /// Asks whether the database answers and has the schema that this program was built with (or a later one).
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        self.probe.ask().await
    }

    /// Brings the schema up to date. Concurrent calls wait for each other in the database.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATOR.run(&self.pool).await.map_err(StoreError::from)
    }

    /// Open connections, and how many of them nobody uses.
    pub(crate) fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// For what a client waits for: gives up as soon as the database is known to be down, because the pool would go on
    /// trying to connect until its time is up.
    async fn while_up<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
        tokio::select! {
            biased;
            done = self.within_deadline(work) => done,
            () = self.went_down() => Err(StoreError::Unavailable("it went down, or was not up yet".to_owned())),
        }
    }

    async fn within_deadline<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
        match tokio::time::timeout(self.deadline, work).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(StoreError::Silent),
        }
    }
}

/// Whether a store can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// It took part in the last thing that was tried with it.
    Up,
    /// It did not.
    Down,
}

/// Whether a statement changed anything.
fn changed(result: &PgQueryResult) -> bool {
    result.rows_affected() > 0
}
