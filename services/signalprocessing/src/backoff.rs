//! How long to wait before trying again, by what went wrong. Pure.

use std::{collections::HashMap, time::Duration};

use kube::runtime::utils::Backoff;

const CONFLICT: Duration = Duration::from_millis(100);
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
const FIRST_WATCH_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_WATCH_PAUSE: Duration = Duration::from_secs(2);
const SOMEBODY_MUST_ACT: Duration = Duration::from_mins(1);

/// What went wrong, as far as trying again is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// What we knew of the object was old; the newer one is on its way.
    Stale,
    /// The object is gone: there is nothing to try again.
    Gone,
    /// The server is away or busy.
    Transient,
    /// Refused: it will be, until somebody changes a role or a schema.
    Refused,
}

/// The pauses of a watch that cannot start. Short: while a cluster is being set up, the custom resource definition or our
/// role comes a few seconds after us, and everybody waits for us to notice.
#[derive(Debug, Clone)]
pub struct WatchPauses {
    next: Duration,
}

/// How often in a row each object went wrong.
#[derive(Debug, Default)]
pub struct Failures {
    by_uid: HashMap<String, u32>,
}

impl Trouble {
    /// What an error of the API server means.
    #[must_use]
    pub fn of(error: &kube::Error) -> Self {
        let kube::Error::Api(status) = error else { return Self::Transient };
        match status.code {
            404 => Self::Gone,
            409 => Self::Stale,
            400 | 401 | 403 | 405 | 413 | 422 => Self::Refused,
            _ => Self::Transient,
        }
    }

    /// How long to wait, when it went wrong for the `count`th time in a row; `None`: until the object changes.
    #[must_use]
    pub fn delay(self, count: u32) -> Option<Duration> {
        match self {
            Self::Stale => Some(CONFLICT),
            Self::Gone => None,
            Self::Transient => Some((FIRST * 2_u32.saturating_pow(count.saturating_sub(1).min(16))).min(LONGEST)),
            Self::Refused => Some(SOMEBODY_MUST_ACT),
        }
    }
}

impl Default for WatchPauses {
    fn default() -> Self {
        Self { next: FIRST_WATCH_PAUSE }
    }
}

impl Iterator for WatchPauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST_WATCH_PAUSE);
        Some(pause)
    }
}

impl Backoff for WatchPauses {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Failures {
    /// One more; returns how many in a row that makes.
    pub fn count(&mut self, uid: &str) -> u32 {
        let count = self.by_uid.entry(uid.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// How many in a row there are.
    #[must_use]
    pub fn so_far(&self, uid: &str) -> u32 {
        self.by_uid.get(uid).copied().unwrap_or(0)
    }

    /// It went well, or is gone.
    pub fn forget(&mut self, uid: &str) {
        self.by_uid.remove(uid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;

    #[test]
    fn transient_trouble_is_tried_again_ever_more_slowly() {
        let delays: Vec<_> = (1..=8).map(|count| Trouble::Transient.delay(count).unwrap().as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(Trouble::Transient.delay(u32::MAX), Some(LONGEST));
    }

    #[test]
    fn the_kind_of_error_decides() {
        let of = |code| Trouble::of(&kube::Error::Api(Status::failure("m", "r").with_code(code).boxed()));
        assert_eq!(
            [of(404), of(409), of(403), of(422)],
            [Trouble::Gone, Trouble::Stale, Trouble::Refused, Trouble::Refused]
        );
        assert_eq!([of(500), of(503), of(429)], [Trouble::Transient; 3]);
        assert_eq!(Trouble::Gone.delay(1), None);
        assert!(Trouble::Stale.delay(9) < Trouble::Transient.delay(1));
    }

    #[test]
    fn a_watch_is_tried_again_for_ever_and_soon() {
        let mut pauses = WatchPauses::default();
        let slowest = pauses.by_ref().take(100).max();
        assert_eq!(slowest, Some(LONGEST_WATCH_PAUSE));
        pauses.reset();
        assert_eq!(pauses.next(), Some(FIRST_WATCH_PAUSE));
    }

    #[test]
    fn success_starts_the_count_anew() {
        let mut failures = Failures::default();
        assert_eq!((failures.count("a"), failures.count("a"), failures.count("b")), (1, 2, 1));
        failures.forget("a");
        assert_eq!(failures.count("a"), 1);
    }
}
