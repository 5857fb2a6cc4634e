//! The configuration of the service, all of it from the environment.

use std::time::Duration;

use kit::config::{ConfigError, Env};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Where the stores are, and how many connections to use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How to reach `PostgreSQL`.
    pub postgres: PgConnectOptions,
    /// How many connections to `PostgreSQL` there are at most.
    pub pool_size: u32,
    /// How long a request waits for one of them before its events go to Redis.
    pub pool_wait: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// URL of Redis.
    pub redis: String,
    /// How often the stores are looked at.
    pub watch_interval: Duration,
}

impl Settings {
    /// Reads `POSTGRES_HOST`, `POSTGRES_PORT`, `POSTGRES_USER`, `POSTGRES_PASSWORD`, `POSTGRES_DB`, `REDIS_URL` and the
    /// limits. Hosts default to the services of the same namespace.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let password: String = env.required("POSTGRES_PASSWORD", "the password of POSTGRES_USER")?;
        // Not `new()`: that one reads the environment and files of its own accord.
        let postgres = PgConnectOptions::new_without_pgpass()
            .host(&env.or("POSTGRES_HOST", "postgres".to_owned())?)
            .port(env.or("POSTGRES_PORT", 5432)?)
            .username(&env.or("POSTGRES_USER", "kubernaut".to_owned())?)
            .password(&password)
            .database(&env.or("POSTGRES_DB", "kubernaut".to_owned())?)
            .ssl_mode(PgSslMode::Disable)
            .application_name("datastorage");
        Ok(Self {
            postgres,
            pool_size: env.or("POSTGRES_POOL_SIZE", 10)?,
            pool_wait: env.seconds_or("POSTGRES_POOL_WAIT_SECONDS", Duration::from_secs(3))?,
            statement_timeout: env.seconds_or("POSTGRES_STATEMENT_SECONDS", Duration::from_secs(5))?,
            redis: env.or("REDIS_URL", "redis://redis:6379".to_owned())?,
            watch_interval: env.seconds_or("WATCH_INTERVAL_SECONDS", Duration::from_secs(1))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_is_required() {
        let error = Settings::from_env(&Env::default()).unwrap_err();
        assert!(error.to_string().contains("POSTGRES_PASSWORD"), "{error}");
        let settings = Settings::from_env(&Env::from_pairs([("POSTGRES_PASSWORD", "x")])).unwrap();
        assert_eq!(settings.postgres.get_host(), "postgres");
        assert_eq!(settings.redis, "redis://redis:6379");
    }
}
