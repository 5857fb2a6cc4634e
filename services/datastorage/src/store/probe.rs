//! Asks the database how it is, on a connection of its own.
//!
//! Not through the pool: a pool whose connections are all busy and a pool that cannot connect look the same from outside,
//! and the difference decides whether events go to Redis.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::Mutex;

use super::{MIGRATOR, StoreError};

/// The connection, while there is one. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    options: PgConnectOptions,
    deadline: Duration,
    connection: Arc<Mutex<Option<PgConnection>>>,
}

impl Probe {
    pub(super) fn new(options: PgConnectOptions, deadline: Duration) -> Self {
        Self { options, deadline, connection: Arc::default() }
    }

    pub(super) async fn ask(&self) -> Result<(), StoreError> {
        let mut slot = self.connection.lock().await;
        // Taken out, and put back only when it has proved good: whatever goes wrong, the next time starts afresh.
        let kept = slot.take();
        let question = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => PgConnection::connect_with(&self.options).await?,
            };
            let query = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success");
            let version: Option<i64> = query.fetch_one(&mut connection).await?;
            Ok::<_, sqlx::Error>((connection, version))
        };
        let (connection, found) =
            tokio::time::timeout(self.deadline, question).await.map_err(|_| StoreError::Silent)??;
        *slot = Some(connection);
        let wanted = MIGRATOR.iter().map(|migration| migration.version).max();
        if found < wanted {
            let detail = format!("the schema is at version {}, {} is needed", shown(found), shown(wanted));
            return Err(StoreError::Unavailable(detail));
        }
        Ok(())
    }
}

fn shown(version: Option<i64>) -> String {
    version.map_or_else(|| "none".to_owned(), |version| version.to_string())
}
