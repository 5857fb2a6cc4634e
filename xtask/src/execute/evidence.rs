//! What a container printed last. The node's pod logs are a mount of the host, so they are read as files: they are there
//! even when the node is not.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::readiness::{Container, Run};

/// Lines that an error carries; the file has the rest.
const LINES: usize = 10;

/// The last lines of a container's run, and the file that has them all; nothing where that was read and is empty. A kubelet
/// writes for root alone: where we may not read, `open` is to open the logs for us.
pub(super) fn last_lines(
    pod_logs: &Path,
    namespace: &str,
    container: &Container,
    open: &dyn Fn(),
) -> io::Result<Option<(PathBuf, Vec<String>)>> {
    read(pod_logs, namespace, container).or_else(|_| {
        open();
        read(pod_logs, namespace, container)
    })
}

fn read(pod_logs: &Path, namespace: &str, container: &Container) -> io::Result<Option<(PathBuf, Vec<String>)>> {
    // <namespace>_<pod>_<uid>/<container>/<restarts>.log, as the kubelet lays them out.
    let prefix = format!("{namespace}_{}_", container.pod);
    let pods = fs_err::read_dir(pod_logs)?.filter_map(Result::ok);
    let pods = pods.filter(|e| e.file_name().to_string_lossy().starts_with(&prefix));
    // A pod that took the place of another of its name is the younger one.
    let pod = pods.max_by_key(|e| e.metadata().and_then(|m| m.modified()).ok());
    let pod = pod.ok_or_else(|| io::Error::other(format!("{} has none", pod_logs.display())))?;
    let runs = fs_err::read_dir(pod.path().join(&container.name))?.filter_map(Result::ok).map(|e| e.path());
    let number = |p: &PathBuf| p.file_stem().and_then(|s| s.to_string_lossy().parse::<u32>().ok());
    let mut runs: Vec<(u32, PathBuf)> = runs.filter_map(|p| number(&p).map(|n| (n, p))).collect();
    runs.sort();
    // The run that is now may have printed nothing yet; then the one before is the one that says why.
    let skip = usize::from(container.run == Run::Previous && runs.len() > 1);
    for (_, path) in runs.into_iter().rev().skip(skip) {
        let bytes = fs_err::read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.lines().map(message).collect();
        let lines: Vec<String> = all[all.len().saturating_sub(LINES)..].iter().map(|l| (*l).to_owned()).collect();
        if !lines.is_empty() {
            return Ok(Some((path, lines)));
        }
    }
    Ok(None)
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
        let last = |namespace, run| last_lines(dir.path(), namespace, &container(run), &|| {});
        let lines = |run| last("e2e", run).unwrap().unwrap().1;
        assert_eq!(lines(Run::Previous), ["no such database"]);
        assert_eq!(lines(Run::Current), ["starting"]);
        assert!(last("other", Run::Current).is_err(), "what was not read did not print nothing");
        fs_err::write(logs.join("0.log"), "").unwrap();
        assert_eq!(last("e2e", Run::Previous).unwrap(), None);
    }

    #[test]
    fn logs_that_are_closed_to_us_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("e2e_store-0_1234/main/0.log");
        // Root of these tests may read every file; a directory is none.
        fs_err::create_dir_all(&log).unwrap();
        let container = Container { pod: "store-0".to_owned(), name: "main".to_owned(), run: Run::Current };
        assert!(last_lines(dir.path(), "e2e", &container, &|| {}).is_err());
        let open = || {
            fs_err::remove_dir(&log).unwrap();
            fs_err::write(&log, "2026-01-01T00:00:00Z stderr F no such database\n").unwrap();
        };
        let (_, lines) = last_lines(dir.path(), "e2e", &container, &open).unwrap().unwrap();
        assert_eq!(lines, ["no such database"]);
    }
}
