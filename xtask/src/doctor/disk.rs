//! There is room on disk for images, builds and the node.

use super::{Ctx, Finding};

const CHECK: &str = "disk";
const GIB: u64 = 1 << 30;
/// The node image, one cluster, the service images and cargo's target directory, with little to spare.
const NEEDED: u64 = 5 * GIB;
/// With this much, recipes can be built too.
const COMFORTABLE: u64 = 15 * GIB;

pub(super) fn check(ctx: &Ctx<'_>) -> Finding {
    match free(&ctx.catalog.root) {
        Ok(free) => judge(free),
        Err(e) => Finding::advice(CHECK, format!("cannot be asked: {e}"), "Free space is unknown."),
    }
}

/// Free bytes for ordinary users on the file system of this path.
pub(super) fn free(path: &std::path::Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail * stat.f_frsize)
}

fn judge(free: u64) -> Finding {
    let what = format!("{} GiB free", free / GIB);
    let why = "A disk that fills half-way leaves a broken cluster: images, their layers in the node and cargo's target directory need room.";
    let mend = "docker system prune --all && cargo clean";
    match free {
        f if f < NEEDED => Finding::missing(CHECK, format!("{what}, {} needed", NEEDED / GIB), why).mended_by(mend),
        f if f < COMFORTABLE => Finding::advice(CHECK, what, why).mended_by(mend),
        _ => Finding::ok(CHECK, what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn how_much_is_enough() {
        assert_eq!(judge(4 * GIB).status, Status::Missing);
        assert_eq!(judge(8 * GIB).status, Status::Advice);
        assert_eq!(judge(40 * GIB).status, Status::Ok);
    }
}
