//! Watches both stores, says so in the health checks, and moves events from Redis to `PostgreSQL` when that is back.
//!
//! What ready means here: *an audit event that is sent now will be kept*. That is so while `PostgreSQL` takes it; and also
//! while `PostgreSQL` is away, as long as Redis takes it, because a service that is not ready gets no traffic and could
//! not accept anything. But a system that never had its schema is not set up, so Redis alone makes nobody ready before
//! the schema was seen once, by any replica; Redis itself remembers that. The checks `postgres` and `redis` are for
//! reading only.

use std::time::Duration;

use jiff::Timestamp;
use kit::{
    health::{Check, Health, Role},
    shutdown::Shutdown,
};

use crate::{deadletter::Letter, state::AppState, store::Availability};

const DRAIN_BATCH: usize = 200;

/// The health checks of this service.
#[derive(Debug)]
pub struct Checks {
    writes: Check,
    postgres: Check,
    redis: Check,
}

impl Checks {
    /// Adds the checks; only `writes` decides.
    #[must_use]
    pub fn register(health: &Health) -> Self {
        Self {
            writes: health.check("writes", Role::Gate),
            postgres: health.check("postgres", Role::Note),
            redis: health.check("redis", Role::Note),
        }
    }
}

/// Watches and drains until the service ends.
pub async fn supervise(state: AppState, checks: Checks, interval: Duration, shutdown: Shutdown) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.requested() => return,
        }
        let outlook = look(&state).await;
        outlook.tell(&checks);
        if outlook.postgres.is_ok() && outlook.waiting.as_ref().is_ok_and(|waiting| *waiting > 0) {
            // Cut off by a request to end, it leaves what is not stored where it is.
            tokio::select! {
                () = drain(&state) => {}
                () = shutdown.requested() => return,
            }
        }
    }
}

/// What the stores look like at the moment.
struct Outlook {
    postgres: Result<(), String>,
    /// How many events wait in Redis, if it answers.
    waiting: Result<usize, String>,
    schema_seen: bool,
}

impl Outlook {
    fn writes(&self) -> Result<(), String> {
        match (&self.postgres, &self.waiting, self.schema_seen) {
            (Ok(()), _, _) | (Err(_), Ok(_), true) => Ok(()),
            (Err(postgres), Ok(_), false) => Err(format!("{postgres}; and the schema has never been seen")),
            (Err(postgres), Err(redis), _) => Err(format!("{postgres}; {redis}")),
        }
    }

    fn tell(&self, checks: &Checks) {
        let say = |check: &Check, result: Result<(), String>| match result {
            Ok(()) => check.pass(),
            Err(reason) => check.fail(reason),
        };
        say(&checks.postgres, self.postgres.clone());
        say(&checks.redis, self.waiting.clone().map(|_| ()));
        say(&checks.writes, self.writes());
    }
}

async fn look(state: &AppState) -> Outlook {
    let (postgres, waiting) = tokio::join!(look_at_postgres(state), state.dead_letters.len());
    let schema_seen = match (&postgres, &waiting) {
        (_, Err(_)) => false,
        (Ok(()), Ok(_)) => state.dead_letters.remember_schema().await.is_ok(),
        (Err(_), Ok(_)) => state.dead_letters.schema_was_seen().await.unwrap_or(false),
    };
    if let Ok(waiting) = waiting {
        state.metrics.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }
    let (connections, idle) = state.store.connections();
    state.metrics.pool_connections.set(connections.into());
    state.metrics.pool_idle.set(i64::try_from(idle).unwrap_or(i64::MAX));
    Outlook { postgres, waiting: waiting.map_err(|error| format!("Redis cannot be used: {error}")), schema_seen }
}

async fn look_at_postgres(state: &AppState) -> Result<(), String> {
    let was_up = state.store.is_up();
    let result = state.store.probe().await;
    match &result {
        Ok(()) if !was_up => {
            tracing::info!("PostgreSQL is there, with its schema");
            state.store.forget_months();
            if let Err(error) = state.store.make_usual_months(Timestamp::now()).await {
                tracing::warn!(%error, "partitions could not be made ahead");
            }
        }
        Err(error) if was_up => tracing::warn!(%error, "PostgreSQL is away; audit events go to Redis"),
        _ => {}
    }
    state.store.set(if result.is_ok() { Availability::Up } else { Availability::Down });
    state.metrics.postgres_up.set(i64::from(result.is_ok()));
    result.map_err(|error| error.to_string())
}

/// Moves events on until none is left or one of the stores stops answering.
async fn drain(state: &AppState) {
    let mut moved = 0;
    let outcome = loop {
        match state.dead_letters.oldest(DRAIN_BATCH).await {
            Err(error) => break Err(error.to_string()),
            Ok(letters) if letters.is_empty() => break Ok(()),
            Ok(letters) => match pass_on(state, &letters).await {
                Ok(()) => moved += letters.len(),
                Err(reason) => break Err(reason),
            },
        }
    };
    match outcome {
        Ok(()) => tracing::info!(moved, "queue drained"),
        Err(reason) => tracing::warn!(moved, reason, "queue not drained"),
    }
}

/// Stores the events of some entries and removes those entries. An error means: try again later.
async fn pass_on(state: &AppState, letters: &[Letter]) -> Result<(), String> {
    let events: Vec<_> = letters.iter().filter_map(|letter| letter.event.as_ref().ok().cloned()).collect();
    if events.len() == letters.len() {
        match state.store.insert(&events).await {
            Ok(_) => {
                let ids: Vec<_> = letters.iter().map(|letter| letter.id.clone()).collect();
                state.metrics.drained.inc_by(ids.len() as u64);
                return state.dead_letters.remove(&ids).await.map_err(|error| error.to_string());
            }
            Err(error) if error.is_temporary() => return Err(error.to_string()),
            Err(error) => tracing::warn!(?error, "a batch was refused, trying its events one by one"),
        }
    }
    for letter in letters {
        pass_on_one(state, letter).await?;
    }
    Ok(())
}

async fn pass_on_one(state: &AppState, letter: &Letter) -> Result<(), String> {
    let refused = match &letter.event {
        Err(reason) => reason.clone(),
        Ok(event) => match state.store.insert(std::slice::from_ref(event)).await {
            Ok(_) => {
                state.metrics.drained.inc();
                return state
                    .dead_letters
                    .remove(std::slice::from_ref(&letter.id))
                    .await
                    .map_err(|error| error.to_string());
            }
            Err(error) if error.is_temporary() => return Err(error.to_string()),
            Err(error) => format!("{error:?}"),
        },
    };
    tracing::error!(entry = letter.id, reason = refused, "an entry cannot be stored and is put aside");
    state.dead_letters.reject(letter, &refused).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook(postgres: Result<(), &str>, redis: Result<usize, &str>, schema_seen: bool) -> Outlook {
        Outlook { postgres: postgres.map_err(str::to_owned), waiting: redis.map_err(str::to_owned), schema_seen }
    }

    #[test]
    fn ready_means_that_an_event_would_be_kept() {
        assert!(outlook(Ok(()), Ok(0), true).writes().is_ok());
        assert!(outlook(Ok(()), Err("no redis"), false).writes().is_ok(), "PostgreSQL alone suffices");
        assert!(outlook(Err("no database"), Ok(3), true).writes().is_ok(), "and so does Redis in an outage");
    }

    #[test]
    fn redis_alone_does_not_suffice_before_the_schema_was_seen() {
        let reason = outlook(Err("no database"), Ok(0), false).writes().unwrap_err();
        assert!(reason.contains("no database") && reason.contains("never been seen"), "{reason}");
    }

    #[test]
    fn without_either_both_reasons_are_told() {
        let reason = outlook(Err("no database"), Err("no redis"), false).writes().unwrap_err();
        assert!(reason.contains("no database") && reason.contains("no redis"), "{reason}");
    }
}
