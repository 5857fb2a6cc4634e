//! There is room on disk for images, builds and the node.

use std::path::{Path, PathBuf};

use super::{Ctx, Finding};
use crate::{
    exec::Runner,
    tools::engine::{Engine, EngineKind},
};

const CHECK: &str = "disk";
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// The node image, one cluster, the service images and cargo's target directory, with little to spare.
const NEEDED: u64 = 5 * GIB;
/// With this much, recipes can be built too.
const COMFORTABLE: u64 = 15 * GIB;
/// Where everything is built and loaded, a run still writes so much: logs, the database, a changed binary.
const FLOOR: u64 = 512 * MIB;

/// A file system by a directory on it, and what is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In words.
    pub what: &'static str,
    /// A directory that exists.
    pub path: PathBuf,
}

pub(super) fn check(ctx: &Ctx<'_>, engine: Option<&Engine>) -> Finding {
    let mut places = vec![
        Place { what: "the workspace", path: ctx.catalog.root.clone() },
        Place { what: "logs and evidence", path: ctx.scratch.clone() },
    ];
    if let Some(engine) = engine {
        places.extend(engine_root(engine, ctx.runner).map(|path| Place { what: "the engine", path }));
    }
    match least(&places) {
        Some((place, free)) => judge(&place, free),
        None => Finding::advice(CHECK, "cannot be asked", "Free space is unknown."),
    }
}

/// What keeps a run from beginning: less room than any run needs.
#[must_use]
pub fn too_full(places: &[Place]) -> Option<String> {
    let (place, free) = least(places).filter(|(_, free)| *free < FLOOR)?;
    Some(format!(
        "only {} MiB are free for {} ({}), and a run needs {} at least: make room, `df -h` and `cargo xtask doctor` say where",
        free / MIB,
        place.what,
        place.path.display(),
        FLOOR / MIB
    ))
}

/// Where the engine keeps images and containers; nothing where that is another machine's directory.
fn engine_root(engine: &Engine, runner: &Runner) -> Option<PathBuf> {
    let format = match engine.kind {
        EngineKind::Docker => "{{.DockerRootDir}}",
        EngineKind::Podman => "{{.Store.GraphRoot}}",
    };
    let info = engine.cmd().args(["info", "--format", format]).deadline(std::time::Duration::from_secs(15));
    let path = PathBuf::from(info.run(runner).ok()?.text().trim());
    path.is_dir().then_some(path)
}

/// The place with the least room, in bytes for ordinary users. Places that cannot be asked do not count, and one that does
/// not exist yet is asked by what it will be in.
fn least(places: &[Place]) -> Option<(Place, u64)> {
    let free = |place: &Place| {
        let there = place.path.ancestors().find(|path| path.is_dir())?;
        Some((place.clone(), free(there).ok()?))
    };
    places.iter().filter_map(free).min_by_key(|(_, free)| *free)
}

fn free(path: &Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail * stat.f_frsize)
}

fn judge(place: &Place, free: u64) -> Finding {
    let what = format!("{} GiB free for {} ({})", free / GIB, place.what, place.path.display());
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
        let place = Place { what: "the workspace", path: PathBuf::from("/w") };
        assert_eq!(judge(&place, 4 * GIB).status, Status::Missing);
        assert_eq!(judge(&place, 8 * GIB).status, Status::Advice);
        assert_eq!(judge(&place, 40 * GIB).status, Status::Ok);
    }

    #[test]
    fn the_fullest_place_decides_whether_a_run_begins() {
        let dir = tempfile::tempdir().unwrap();
        let new = Place { what: "logs and evidence", path: dir.path().join("not/there/yet") };
        assert!(least(std::slice::from_ref(&new)).is_some(), "it is asked by what it will be in");
        // Where the kernel shows its own state there is no room at all.
        let full = Place { what: "the engine", path: PathBuf::from("/proc") };
        let said = too_full(&[new.clone(), full]).unwrap();
        assert!(said.starts_with("only 0 MiB are free for the engine (/proc)"), "{said}");
        assert_eq!(too_full(&[new]), None);
    }
}
