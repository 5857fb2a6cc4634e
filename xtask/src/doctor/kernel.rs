//! The kernel's bounds on inotify suffice: each node's systemd, kubelet and containerd watch files.

use std::path::Path;

use super::Finding;

const CHECK: &str = "inotify";
/// Below these, kind's documentation reports nodes that fail with "too many open files".
const WATCHES: (&str, u64) = ("fs.inotify.max_user_watches", 65_536);
const INSTANCES: (&str, u64) = ("fs.inotify.max_user_instances", 256);

/// A bound that is too low.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Low {
    /// As `sysctl` calls it.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) is: u64,
    /// What it should be.
    pub(super) wanted: u64,
}

pub(super) fn check() -> Finding {
    match bounds() {
        Some((watches, instances)) => judge(watches, instances),
        None => Finding::ok(CHECK, "is the engine's virtual machine's affair"),
    }
}

/// The bounds of this machine that are too low.
pub(super) fn low() -> Vec<Low> {
    bounds().map(|(watches, instances)| lower(watches, instances)).unwrap_or_default()
}

fn bounds() -> Option<(u64, u64)> {
    let read = |name: &str| {
        let text = fs_err::read_to_string(Path::new("/proc/sys").join(name.replace('.', "/"))).ok()?;
        text.trim().parse().ok()
    };
    Some((read(WATCHES.0)?, read(INSTANCES.0)?))
}

fn lower(watches: u64, instances: u64) -> Vec<Low> {
    let both = [(WATCHES, watches), (INSTANCES, instances)].into_iter();
    let low = both.filter(|((_, least), is)| is < least);
    low.map(|((name, least), is)| Low { name, is, wanted: least.max(512) }).collect()
}

fn judge(watches: u64, instances: u64) -> Finding {
    let what = format!("{watches} watches, {instances} instances");
    let low = lower(watches, instances);
    if low.is_empty() {
        return Finding::ok(CHECK, what);
    }
    let why = "With several clusters side by side, programs in a node fail with \"too many open files\".";
    let mends = low.iter().map(|low| format!("sudo sysctl {}={}", low.name, low.wanted));
    mends.fold(Finding::advice(CHECK, what, why), Finding::mended_by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_low_is_raised_and_nothing_else() {
        assert!(judge(524_288, 512).mend.is_empty());
        assert_eq!(judge(524_288, 128).mend, ["sudo sysctl fs.inotify.max_user_instances=512"]);
        assert_eq!(judge(8192, 512).mend, ["sudo sysctl fs.inotify.max_user_watches=65536"]);
    }
}
