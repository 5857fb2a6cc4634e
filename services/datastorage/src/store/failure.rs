//! Why the database did not do something, and whether it may do it later. That distinction is what "nothing is lost"
//! rests on: what may work later goes to Redis, what never will is told to the client.

use sqlx::{Error, migrate::MigrateError};

/// Why the database did not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// It cannot now: not reachable, starting, ending, out of connections, without its schema.
    #[error("PostgreSQL cannot be used: {0}")]
    Unavailable(String),
    /// All connections are in use. The database itself is well.
    #[error("no connection to PostgreSQL became free in time")]
    Busy,
    /// No answer within the deadline; whether it was done is not known.
    #[error("PostgreSQL does not answer")]
    Silent,
    /// It will not, now or later.
    #[error("PostgreSQL refused")]
    Refused(#[source] Error),
    /// The schema in the database and the one in this program do not fit.
    #[error("the schema does not fit")]
    Schema(#[source] MigrateError),
}

impl StoreError {
    /// Whether the same thing may succeed later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Busy | Self::Silent => true,
            Self::Refused(_) | Self::Schema(_) => false,
        }
    }

    /// Whether it says something about the database, rather than about how much we ask of it.
    pub(crate) fn means_down(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Silent)
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::PoolTimedOut => Self::Busy,
            Error::Io(_) | Error::Tls(_) | Error::PoolClosed | Error::WorkerCrashed | Error::Protocol(_) => {
                Self::Unavailable(error.to_string())
            }
            Error::Database(database) if database.code().is_some_and(|code| is_temporary(&code)) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Refused(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) => match Self::from(cause) {
                Self::Refused(cause) => Self::Schema(MigrateError::Execute(cause)),
                other => other,
            },
            MigrateError::ExecuteMigration(cause, version) => match Self::from(cause) {
                Self::Refused(cause) => Self::Schema(MigrateError::ExecuteMigration(cause, version)),
                other => other,
            },
            other => Self::Schema(other),
        }
    }
}

/// The classes and codes of SQLSTATE that go away without anybody changing the statement.
fn is_temporary(code: &str) -> bool {
    const CLASSES: [&str; 4] = [
        "08", // connection exceptions
        "40", // rolled back: serialisation failure, deadlock
        "53", // out of connections, memory or disk
        "57", // operator intervention: shutting down, starting up, cancelled
    ];
    const CODES: [&str; 6] = [
        "42P01", // no such table: the schema is not there (yet, or not any more)
        "42883", // no such function: the same
        "3D000", // no such database: it is still being made
        "28000", // no such user: the same
        "28P01", // wrong password: the same, while the first server of an initdb answers
        "25006", // read only: being promoted
    ];
    CODES.contains(&code) || CLASSES.iter().any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_by_whether_waiting_helps() {
        for code in ["57P03", "57P01", "08006", "53300", "40P01", "42P01", "3D000"] {
            assert!(is_temporary(code), "{code}");
        }
        for code in ["22P05", "23505", "42601", "42703"] {
            assert!(!is_temporary(code), "{code}");
        }
    }

    #[test]
    fn a_pool_without_free_connections_does_not_mean_that_the_database_is_down() {
        let error = StoreError::from(Error::PoolTimedOut);
        assert!(error.is_temporary() && !error.means_down());
        let refused = StoreError::from(Error::Io(std::io::ErrorKind::ConnectionRefused.into()));
        assert!(refused.is_temporary() && refused.means_down());
    }

    #[test]
    fn a_migration_waits_for_the_database_but_not_for_a_wrong_schema() {
        let away = MigrateError::Execute(Error::Io(std::io::ErrorKind::ConnectionRefused.into()));
        assert!(StoreError::from(away).is_temporary());
        assert!(!StoreError::from(MigrateError::VersionMismatch(1)).is_temporary());
    }
}
