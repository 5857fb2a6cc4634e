//! `PostgreSQL`: audit events and the workflow catalog. Knows nothing of HTTP or Redis.
//!
//! Every statement has a deadline, because a database whose pod is gone does not refuse: it falls silent.

mod events;
mod failure;
mod months;
mod workflows;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgPool,
    migrate::Migrator,
    postgres::{PgPoolOptions, PgQueryResult},
};

pub(crate) use events::EventFilter;
pub(crate) use failure::StoreError;
use months::KnownMonths;
pub(crate) use workflows::{Registered, SearchKey, WorkflowRow};

use crate::settings::Settings;

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!();

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    deadline: Duration,
    up: Arc<AtomicBool>,
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
        Self { pool, deadline, up: Arc::new(AtomicBool::new(false)), months: KnownMonths::default() }
    }

    /// Whether the database took part in the last thing that was tried with it.
    pub(crate) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    pub(crate) fn set_up(&self, state: Availability) {
        self.up.store(state == Availability::Up, Ordering::Relaxed);
    }

    /// Asks whether the database answers and has the schema that this program was built with (or a later one).
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        let wanted = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default();
        let query = sqlx::query_scalar::<_, Option<i64>>("SELECT max(version) FROM _sqlx_migrations WHERE success");
        let found = self.within_deadline(query.fetch_one(&self.pool)).await?.unwrap_or_default();
        if found < wanted {
            return Err(StoreError::Unavailable(format!(
                "the schema is at version {found}, version {wanted} is needed"
            )));
        }
        Ok(())
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
