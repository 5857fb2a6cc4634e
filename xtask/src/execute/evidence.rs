//! What a container printed last. The node's pod logs are a mount of the host, so they are read as files: no process, and
//! they are there even when the node is not.

use std::path::{Path, PathBuf};

use crate::readiness::{Container, Run};

/// Lines that an error carries; the file has the rest.
const LINES: usize = 10;

/// The last lines of a container's run, and the file that has them all. Nothing where it has printed nothing.
pub(super) fn last_lines(pod_logs: &Path, namespace: &str, container: &Container) -> Option<(PathBuf, Vec<String>)> {
    // <namespace>_<pod>_<uid>/<container>/<restarts>.log, as the kubelet lays them out.
    let prefix = format!("{namespace}_{}_", container.pod);
    let pods = std::fs::read_dir(pod_logs).ok()?.filter_map(Result::ok);
    let pod =
        pods.map(|e| e.path()).find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix)))?;
    let runs = std::fs::read_dir(pod.join(&container.name)).ok()?.filter_map(Result::ok).map(|e| e.path());
    let number = |p: &PathBuf| p.file_stem().and_then(|s| s.to_string_lossy().parse::<u32>().ok());
    let mut runs: Vec<(u32, PathBuf)> = runs.filter_map(|p| number(&p).map(|n| (n, p))).collect();
    runs.sort();
    // The run that is now may have printed nothing yet; then the one before is the one that says why.
    let skip = usize::from(container.run == Run::Previous && runs.len() > 1);
    runs.into_iter().rev().skip(skip).find_map(|(_, path)| {
        let text = std::fs::read_to_string(&path).ok()?;
        let all: Vec<&str> = text.lines().map(message).collect();
        let lines: Vec<String> = all[all.len().saturating_sub(LINES)..].iter().map(|l| (*l).to_owned()).collect();
        (!lines.is_empty()).then_some((path, lines))
    })
}

/// A line of the CRI log format without its head, `TIME STREAM TAG `.
fn message(line: &str) -> &str {
    line.splitn(4, ' ').nth(3).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_before_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let logs = dir.path().join("e2e_store-0_1234/main");
        fs_err::create_dir_all(&logs).unwrap();
        fs_err::write(logs.join("0.log"), "2026-01-01T00:00:00Z stderr F no such database\n").unwrap();
        fs_err::write(logs.join("1.log"), "2026-01-01T00:00:09Z stderr F starting\n").unwrap();
        let container = |run| Container { pod: "store-0".to_owned(), name: "main".to_owned(), run };
        let lines = |run| last_lines(dir.path(), "e2e", &container(run)).unwrap().1;
        assert_eq!(lines(Run::Previous), ["no such database"]);
        assert_eq!(lines(Run::Current), ["starting"]);
        assert_eq!(last_lines(dir.path(), "other", &container(Run::Current)), None);
    }
}
