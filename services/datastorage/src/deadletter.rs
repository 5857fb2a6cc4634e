//! Redis: a stream of audit events that could not be stored yet. First in, first out; an entry is removed only after its
//! event is stored, so an event may come out twice but never gets lost, and the store keeps each id once.

use std::time::Duration;

use api::AuditEvent;
use redis::{
    AsyncCommands, Client, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    streams::{StreamId, StreamRangeReply},
};

const WAITING: &str = "datastorage:audit:waiting";
const REJECTED: &str = "datastorage:audit:rejected";
const SCHEMA_SEEN: &str = "datastorage:schema-seen";
const FIELD: &str = "event";

/// The stream. Cheap to clone; all clones share one connection, which mends itself.
#[derive(Clone)]
pub struct DeadLetters {
    connection: ConnectionManager,
}

/// One entry of the stream.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) id: String,
    /// The event, unless the entry cannot be read.
    pub(crate) event: Result<AuditEvent, String>,
    text: String,
}

impl DeadLetters {
    /// Prepares the connection; nothing is connected yet. Fails where the URL makes no sense.
    pub fn new(url: &str) -> RedisResult<Self> {
        // Few retries and short ones: somebody waits for the answer, and the client will ask again.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(2)
            .set_min_delay(Duration::from_millis(50))
            .set_max_delay(Duration::from_millis(500))
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_secs(3)));
        let connection = ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?;
        Ok(Self { connection })
    }

    /// Appends events, all or none.
    pub(crate) async fn push(&self, events: &[AuditEvent]) -> RedisResult<()> {
        let texts = events.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let texts = texts.map_err(|error| RedisError::from(std::io::Error::other(error)))?;
        let mut pipe = redis::pipe();
        pipe.atomic();
        for text in &texts {
            pipe.xadd(WAITING, "*", &[(FIELD, text)]).ignore();
        }
        let first = pipe.query_async::<()>(&mut self.connection.clone()).await;
        match first {
            // A connection that broke since it was last used says so only now, and is replaced; one more try, then.
            Err(error) if error.is_connection_dropped() || error.is_io_error() => {
                pipe.query_async(&mut self.connection.clone()).await
            }
            other => other,
        }
    }

    /// The oldest entries.
    pub(crate) async fn oldest(&self, count: usize) -> RedisResult<Vec<Letter>> {
        let reply: StreamRangeReply = self.connection.clone().xrange_count(WAITING, "-", "+", count).await?;
        Ok(reply.ids.iter().map(Letter::from).collect())
    }

    /// Removes entries whose events are stored.
    pub(crate) async fn remove(&self, ids: &[String]) -> RedisResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        self.connection.clone().xdel::<_, _, ()>(WAITING, ids).await
    }

    /// Puts an entry aside that will never be stored, for somebody to look at.
    pub(crate) async fn reject(&self, letter: &Letter, reason: &str) -> RedisResult<()> {
        let fields = [(FIELD, letter.text.as_str()), ("reason", reason)];
        let mut pipe = redis::pipe();
        pipe.atomic().xadd(REJECTED, "*", &fields).ignore().xdel(WAITING, &[&letter.id]).ignore();
        pipe.query_async(&mut self.connection.clone()).await
    }

    /// How many events wait.
    pub(crate) async fn len(&self) -> RedisResult<usize> {
        self.connection.clone().xlen(WAITING).await
    }

    /// Remembers that the database had its schema, for processes that start while it is away.
    pub(crate) async fn remember_schema(&self) -> RedisResult<()> {
        self.connection.clone().set(SCHEMA_SEEN, 1).await
    }

    /// Whether the database was ever seen with its schema.
    pub(crate) async fn schema_was_seen(&self) -> RedisResult<bool> {
        self.connection.clone().exists(SCHEMA_SEEN).await
    }
}

impl std::fmt::Debug for DeadLetters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeadLetters").finish_non_exhaustive()
    }
}

impl From<&StreamId> for Letter {
    fn from(entry: &StreamId) -> Self {
        let text: String = entry.get(FIELD).unwrap_or_default();
        let event = serde_json::from_str(&text).map_err(|error| error.to_string());
        Self { id: entry.id.clone(), event, text }
    }
}
