//! The kernel's bounds on inotify suffice: each node's systemd, kubelet and containerd watch files.

use super::Finding;

const CHECK: &str = "inotify";
/// Below these, kind's documentation reports nodes that fail with "too many open files".
const WATCHES: (&str, u64) = ("max_user_watches", 65_536);
const INSTANCES: (&str, u64) = ("max_user_instances", 256);

pub(super) fn check() -> Finding {
    let read = |name: &str| {
        let text = fs_err::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse().ok()
    };
    match (read(WATCHES.0), read(INSTANCES.0)) {
        (Some(watches), Some(instances)) => judge(watches, instances),
        _ => Finding::ok(CHECK, "is the engine's virtual machine's affair"),
    }
}

fn judge(watches: u64, instances: u64) -> Finding {
    let what = format!("{watches} watches, {instances} instances");
    let low = [(WATCHES, watches), (INSTANCES, instances)].into_iter().filter(|((_, least), is)| is < least);
    let mends: Vec<String> =
        low.map(|((name, least), _)| format!("sudo sysctl fs.inotify.{name}={}", least.max(512))).collect();
    if mends.is_empty() {
        return Finding::ok(CHECK, what);
    }
    let why = "With several clusters side by side, programs in a node fail with \"too many open files\".";
    mends.into_iter().fold(Finding::advice(CHECK, what, why), Finding::mended_by)
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
