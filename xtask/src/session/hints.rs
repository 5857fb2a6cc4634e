//! Causes that lie outside of the run, read from what the tools printed: one line each, below everything that failed.

use crate::{exec::says_disk_full, tools::engine::EngineKind};

/// What the user is to look at first, if these errors show it.
pub(super) fn hints<'e>(errors: impl Iterator<Item = &'e str>, engine: EngineKind) -> Vec<String> {
    let (mut full, mut gone) = (false, false);
    for error in errors {
        full |= says_disk_full(error);
        let error = error.to_lowercase();
        gone |=
            ["cannot connect to the docker daemon", "unable to connect to podman", "does not answer any more: it was"]
                .iter()
                .any(|sign| error.contains(sign));
    }
    let disk = format!(
        "a disk is full: `df -h` and `{engine} system df` show which; `cargo xtask images prune` and `cargo xtask e2e-down \
         --all` remove what this tool made"
    );
    let daemon = format!(
        "{engine} was stopped, or it crashed: start it, or let --bootstrap start it, and set up again; `cargo xtask doctor` \
         looks at it"
    );
    [(full, disk), (gone, daemon)].into_iter().filter(|(is_so, _)| *is_so).map(|(_, hint)| hint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_named() {
        let errors = [
            "`docker` exited with code 1\n| Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
            "write /layer.tar: No space left on device",
            "container main crashed 3 times",
        ];
        let found = hints(errors.into_iter(), EngineKind::Docker);
        assert!(found[0].starts_with("a disk is full"), "{found:?}");
        assert!(found[1].starts_with("docker was stopped"), "{found:?}");
        assert!(hints(errors[2..].iter().copied(), EngineKind::Docker).is_empty());
    }
}
