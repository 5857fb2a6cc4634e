//! Configuration from environment variables, with errors that say which variable and what it should have been.
//!
//! Values never appear in errors: some of them are secrets.

use std::{collections::HashMap, env, fmt::Display, str::FromStr, time::Duration};

/// The environment that a service reads its configuration from.
#[derive(Debug, Default)]
pub struct Env {
    values: HashMap<String, String>,
}

/// A variable that is missing or makes no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It has to be there and is not.
    #[error("environment variable {name} is not set; it should hold {meaning}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        meaning: &'static str,
    },
    /// It is there and cannot be read.
    #[error("environment variable {name} cannot be read: {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What the parser said.
        reason: String,
    },
}

impl Env {
    /// The variables of this process. Those that are not Unicode are left out: no configuration of ours is like that.
    #[must_use]
    pub fn from_process() -> Self {
        let values = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { values }
    }

    /// Given variables, for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { values: pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }

    /// A variable that has to be there; `meaning` says in the error what it should hold.
    pub fn required<T>(&self, name: &'static str, meaning: &'static str) -> Result<T, ConfigError>
    where
        T: FromStr<Err: Display>,
    {
        self.optional(name)?.ok_or(ConfigError::Missing { name, meaning })
    }

    /// A variable that may be absent. An empty one counts as absent, as manifests cannot unset what they inherit.
    pub fn optional<T>(&self, name: &'static str) -> Result<Option<T>, ConfigError>
    where
        T: FromStr<Err: Display>,
    {
        let Some(text) = self.values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|error: T::Err| ConfigError::Invalid { name, reason: error.to_string() })
    }

    /// A variable with a default.
    pub fn or<T>(&self, name: &'static str, default: T) -> Result<T, ConfigError>
    where
        T: FromStr<Err: Display>,
    {
        Ok(self.optional(name)?.unwrap_or(default))
    }

    /// A duration in whole or fractional seconds, with a default.
    pub fn seconds_or(&self, name: &'static str, default: Duration) -> Result<Duration, ConfigError> {
        let Some(seconds) = self.optional::<f64>(name)? else { return Ok(default) };
        Duration::try_from_secs_f64(seconds)
            .map_err(|error| ConfigError::Invalid { name, reason: format!("not a number of seconds: {error}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named_with_what_it_should_hold() {
        let error = Env::default().required::<String>("DATABASE_URL", "a PostgreSQL URL").unwrap_err();
        assert_eq!(error.to_string(), "environment variable DATABASE_URL is not set; it should hold a PostgreSQL URL");
    }

    #[test]
    fn an_unreadable_variable_is_named_without_its_value() {
        let env = Env::from_pairs([("PORT", "hunter2")]);
        let text = env.or("PORT", 8080_u16).unwrap_err().to_string();
        assert!(text.contains("PORT") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn empty_is_absent() {
        let env = Env::from_pairs([("PORT", " ")]);
        assert_eq!(env.or("PORT", 8080_u16), Ok(8080));
    }

    #[test]
    fn seconds_may_be_fractions_but_not_negative() {
        let env = Env::from_pairs([("A", "0.5"), ("B", "-1")]);
        assert_eq!(env.seconds_or("A", Duration::ZERO), Ok(Duration::from_millis(500)));
        assert!(env.seconds_or("B", Duration::ZERO).is_err());
        assert_eq!(env.seconds_or("C", Duration::from_secs(3)), Ok(Duration::from_secs(3)));
    }
}
