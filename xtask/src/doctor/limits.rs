//! Processes and open files: how many this user, and this control group, may have.

use rustix::process::{Resource, getrlimit};

use super::Finding;

const CHECK: &str = "limits";
/// A cluster has about 400 threads and processes, a build beside it as many again.
const PIDS: u64 = 2048;
const FILES: u64 = 4096;

pub(super) fn check() -> Finding {
    // Files of cgroup v2 and of v1; "max" is no number and no bound.
    let pids = ["/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max", "/proc/sys/kernel/pid_max"];
    let pids = pids.iter().filter_map(|p| fs_err::read_to_string(p).ok()?.trim().parse::<u64>().ok()).min();
    judge(pids, getrlimit(Resource::Nofile).maximum)
}

fn judge(pids: Option<u64>, files: Option<u64>) -> Finding {
    let shown = |n: Option<u64>| n.map_or("any number of".to_owned(), |n| n.to_string());
    let what = format!("{} processes, {} open files", shown(pids), shown(files));
    let mut finding = Finding::ok(CHECK, what.clone());
    if pids.is_some_and(|n| n < PIDS) {
        let why =
            format!("A cluster and a build beside it need more than {PIDS} processes and threads; forks fail beyond.");
        finding = Finding::advice(CHECK, what, why)
            .mended_by("sudo sysctl kernel.pid_max=4194304   # or raise pids.max of this control group");
    } else if files.is_some_and(|n| n < FILES) {
        let why = format!("Builds and clusters open more than {FILES} files at a time.");
        finding = Finding::advice(CHECK, what, why).mended_by("ulimit -Hn   # is raised in /etc/security/limits.conf");
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn unbounded_is_enough() {
        assert_eq!(judge(None, None).status, Status::Ok);
        assert_eq!(judge(Some(4_194_304), Some(20_000)).status, Status::Ok);
        assert_eq!(judge(Some(512), None).status, Status::Advice);
        assert_eq!(judge(None, Some(1024)).status, Status::Advice);
    }
}
