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

    /// Compiles binaries and says on standard output where they are. Every package that any image is made from is named
    /// beside them: cargo gives a dependency the features that all named packages ask for, so that the same sources give
    /// the same binaries, whichever of them are wanted.
    #[must_use]
    pub fn build<'a>(&self, binaries: &[&str], packages: impl IntoIterator<Item = &'a str>) -> Cmd {
        let mut cmd = self.cmd("build").arg("--message-format=json-render-diagnostics");
        for package in packages {
            cmd = cmd.args(["--package", package]);
        }
        for binary in binaries {
            cmd = cmd.args(["--bin", binary]);
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

    /// Two packages, of which one asks for a feature of what both use.
    fn workspace(dir: &Path) {
        let write = |file: &str, text: &str| {
            let path = dir.join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = ['one', 'two']\nresolver = '3'\n[profile.e2e]\ninherits = 'dev'\n");
        write("shared/Cargo.toml", "[package]\nname = 'shared'\nedition = '2024'\n[features]\nloud = []\n");
        write("shared/src/lib.rs", "pub const LOUD: bool = cfg!(feature = \"loud\");\n");
        for (name, features) in [("one", ""), ("two", "features = ['loud']")] {
            let dependency = format!("[dependencies.shared]\npath = '../shared'\n{features}\n");
            write(
                &format!("{name}/Cargo.toml"),
                &format!("[package]\nname = '{name}'\nedition = '2024'\n{dependency}"),
            );
            write(&format!("{name}/src/main.rs"), "fn main() { assert!(shared::LOUD); }\n");
        }
    }

    #[test]
    fn a_binary_is_the_same_whatever_else_is_wanted() {
        let dir = tempfile::tempdir().unwrap();
        workspace(dir.path());
        let runner = crate::exec::Runner::new().unwrap();
        let lock = Cmd::new("cargo").args(["generate-lockfile", "--offline"]).cwd(dir.path());
        lock.run(&runner).unwrap();
        let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
        let cargo = Cargo::new(dir.path(), arch);
        let build = |binaries: &[&str]| {
            let build = cargo.build(binaries, ["one", "two"]).env("CARGO_TARGET_DIR", dir.path().join("target"));
            build.run(&runner).unwrap().text()
        };
        let alone = build(&["one"]);
        assert_eq!(Cargo::executables(&alone).keys().collect::<Vec<_>>(), ["one"], "nothing that nobody wants");
        Cmd::new(&Cargo::executables(&alone)["one"]).run(&runner).unwrap();
        assert!(!Cargo::was_built(&build(&["one", "two"]), "one"));
    }

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
