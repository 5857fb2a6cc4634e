//! The documents at the top: every path and every verb that they name exists, and no file names a place of one machine.

use std::process::Command;

use clap::CommandFactory;
use fs_err as fs;
use xtask::cli::Cli;

use crate::source::root;

const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
/// Where paths of this workspace begin.
const TOPS: [&str; 9] =
    ["xtask/", "services/", "test-infra/", "schema/", "docs/", "ci/", ".ci/", "Cargo.toml", "rustfmt.toml"];

/// All that is wrong.
pub fn findings() -> Vec<String> {
    let mut findings = Vec::new();
    let verbs: Vec<String> = Cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for path in paths(&text).filter(|p| !exists(p)) {
            findings.push(format!("{document}: there is no {path}"));
        }
        for rest in text.split("cargo xtask ").skip(1) {
            let verb: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            if !verb.starts_with('-') && !verbs.contains(&verb) {
                findings.push(format!("{document}: there is no `cargo xtask {verb}`"));
            }
        }
    }
    findings.extend(places_of_one_machine());
    findings
}

/// What stands in backquotes or is linked, and looks like a path of ours; with a name left open, the part before it.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(['`', '(', ')', ' ', '\n', ',', ';']);
    words.filter(|w| TOPS.iter().any(|t| w.starts_with(t))).map(|w| w.split(['<', '*']).next().unwrap_or(w))
}

fn exists(path: &str) -> bool {
    root().join(path.trim_end_matches(['.', ':'])).exists()
}

/// Homes and mounts of those who wrote it.
#[expect(clippy::disallowed_methods, reason = "a test asks git what is tracked")]
fn places_of_one_machine() -> Vec<String> {
    let places = ["work", "root", "home/[a-z]+"].map(|p| format!("(^|[^A-Za-z0-9_.}}/-])/{p}/")).join("|");
    let mut git = Command::new("git");
    let output = git.args(["grep", "-nIE", &places, "--", ".", ":!xtask/lint/tests"]).current_dir(root()).output();
    // A copy without git has nothing tracked.
    let found = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    found.lines().map(|l| format!("{l}: a place of one machine")).collect()
}
