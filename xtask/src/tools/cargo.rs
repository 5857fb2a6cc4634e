//! cargo: one build for all service binaries of a run, and the tests.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;

use crate::exec::Cmd;

/// The profile of service binaries, end-to-end tests and harness, so that nothing compiles twice.
pub const PROFILE: &str = "e2e";

/// cargo in one workspace.
#[derive(Debug, Clone)]
pub struct Cargo {
    root: PathBuf,
    triple: String,
}

impl Cargo {
    /// cargo for images of this architecture (`amd64`, `arm64`).
    #[must_use]
    pub fn new(root: &Path, arch: &str) -> Self {
        let cpu = match arch {
            "amd64" => "x86_64",
            "arm64" => "aarch64",
            other => other,
        };
        Self { root: root.to_owned(), triple: format!("{cpu}-unknown-linux-gnu") }
    }

    /// Compiles binaries, given as (package, binary), and says on standard output where they are.
    #[must_use]
    pub fn build(&self, binaries: &[(String, String)]) -> Cmd {
        let mut cmd = self.cmd("build").arg("--message-format=json-render-diagnostics");
        for (package, binary) in binaries {
            cmd = cmd.args(["--package", package, "--bin", binary]);
        }
        cmd.deadline(Duration::from_mins(30))
    }

    /// Compiles test targets, given as (package, target).
    #[must_use]
    pub fn build_tests(&self, targets: &[(String, String)]) -> Cmd {
        let mut cmd = self.cmd("test").args(["--no-run", "--message-format=json-render-diagnostics"]);
        for (package, target) in targets {
            cmd = cmd.args(["--package", package, "--test", target]);
        }
        cmd
    }

    /// Runs a test target, compiled if need be.
    #[must_use]
    pub fn test(&self, package: &str, target: &str) -> Cmd {
        self.cmd("test").args(["--package", package, "--test", target])
    }

    /// Any other verb, with the flags that make it share what is compiled with the rest.
    #[must_use]
    pub fn verb(&self, verb: &str) -> Cmd {
        self.cmd(verb)
    }

    /// The executables that a build names, by binary.
    #[must_use]
    pub fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
        let parsed = messages.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
        let built = parsed.filter(|m| m["reason"] == "compiler-artifact");
        built
            .filter_map(|m| Some((m["target"]["name"].as_str()?.to_owned(), PathBuf::from(m["executable"].as_str()?))))
            .collect()
    }

    /// Whether a build compiled this binary anew.
    #[must_use]
    pub fn was_built(messages: &str, binary: &str) -> bool {
        let parsed = messages.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
        let mut artifacts = parsed.filter(|m| m["reason"] == "compiler-artifact" && m["executable"].is_string());
        artifacts.any(|m| m["target"]["name"] == binary && m["fresh"] == false)
    }

    fn cmd(&self, verb: &str) -> Cmd {
        // Linked statically, a binary runs in an empty image, whatever C library this host has.
        let flags = format!(r#"target.{}.rustflags=["-C","target-feature=+crt-static"]"#, self.triple);
        let cmd = Cmd::new("cargo").args([verb, "--locked", "--profile", PROFILE, "--target", &self.triple]);
        // RUSTFLAGS of the caller would take the place of ours.
        cmd.args(["--config", &flags]).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").cwd(&self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_those_of_artifacts() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"kit"},"executable":null,"fresh":true}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"datastorage"},"executable":"/t/e2e/datastorage"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#
        );
        let found = Cargo::executables(messages);
        assert_eq!(found, [("datastorage".to_owned(), PathBuf::from("/t/e2e/datastorage"))].into());
    }
}
