//! The documents say what is: every command in them is one, and the service that the README adds can be added.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot be set up has failed, and it stands outside of the tool that it starts"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Parser;
use xtask::cli::Cli;

const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/lints.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The commands of this tool in a document: lines of consoles, and what stands between backquotes.
fn commands(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    lines.chain(quoted).filter(|command| command.starts_with("cargo xtask ")).map(str::to_owned).collect()
}

#[test]
fn every_command_is_one() {
    let mut count = 0;
    for document in DOCUMENTS {
        for command in commands(&read(document)) {
            let words = command.split_whitespace().skip(1);
            match Cli::try_parse_from(words) {
                Ok(_) => {}
                Err(e) => assert!(!e.use_stderr(), "{document}: `{command}`\n{e}"),
            }
            count += 1;
        }
    }
    assert!(count >= 15, "only {count} commands were found");
}

/// Copies definitions, manifests and recipes, which are all that a plan is made from.
fn copy_yaml(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_yaml(&path, &target);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "sh") {
            fs::create_dir_all(to).unwrap();
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn the_service_that_the_readme_adds_costs_no_line_of_the_tool() {
    let readme = read("README.md");
    let definition = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    for part in ["services", "test-infra"] {
        copy_yaml(&root().join(part), &dir.path().join(part));
    }
    fs::write(dir.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    let gateway = dir.path().join("services/gateway");
    fs::create_dir_all(gateway.join("deploy")).unwrap();
    fs::write(gateway.join("e2e.yaml"), definition).unwrap();
    let store = read("services/datastorage/deploy/server.yaml");
    let server = store.replace("datastorage", "gateway").replace("30081", "30090");
    fs::write(gateway.join("deploy/server.yaml"), server).unwrap();

    let plan = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["e2e-plan", "gateway", "--format", "json"])
        .current_dir(dir.path())
        .env("XDG_STATE_HOME", dir.path().join("state"))
        .output()
        .unwrap();
    let (tasks, told) = (String::from_utf8_lossy(&plan.stdout), String::from_utf8_lossy(&plan.stderr));
    assert!(plan.status.success(), "{told}");
    for task in
        ["image:gateway", "load:gateway", "apply:gateway/server", "check:gateway/readyz", "ready:datastorage/server"]
    {
        assert!(tasks.contains(&format!("\"{task}\"")), "{task} is not in the plan:\n{tasks}");
    }
}
