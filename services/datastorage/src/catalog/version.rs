//! The version of a workflow: three numbers. Pre-releases and build metadata are refused, as nothing could tell which of
//! two builds is the latest.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};

/// A version, ordered by its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version([u16; 3]);

/// A text that is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be three numbers, such as 1.4.0")]
pub(crate) struct NotAVersion;

impl Version {
    /// The numbers, as the database orders them.
    pub(crate) fn key(self) -> Vec<i32> {
        self.0.iter().map(|number| i32::from(*number)).collect()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let numbers: Vec<u16> = text.split('.').map(number).collect::<Option<_>>().ok_or(NotAVersion)?;
        numbers.try_into().map(Self).map_err(|_| NotAVersion)
    }
}

/// One way to write each number, so that equal versions are equal texts.
fn number(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_and_read_back() {
        let parse = |text: &str| text.parse::<Version>().unwrap();
        assert!(parse("1.10.0") > parse("1.9.9"));
        assert_eq!(parse("0.0.7").to_string(), "0.0.7");
        assert_eq!(parse("2.1.3").key(), [2, 1, 3]);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.3-rc1", "1.02.3", "+1.2.3", "1.2.70000", "1..3"] {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text}");
        }
    }
}
