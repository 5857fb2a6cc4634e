//! Which process a number means: a process id is reused, so its start time goes with it.

use std::{
    fmt,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use super::Runner;

/// Nobody is told that a process which is not our child has ended, so it is looked at this often.
const LOOK: Duration = Duration::from_millis(50);

/// A process, told apart from a later one with the same number.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProcessId {
    /// The process id, which is also that of its group.
    pub pid: i32,
    /// Start time in clock ticks since boot (field 22 of `/proc/PID/stat`, proc(5)); 0 where there is no `/proc`.
    pub started: u64,
}

impl ProcessId {
    /// The process with this number as it is now.
    #[must_use]
    pub fn of(pid: u32) -> Self {
        Self { pid: i32::try_from(pid).unwrap_or(0), started: start_time(pid).unwrap_or(0) }
    }

    /// Ourselves.
    #[must_use]
    pub fn ours() -> Self {
        Self::of(std::process::id())
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let Some(pid) = Pid::from_raw(self.pid) else { return false };
        match u32::try_from(self.pid).ok().and_then(start_time) {
            Some(now) => now == self.started,
            // Without /proc the number is all there is.
            None => self.started == 0 && rustix::process::test_kill_process(pid).is_ok(),
        }
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.pid)
    }
}

/// Ends the groups of processes that an earlier, killed run left behind; those that were there are returned. They get time
/// to clean up: nobody else knows what they have made.
#[must_use]
pub fn end_leftovers(ids: &[ProcessId], runner: &Runner) -> Vec<ProcessId> {
    let group = |id: &ProcessId| Pid::from_raw(id.pid).filter(|_| id.is_alive());
    let groups = ids.iter().filter_map(|id| Some((id, group(id)?)));
    let alive: Vec<_> = groups.filter(|(_, group)| kill_process_group(*group, Signal::TERM).is_ok()).collect();
    let end = Instant::now() + Runner::GRACE;
    for (_, group) in &alive {
        // The first of the group often ends before those that it started, which have more to clean up.
        while runs(*group) && Instant::now() < end && runner.pause(LOOK) {}
        let _ = kill_process_group(*group, Signal::KILL);
    }
    alive.into_iter().map(|(id, _)| id.clone()).collect()
}

/// Whether a process of this group does anything: one that nobody reaps is there for the kernel, and has ended.
fn runs(group: Pid) -> bool {
    if test_kill_process_group(group).is_err() {
        return false;
    }
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let mut stats = processes.filter_map(|p| std::fs::read_to_string(p.ok()?.path().join("stat")).ok());
    let group = group.as_raw_nonzero().to_string();
    stats.any(|stat| {
        // State, parent and group, fields 3 to 5.
        let mut rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
        rest.next() != Some("Z") && rest.nth(1) == Some(&group)
    })
}

fn start_time(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, field 2, may hold spaces and parentheses; the state, field 3, follows its last parenthesis.
    let mut rest = stat.rsplit_once(") ")?.1.split(' ');
    if rest.next()? == "Z" {
        return None;
    }
    rest.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_its_successor() {
        let me = ProcessId::ours();
        assert!(me.is_alive());
        let earlier = ProcessId { started: me.started.wrapping_sub(1), ..me };
        assert!(!earlier.is_alive(), "same number, other start time");
        let runner = Runner::new().unwrap();
        assert_eq!(end_leftovers(&[earlier], &runner), [], "a stranger is never killed");
    }
}
