//! Which months have their partition, as far as this process knows.
//!
//! Forgetting is harmless (the database is asked again), and so is knowing too much (the event lands in the default
//! partition and is moved when the month is made the next time).

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use api::AuditEvent;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Store, StoreError};

/// The months that are known to have a partition. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownMonths {
    known: Arc<Mutex<BTreeSet<Date>>>,
}

impl KnownMonths {
    fn missing(&self, wanted: BTreeSet<Date>) -> Vec<Date> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.into_iter().filter(|month| !known.contains(month)).collect()
    }

    fn learn(&self, month: Date) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(month);
    }

    fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Store {
    /// Makes partitions for last month, this month and the next two, so that events seldom have to wait for one.
    pub(crate) async fn make_usual_months(&self, now: Timestamp) -> Result<(), StoreError> {
        self.make(usual_months(now)).await
    }

    /// Makes the partitions that events need, where they are not known to exist.
    pub(super) async fn make_months_of(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        self.make(events.iter().map(|event| month_of(event.event_timestamp)).collect()).await
    }

    /// The database may be another one from now on: ask again for every month.
    pub(crate) fn forget_months(&self) {
        self.months.forget();
    }

    async fn make(&self, wanted: BTreeSet<Date>) -> Result<(), StoreError> {
        for month in self.months.missing(wanted) {
            let query = sqlx::query("SELECT ensure_audit_month($1::text::date)").bind(month.to_string());
            self.within_deadline(query.execute(&self.pool)).await?;
            self.months.learn(month);
        }
        Ok(())
    }
}

fn month_of(timestamp: Timestamp) -> Date {
    timestamp.to_zoned(TimeZone::UTC).date().first_of_month()
}

fn usual_months(now: Timestamp) -> BTreeSet<Date> {
    let this = month_of(now);
    // The edges of the calendar have no neighbours; then there is nothing to make.
    (-1..=2).filter_map(|months| this.checked_add(jiff::Span::new().months(months)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_utc() {
        let last_moment: Timestamp = "2026-12-31T23:30:00-02:00".parse().unwrap();
        assert_eq!(month_of(last_moment).to_string(), "2027-01-01");
    }

    #[test]
    fn the_usual_months_cross_the_year() {
        let months = usual_months("2026-12-31T12:00:00Z".parse().unwrap());
        let months: Vec<_> = months.iter().map(ToString::to_string).collect();
        assert_eq!(months, ["2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"]);
    }

    #[test]
    fn only_unknown_months_are_asked_for() {
        let known = KnownMonths::default();
        let (a, b) = (jiff::civil::date(2026, 1, 1), jiff::civil::date(2026, 2, 1));
        known.learn(a);
        assert_eq!(known.missing(BTreeSet::from([a, b])), [b]);
        known.forget();
        assert_eq!(known.missing(BTreeSet::from([a, b])), [a, b]);
    }
}
