//! Service ten: a copy of this workspace, the service that the README adds, and one command on a real cluster. It needs an
//! engine, so that plain `cargo test` leaves it alone; `cargo xtask ci` names it.

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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Everything but what git ignores.
fn copy(from: &Path, to: &Path) {
    for entry in ignore::WalkBuilder::new(from).hidden(false).filter_entry(|e| e.file_name() != ".git").build() {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_service_is_added_and_tested_without_a_line_of_the_tool() {
    let dir = tempfile::tempdir().unwrap();
    copy(&root(), dir.path());
    let gateway = dir.path().join("services/gateway");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/newcomer"), &gateway);
    fs::rename(gateway.join("manifest.toml"), gateway.join("Cargo.toml")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let definition = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    fs::write(gateway.join("e2e.yaml"), definition).unwrap();

    // Dependencies are compiled already, beside the tool.
    let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
    let run = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args).current_dir(dir.path()).env("CARGO_TARGET_DIR", target);
        assert!(command.status().unwrap().success(), "{program} {args:?}");
    };
    run("cargo", &["update", "--workspace", "--offline", "--quiet"]);
    run(env!("CARGO_BIN_EXE_xtask"), &["e2e-test", "gateway", "--down"]);
}
