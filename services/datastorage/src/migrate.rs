//! `datastorage migrate`: brings the schema up to date and ends. Runs as a Job before the service is started.

use std::time::Duration;

use anyhow::{Context, bail};
use jiff::Timestamp;
use kit::shutdown::Shutdown;

use crate::{settings::Settings, store::Store};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Everything that needs the schema waits for this Job, so it asks often.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Migrates, however long it takes until the database is there; fails only where waiting would not help, or when asked
/// to end.
pub async fn migrate(settings: &Settings, shutdown: Shutdown) -> anyhow::Result<()> {
    let store = Store::new(settings);
    let mut pause = FIRST_PAUSE;
    loop {
        let attempt = async {
            store.migrate().await?;
            store.make_usual_months(Timestamp::now()).await
        };
        match attempt.await {
            Ok(()) => break,
            Err(error) if error.is_temporary() => tracing::info!(%error, "waiting for PostgreSQL"),
            Err(error) => return Err(error).context("the schema cannot be migrated"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.requested() => bail!("asked to end before the schema was migrated"),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    tracing::info!("the schema is up to date");
    store.close().await;
    Ok(())
}
