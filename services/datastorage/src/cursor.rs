//! Where a page of events ends and the next begins. Clients must not look inside; this is the only place that does.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use uuid::Uuid;

/// The last event of a page: its timestamp, and its id to tell apart events of the same microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) timestamp: Timestamp,
    pub(crate) event_id: Uuid,
}

/// A text that is no cursor of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor that this service gave out")]
pub(crate) struct NotACursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.timestamp.as_microsecond(), self.event_id.simple())
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (micros, id) = text.split_once('.').ok_or(NotACursor)?;
        let micros = micros.parse().map_err(|_| NotACursor)?;
        let timestamp = Timestamp::from_microsecond(micros).map_err(|_| NotACursor)?;
        let event_id = Uuid::try_parse(id).map_err(|_| NotACursor)?;
        Ok(Self { timestamp, event_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor { timestamp: "2026-11-20T10:00:00.123456Z".parse().unwrap(), event_id: Uuid::from_u128(7) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", ".", "1", "1.x", "x.00000000000000000000000000000007", "99999999999999999999.0"] {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
