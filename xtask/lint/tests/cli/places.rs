//! What is found is the same wherever one stands and however a file is named.

use super::{SLEEPY, git, lint, place, stdout};

const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: \"web:1\"}]}\n";

#[test]
fn globs_are_matched_below_the_configuration() {
    let place = place(&[
        ("tool/tests/a.sh", SLEEPY),
        ("team/e2e/b.sh", SLEEPY),
        ("xtask-lint.toml", "[paths]\nexclude = [\"tool/tests/**\"]\n"),
        ("team/xtask-lint.toml", "[paths]\nexclude = [\"e2e/*\"]\n"),
    ]);
    git(place.path(), &["init", "-q"]);
    for (directory, args) in [("", vec![]), ("tool", vec![]), ("tool", vec!["."]), ("tool/tests", vec![])] {
        let out = lint(&place.path().join(directory), &args);
        assert_eq!(out.status.code(), Some(0), "{directory} {args:?}: {}", stdout(&out));
    }
    let absolute = place.path().join("tool").to_string_lossy().into_owned();
    assert_eq!(lint(&place.path().join("team"), &[&absolute]).status.code(), Some(0));
}

#[test]
fn directories_above_the_repository_say_nothing_of_what_is_in_it() {
    let place = place(&[("test/repository/deploy/web.yaml", POD), ("test/repository/e2e/web.yaml", POD)]);
    let top = place.path().join("test/repository");
    git(&top, &["init", "-q"]);
    let found = |directory: &str, args: &[&str]| {
        let out = lint(&top.join(directory), &[args, &["--format", "github"]].concat());
        stdout(&out)
    };
    let whole = found("", &[]);
    assert!(whole.contains("file=e2e/web.yaml") && !whole.contains("file=deploy/web.yaml"), "{whole}");
    let absolute = top.to_string_lossy().into_owned();
    assert_eq!(found("", &[&absolute]), whole);
    assert_eq!(found("e2e", &[]), whole);
    assert_eq!(found("deploy", &["../e2e/web.yaml"]), whole);
    assert_eq!(found("deploy", &[]), "");
}

#[test]
fn a_baseline_counts_wherever_one_stands() {
    let place = place(&[("sub/a.sh", SLEEPY)]);
    git(place.path(), &["init", "-q"]);
    assert_eq!(lint(place.path(), &["--write-baseline", "known.json"]).status.code(), Some(0));
    let absolute = place.path().to_string_lossy().into_owned();
    assert_eq!(lint(place.path(), &[&absolute, "--baseline", "known.json"]).status.code(), Some(0));
    let sub = place.path().join("sub");
    assert_eq!(lint(&sub, &["--baseline", "../known.json"]).status.code(), Some(0));
    git(place.path(), &["add", "."]);
    assert_eq!(lint(&sub, &["--staged", "--baseline", "../known.json"]).status.code(), Some(0));
    git(place.path(), &["commit", "-q", "-m", "one"]);
    std::fs::write(sub.join("a.sh"), format!("{SLEEPY}true\n")).unwrap();
    assert_eq!(lint(&sub, &["--changed", "HEAD", "--baseline", "../known.json"]).status.code(), Some(0));
}

#[test]
fn each_file_is_ruled_by_the_configuration_above_it() {
    let place = place(&[
        ("a.sh", SLEEPY),
        ("nested/b.sh", SLEEPY),
        ("nested/xtask-lint.toml", "[rules]\ndisable = [\"sleep-as-readiness\"]\n"),
    ]);
    for args in [&["."][..], &["a.sh", "nested/b.sh"], &["nested/b.sh", "a.sh"], &["nested", "a.sh"]] {
        let text = stdout(&lint(place.path(), &[args, &["--format", "github"]].concat()));
        assert!(text.contains("file=a.sh") && !text.contains("b.sh"), "{args:?}: {text}");
    }
    // What the one above leaves out stays out, and is not asked.
    std::fs::write(place.path().join("xtask-lint.toml"), "[paths]\nexclude = [\"old/**\", \"nested/deep/**\"]\n")
        .unwrap();
    for (file, text) in
        [("old/xtask-lint.toml", "broken"), ("old/c.sh", SLEEPY), ("nested/deep/d.go", "package p\nfunc {\n")]
    {
        std::fs::create_dir_all(place.path().join(file).parent().unwrap()).unwrap();
        std::fs::write(place.path().join(file), text).unwrap();
    }
    let text = stdout(&lint(place.path(), &["--format", "github"]));
    assert!(text.contains("file=a.sh") && text.lines().count() == 1, "{text}");

    std::fs::write(place.path().join("nested/xtask-lint.toml"), "[paths]\nexclude = [\"a[\"]\n").unwrap();
    let out = lint(place.path(), &["nested/b.sh"]);
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.code() == Some(2) && told.contains("nested/xtask-lint.toml"), "{told}");
}

#[test]
fn other_peoples_code_and_what_is_excluded_is_left_out_however_it_is_named() {
    let place = place(&[
        ("a.sh", SLEEPY),
        ("vendor/x/b.sh", SLEEPY),
        ("e2e/testdata/c.sh", SLEEPY),
        ("legacy/d.sh", SLEEPY),
        ("xtask-lint.toml", "[paths]\nexclude = [\"legacy/**\"]\n"),
    ]);
    git(place.path(), &["init", "-q"]);
    git(place.path(), &["commit", "-q", "--allow-empty", "-m", "one"]);
    // The text of a link is a path.
    std::os::unix::fs::symlink("../a.sh", place.path().join("legacy.go")).unwrap();
    git(place.path(), &["add", "."]);
    let named = ["a.sh", "vendor/x/b.sh", "e2e/testdata/c.sh", "legacy/d.sh"];
    for way in [&["--staged"][..], &["--changed", "HEAD"], &["."], &named] {
        let out = lint(place.path(), &[way, &["--format", "github"]].concat());
        let text = stdout(&out);
        assert!(text.lines().count() == 1 && text.contains("file=a.sh"), "{way:?}: {text}");
        assert_eq!(out.status.code(), Some(1), "{way:?}");
    }
    // A directory that is asked for is read.
    assert_eq!(lint(place.path(), &["vendor"]).status.code(), Some(1));
    assert_eq!(lint(place.path(), &["legacy"]).status.code(), Some(0));
}

#[test]
fn paths_are_shown_as_they_were_written() {
    let place = place(&[("e2e/a.sh", SLEEPY), ("here/x", "")]);
    git(place.path(), &["init", "-q"]);
    let out = lint(&place.path().join("here"), &["../e2e", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(document["findings"][0]["file"], "../e2e/a.sh");
    let plain = stdout(&lint(&place.path().join("here"), &["../e2e", "--color", "never"]));
    assert!(plain.contains("--> ../e2e/a.sh:4:1"), "{plain}");
}
