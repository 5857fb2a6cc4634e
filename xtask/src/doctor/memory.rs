//! There is memory for a cluster and a build beside it.

use super::Finding;

const CHECK: &str = "memory";
const MIB: u64 = 1024;
/// A control plane takes 700 MiB, the services and their stores as much again, a cargo build a GiB.
const NEEDED_KIB: u64 = 3 * 1024 * MIB;

pub(super) fn check() -> Finding {
    match fs_err::read_to_string("/proc/meminfo") {
        Ok(text) => judge(&text),
        // Elsewhere the engine's virtual machine has its own memory.
        Err(_) => Finding::ok(CHECK, "is the engine's virtual machine's; give it at least 4 GiB"),
    }
}

fn judge(meminfo: &str) -> Finding {
    let available = meminfo.lines().find_map(|l| l.strip_prefix("MemAvailable:"));
    let Some(kib) = available.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()) else {
        return Finding::advice(CHECK, "cannot be read", "Available memory is unknown.");
    };
    let what = format!("{} MiB available", kib / MIB);
    if kib >= NEEDED_KIB {
        return Finding::ok(CHECK, what);
    }
    let why = "With less than 3 GiB the kernel may end the database or the compiler in the middle of a run.";
    Finding::advice(CHECK, what, why).mended_by("cargo xtask e2e-down --all   # and close what else is large")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn available_counts_not_free() {
        let meminfo = |kib: u64| format!("MemTotal: 8000000 kB\nMemFree: 100 kB\nMemAvailable: {kib} kB\n");
        assert_eq!(judge(&meminfo(6_000_000)).status, Status::Ok);
        assert_eq!(judge(&meminfo(1_000_000)).status, Status::Advice);
        assert_eq!(judge("").status, Status::Advice);
    }
}
