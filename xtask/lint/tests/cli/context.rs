//! Staged, changed and named files are judged by what surrounds them, as in a run over everything.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::{git, lint, place, stdout};

const DEFINITION: &str = "schema: 1\nname: store\nimages:\n  - {name: store}\nparts:\n  - name: schema\n    manifests: [deploy/schema.yaml]\n  - name: server\n    manifests: [deploy/server.yaml]\n    after: [schema]\nports:\n  - {name: store, service: store, port: 80, node_port: 30081, host_port: 28090}\n";
const HELPER: &str = "package e2e\n\nfunc roll(ctx context.Context, name string) error {\n\treturn exec.Command(\"kubectl\", \"apply\", \"-f\", name).Run()\n}\n";
const SETUP: &str = "package e2e\n\nfunc setup(ctx context.Context) error {\n\tif err := roll(ctx, \"redis.yaml\"); err != nil {\n\t\treturn err\n\t}\n\treturn roll(ctx, \"postgres.yaml\")\n}\n";

fn pod(kind: &str, name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{{name: {name}, image: {image}, resources: {{requests: {{cpu: 1m}}}}}}]}}}}}}\n"
    )
}

/// A service with its definition, an image declaration and manifests, committed and clean.
fn store() -> tempfile::TempDir {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: store}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30081}]}\n";
    let place = place(&[
        ("services/store/e2e.yaml", DEFINITION),
        ("services/store/deploy/schema.yaml", &pod("Job", "schema", "store")),
        ("services/store/deploy/server.yaml", &(pod("Deployment", "store", "store") + service)),
        ("images/postgres/image.yaml", "name: postgres\nreference: docker.io/library/postgres:16\n"),
        ("services/db/server.yaml", &pod("Deployment", "db", "postgres")),
        ("e2e/helper.go", HELPER),
        ("e2e/setup.go", SETUP),
        // What is committed with a finding is nobody's business who stages something else.
        ("other/e2e/web.yaml", &pod("Deployment", "web", "nginx")),
    ]);
    git(place.path(), &["init", "-q"]);
    git(place.path(), &["add", "."]);
    git(place.path(), &["commit", "-q", "-m", "one"]);
    place
}

fn edit(place: &Path, file: &str, change: impl Fn(&str) -> String) {
    let path = place.join(file);
    std::fs::write(&path, change(&std::fs::read_to_string(&path).unwrap())).unwrap();
}

/// What is found in each way of asking for what has changed.
fn each_way(place: &Path, files: &[&str]) -> Vec<String> {
    git(place, &["add", "."]);
    let named: Vec<&str> = files.iter().copied().chain(["--format", "github"]).collect();
    let ways = [&["--staged", "--format", "github"][..], &["--changed", "HEAD", "--format", "github"], &named];
    ways.iter().map(|way| stdout(&lint(place, way))).collect()
}

#[test]
fn a_manifest_alone_knows_its_definition_and_its_images() {
    for file in ["services/store/deploy/server.yaml", "services/store/deploy/schema.yaml", "services/db/server.yaml"] {
        let place = store();
        edit(place.path(), file, |text| format!("{text}# note\n"));
        assert_eq!(each_way(place.path(), &[file]), ["", "", ""], "{file}");
    }
}

#[test]
fn a_definition_alone_knows_what_it_applies() {
    let place = store();
    edit(place.path(), "services/store/e2e.yaml", |text| format!("{text}# note\n"));
    assert_eq!(each_way(place.path(), &["services/store/e2e.yaml"]), ["", "", ""]);
    edit(place.path(), "services/store/e2e.yaml", |text| text.replace("    after: [schema]\n", ""));
    for found in each_way(place.path(), &["services/store/e2e.yaml"]) {
        assert!(found.contains("title=missing-edge") && found.lines().count() == 1, "{found}");
    }
}

#[test]
fn what_is_staged_is_judged_by_what_is_staged() {
    let place = store();
    edit(place.path(), "services/store/e2e.yaml", |text| text.replace("    after: [schema]\n", ""));
    git(place.path(), &["add", "."]);
    edit(place.path(), "services/store/e2e.yaml", |text| {
        text.replace("name: server\n", "name: server\n    after: [schema]\n")
    });
    assert!(stdout(&lint(place.path(), &["--staged"])).contains("missing-edge"));
    assert_eq!(stdout(&lint(place.path(), &["--changed", "HEAD"])), "");
    // The same of a file that is not staged at all.
    let place = store();
    edit(place.path(), "services/store/deploy/schema.yaml", |text| format!("{text}# note\n"));
    git(place.path(), &["add", "."]);
    edit(place.path(), "services/store/e2e.yaml", |text| text.replace("    after: [schema]\n", ""));
    assert_eq!(stdout(&lint(place.path(), &["--staged"])), "");
}

#[test]
fn a_suppression_that_holds_in_the_whole_holds_alone() {
    let place = store();
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    # xtask-lint: allow(missing-requests) -- measured without\n    - {name: a, image: \"a:1\"}\n";
    edit(place.path(), "services/store/deploy/schema.yaml", |text| format!("{text}---\n{bare}"));
    assert_eq!(each_way(place.path(), &["services/store/deploy/schema.yaml"]), ["", "", ""]);
}

#[test]
fn helpers_of_the_same_package_are_looked_into() {
    let place = store();
    edit(place.path(), "e2e/setup.go", |text| format!("{text}\n// note\n"));
    let whole = stdout(&lint(place.path(), &["--format", "github"]));
    let whole: String =
        whole.lines().filter(|line| line.contains("e2e/setup.go")).fold(String::new(), |mut all, line| {
            _ = writeln!(all, "{line}");
            all
        });
    assert!(!whole.is_empty());
    for found in each_way(place.path(), &["e2e/setup.go"]) {
        assert_eq!(found, whole);
    }
}

#[test]
fn context_is_not_counted_and_not_said_to_be_broken() {
    let place = store();
    edit(place.path(), "e2e/helper.go", |_| "package e2e\nfunc {\n".to_owned());
    let out = lint(place.path(), &["e2e/setup.go"]);
    assert_eq!(out.status.code(), Some(0));
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains("nothing found in 1 file"), "{told}");
}

/// The manifests and definitions of this project, which are clean together.
#[test]
fn each_manifest_of_this_project_is_clean_alone() {
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = std::process::Command::new("git")
        .current_dir(&top)
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "services/**.yaml", "test-infra/**.yaml"])
        .output()
        .unwrap();
    let files = stdout(&out);
    assert!(files.lines().count() > 10 || !top.join(".git").exists(), "{files}");
    for file in files.lines().filter(|file| top.join(file).exists()) {
        let out = lint(&top, &[file]);
        assert_eq!(out.status.code(), Some(0), "{file}: {}", stdout(&out));
    }
}
