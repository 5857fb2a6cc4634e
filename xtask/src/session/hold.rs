//! Who works on a cluster: one run at a time. A second one waits, says for whom, and can be interrupted meanwhile.

use std::time::Duration;

use super::{CommandError, Contention, Session};
use crate::{
    report::terminal,
    state::{ClusterDir, Lock, Locked},
};

/// The kernel tells nobody that a lock was freed and that he was told to stop, so it is looked at this often.
const PAUSE: Duration = Duration::from_millis(250);

impl Session {
    /// Takes a cluster's lock, or waits for whoever has it.
    pub(super) fn lock(&self, dir: &ClusterDir, purpose: &str, contention: Contention) -> Result<Lock, CommandError> {
        let name = dir.name();
        let mut told = String::new();
        loop {
            let holder = match dir.try_lock(purpose)? {
                Locked::Ours(lock) => return Ok(lock),
                // Between taking the lock and saying so.
                Locked::By(holder) if holder.is_empty() => "another run".to_owned(),
                Locked::By(holder) => holder,
            };
            if contention == Contention::Fail {
                return Err(CommandError::failed(format!("cluster `{name}` is in use by {holder}")));
            }
            if holder != told {
                terminal::status("Waiting", &format!("for cluster `{name}`, in use by {holder}"));
            }
            if !self.runner.pause(PAUSE) {
                return Err(CommandError::interrupted(format!(
                    "interrupted while waiting for cluster `{name}`, in use by {holder}"
                )));
            }
            told = holder;
        }
    }
}
