//! Clusters that several services share: no suite may break there what another service needs.

use super::{CommandError, Existing, Options, Session};
use crate::{catalog::Name, plan::Scope};

impl Session {
    /// Fails if the tests that are to run would break what the cluster has for other services.
    pub(super) fn spare_others(&self, roots: &[Name], options: &Options) -> Result<(), CommandError> {
        let record = self.home.cluster(&options.cluster_name(roots)).record()?;
        let there = record.filter(|_| options.scope == Scope::Tests && options.existing == Existing::Reuse);
        let others: Vec<Name> = there.into_iter().flat_map(|r| r.definitions).map(Name::new).collect();
        roots.iter().try_for_each(|suite| self.may_share(suite, &others))
    }

    /// Fails if the tests of a service break, as its definition says, what one of the others needs.
    pub fn may_share(&self, suite: &Name, others: &[Name]) -> Result<(), CommandError> {
        let breaks = self.catalog.definitions.get(suite).map(|d| d.breaks.as_slice()).unwrap_or_default();
        for other in others.iter().filter(|other| *other != suite) {
            let needed = self.catalog.closure(std::slice::from_ref(other));
            if let Some(broken) = breaks.iter().find(|b| needed.contains(b)) {
                return Err(CommandError::usage(format!(
                    "the tests of `{suite}` break `{broken}` on purpose, and `{other}` needs it in the same cluster; \
                     without --cluster they get a cluster of their own"
                )));
            }
        }
        Ok(())
    }
}
