//! Where an event goes: into `PostgreSQL` if it takes it, else into Redis. The only place that decides this.

use std::collections::BTreeSet;

use api::AuditEvent;
use uuid::Uuid;

use crate::{
    state::AppState,
    store::{Availability, StoreError},
};

/// What became of valid events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// They are in `PostgreSQL`; so many of them were not there before.
    Stored {
        /// How many are new.
        fresh: usize,
    },
    /// They wait in Redis and will be in `PostgreSQL` later.
    Queued,
}

/// Why valid events were not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAccepted {
    /// Neither store can be used now.
    #[error("neither PostgreSQL nor Redis can take audit events")]
    NoStore,
    /// `PostgreSQL` will never take them.
    #[error("PostgreSQL refused the events")]
    Refused(#[source] StoreError),
}

/// Accepts events, all or none. Afterwards they are in one of the stores, or the caller is told that they are not.
pub(crate) async fn accept(state: &AppState, events: &[AuditEvent]) -> Result<Accepted, NotAccepted> {
    // While the database is known to be down, asking it would only make every client wait.
    if state.store.is_up() {
        match insert_while_up(state, events).await {
            Ok(fresh) => {
                let fresh = fresh.len();
                state.metrics.count("stored", fresh);
                state.metrics.count("known", events.len() - fresh);
                return Ok(Accepted::Stored { fresh });
            }
            Err(error) if error.is_temporary() => {
                tracing::warn!(%error, events = events.len(), "storing failed, trying the queue");
                if error.means_down() {
                    state.store.set(Availability::Down);
                }
            }
            Err(error) => {
                tracing::error!(?error, events = events.len(), "storing failed for good");
                state.metrics.count("refused", events.len());
                return Err(NotAccepted::Refused(error));
            }
        }
    }
    match state.dead_letters.push(events).await {
        Ok(()) => {
            state.metrics.count("queued", events.len());
            Ok(Accepted::Queued)
        }
        Err(error) => {
            tracing::error!(%error, events = events.len(), "queueing failed");
            state.metrics.count("unavailable", events.len());
            Err(NotAccepted::NoStore)
        }
    }
}

/// Gives up as soon as the database is known to be down: the pool would go on trying to connect until its time is up.
/// Should the events have been stored after all, the queue's copies of them will be recognised by their ids.
async fn insert_while_up(state: &AppState, events: &[AuditEvent]) -> Result<BTreeSet<Uuid>, StoreError> {
    tokio::select! {
        biased;
        inserted = state.store.insert(events) => inserted,
        () = state.store.went_down() => Err(StoreError::Unavailable("it just went down".to_owned())),
    }
}
