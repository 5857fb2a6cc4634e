//! The binary at its edges: exit codes, formats, staged files, baseline, fixes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the binary is what is tested")]

mod context;
mod places;

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SLEEPY: &str = "#!/bin/sh\nexport KUBECONFIG=$PWD/kubeconfig\nkubectl apply -f deploy/web.yaml\nsleep 30\n";

fn lint(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask-lint")).current_dir(directory).args(args).output().unwrap()
}

fn git(directory: &Path, args: &[&str]) {
    let out = Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_DIR")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

fn place(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

fn stdout(out: &Output) -> String {
    String::from_utf8(out.stdout.clone()).unwrap()
}

#[test]
fn exit_codes_tell_clean_findings_and_broken_apart() {
    let clean = place(&[("a.sh", "echo hello\n"), ("data.bin", "\0\0")]);
    assert_eq!(lint(clean.path(), &[]).status.code(), Some(0));
    let found = place(&[("a.sh", SLEEPY)]);
    assert_eq!(lint(found.path(), &[]).status.code(), Some(1));
    let broken = place(&[("a.sh", SLEEPY), ("b.go", "package p\nfunc {\n")]);
    let out = lint(broken.path(), &["--color", "never"]);
    assert_eq!(out.status.code(), Some(2));
    let text = stdout(&out);
    assert!(text.contains("b.go: does not parse: line 2"), "{text}");
    assert!(text.contains("sleep-as-readiness"), "the rest is still read: {text}");
    assert_eq!(lint(clean.path(), &["no/such/path"]).status.code(), Some(2));
    assert_eq!(lint(clean.path(), &["--explain", "nonsense"]).status.code(), Some(2));
}

#[test]
fn json_has_the_documented_fields() {
    let found = place(&[("a.sh", SLEEPY), ("chart.yaml", "a: {{ .Values.b }}\n")]);
    let out = lint(found.path(), &["--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let finding = &document["findings"][0];
    assert_eq!(finding["rule"], "sleep-as-readiness");
    assert_eq!(finding["file"], "a.sh");
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(4), Some(1)));
    assert_eq!((finding["end_line"].as_u64(), finding["end_column"].as_u64()), (Some(4), Some(9)));
    assert_eq!(finding["related"][0]["line"], 3);
    assert!(finding["help"].as_str().unwrap().contains("kubectl wait"));
    assert_eq!(document["skipped"][0]["file"], "chart.yaml");
}

#[test]
fn other_formats_name_place_and_rule() {
    let found = place(&[("a.sh", SLEEPY)]);
    let github = stdout(&lint(found.path(), &["--format", "github"]));
    assert!(
        github.starts_with("::warning file=a.sh,line=4,col=1,endLine=4,endColumn=9,title=sleep-as-readiness::"),
        "{github}"
    );
    let sarif: serde_json::Value = serde_json::from_slice(&lint(found.path(), &["--format", "sarif"]).stdout).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "sleep-as-readiness");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 4);
}

#[test]
fn what_findings_may_be_called_is_listed_and_explained() {
    let bare = place(&[("a dir/a.sh", "# xtask-lint: allow(sleep-as-readiness)\ntrue\n")]);
    let sarif: serde_json::Value = serde_json::from_slice(&lint(bare.path(), &["--format", "sarif"]).stdout).unwrap();
    let run = &sarif["runs"][0];
    let id = run["results"][0]["ruleId"].as_str().unwrap();
    assert_eq!(id, "suppression");
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20dir/a.sh");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == id), "{rules:?}");
    assert!(rules.iter().all(|rule| rule["help"]["markdown"].as_str().is_some_and(|page| page.contains("Why: "))));
    assert!(stdout(&lint(bare.path(), &["--list"])).contains("\nsuppression "));
    let page = lint(bare.path(), &["--explain", id]);
    assert!(page.status.code() == Some(0) && stdout(&page).starts_with("## suppression\n"));
}

#[test]
fn findings_far_down_are_shown_with_their_lines() {
    let text = format!("{}{SLEEPY}", "# ü\n".repeat(50));
    let found = place(&[("a.sh", &text)]);
    let plain = stdout(&lint(found.path(), &["--color", "never"]));
    let lines = "  --> a.sh:54:1\n   |\n53 | kubectl apply -f deploy/web.yaml\n";
    assert!(plain.contains(lines) && plain.contains("54 | sleep 30\n   | ^^^^^^^^\n"), "{plain}");
}

#[test]
fn the_hook_that_is_documented_is_offered() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |file: &str| std::fs::read_to_string(top.join(file)).unwrap();
    let (hooks, pages) = (read(".pre-commit-hooks.yaml"), read("docs/lints.md"));
    let id = pages.lines().find_map(|line| line.trim().strip_prefix("- id: ")).unwrap();
    assert!(hooks.contains(&format!("- id: {id}\n")), "{id}: {hooks}");
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    assert!(pages.contains(&format!("`{entry}`")), "{entry}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(top.join(entry)).unwrap().permissions());
    assert_eq!(mode & 0o111, 0o111);
}

#[test]
fn staged_text_counts_not_the_working_tree() {
    let place = place(&[("a.sh", SLEEPY), ("b.sh", SLEEPY)]);
    git(place.path(), &["init", "-q"]);
    git(place.path(), &["add", "a.sh"]);
    std::fs::write(place.path().join("a.sh"), "echo mended, but not staged\n").unwrap();
    let out = lint(place.path(), &["--staged", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 1, "{document}");
    assert_eq!(document["findings"][0]["file"], "a.sh");
}

#[test]
fn what_is_staged_is_not_fixed() {
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: localhost/web:e2e\n      imagePullPolicy: Always\n";
    let place = place(&[("e2e/web.yaml", manifest)]);
    git(place.path(), &["init", "-q"]);
    git(place.path(), &["add", "."]);
    let mine = format!("{manifest}# not staged\n");
    std::fs::write(place.path().join("e2e/web.yaml"), &mine).unwrap();
    // The staged text with its fix would replace what is not staged.
    assert_eq!(lint(place.path(), &["--staged", "--fix"]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(place.path().join("e2e/web.yaml")).unwrap(), mine);
}

#[test]
fn changed_files_are_those_that_differ() {
    let place = place(&[("a.sh", SLEEPY), ("b.sh", "echo b\n")]);
    git(place.path(), &["init", "-q"]);
    git(place.path(), &["add", "."]);
    git(place.path(), &["commit", "-q", "-m", "one"]);
    assert_eq!(lint(place.path(), &["--changed", "HEAD"]).status.code(), Some(0));
    std::fs::write(place.path().join("b.sh"), SLEEPY).unwrap();
    std::fs::write(place.path().join("c.sh"), SLEEPY).unwrap();
    let text = stdout(&lint(place.path(), &["--changed", "HEAD", "--format", "github"]));
    assert!(text.contains("file=b.sh") && text.contains("file=c.sh") && !text.contains("file=a.sh"), "{text}");
}

#[test]
fn a_baseline_leaves_out_what_it_knows_wherever_it_moved() {
    let place = place(&[("a.sh", SLEEPY)]);
    assert_eq!(lint(place.path(), &["--write-baseline", "known.json"]).status.code(), Some(0));
    assert_eq!(lint(place.path(), &["--baseline", "known.json"]).status.code(), Some(0));
    std::fs::write(place.path().join("a.sh"), format!("\n\n{SLEEPY}kubectl apply -f deploy/b.yaml\nsleep 5\n"))
        .unwrap();
    let out = lint(place.path(), &["--baseline", "known.json", "--format", "github"]);
    let text = stdout(&out);
    assert!(text.contains("sleep 5") && !text.contains("`sleep 30`: "), "{text}");
    assert_eq!(out.status.code(), Some(1));
}

#[test]
fn fixes_are_made_and_hold() {
    let definition = "schema: 1\nname: store\nimages:\n  - {name: store}\nparts:\n  - name: schema\n    manifests: [s.yaml]\n  - name: server\n    manifests: [d.yaml]\n";
    let object = |kind: &str, name: &str, args: &str| {
        format!(
            "apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: store\n          {args}\n          imagePullPolicy: Always\n          resources: {{requests: {{cpu: 1m}}}}\n"
        )
    };
    let (job, server) = (object("Job", "migrate", "args: [migrate]"), object("Deployment", "store", "args: []"));
    let place = place(&[("e2e.yaml", definition), ("s.yaml", job.as_str()), ("d.yaml", server.as_str())]);
    assert_eq!(lint(place.path(), &[]).status.code(), Some(1));
    assert_eq!(lint(place.path(), &["--fix"]).status.code(), Some(0));
    assert_eq!(lint(place.path(), &[]).status.code(), Some(0));
    let text = std::fs::read_to_string(place.path().join("e2e.yaml")).unwrap();
    assert!(text.contains("  - name: server\n    after: [schema]\n    manifests: [d.yaml]\n"), "{text}");
    assert!(!std::fs::read_to_string(place.path().join("d.yaml")).unwrap().contains("Always"));
}

#[test]
fn a_tag_that_is_made_twice_is_made_once_after_a_fix() {
    let go = "package e2e\n\nfunc setup() error {\n\tbuildTag := generateImageTag(\"shop\")\n\tbuild(buildTag)\n\tdeployTag := generateImageTag(\"shop\")\n\treturn deploy(deployTag)\n}\n";
    let shell = "#!/bin/sh\nBUILD_TAG=$(date +%s)\nmake build TAG=\"$BUILD_TAG\"\nDEPLOY_TAG=$(date +%s)\nmake roll TAG=\"$DEPLOY_TAG\"\n";
    // Where the first one is not known to the end of the function nothing is changed.
    let inner = "package e2e\n\nfunc setup() error {\n\tif fresh {\n\t\tbuildTag := generateImageTag(\"shop\")\n\t\tbuild(buildTag)\n\t}\n\tdeployTag := generateImageTag(\"shop\")\n\treturn deploy(deployTag)\n}\n";
    let place = place(&[("setup.go", go), ("setup.sh", shell), ("inner/setup.go", inner)]);
    let script = place.path().join("setup.sh");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(lint(place.path(), &["--fix"]).status.code(), Some(1), "one is left");
    let text = |file: &str| std::fs::read_to_string(place.path().join(file)).unwrap();
    assert!(text("setup.go").contains("\tdeployTag := buildTag\n"), "{}", text("setup.go"));
    assert!(text("setup.sh").contains("\nDEPLOY_TAG=\"$BUILD_TAG\"\n"), "{}", text("setup.sh"));
    assert_eq!(text("inner/setup.go"), inner);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&script).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o755, "a script stays one that can be run");
}

#[test]
fn recorded_durations_say_what_is_lost() {
    let code = "package e2e\nfunc setup(ctx context.Context) {\n\tdeployPostgres(ctx)\n\tdeployDataLake(ctx)\n}\n";
    let history = r#"{"ready:postgres/server": [20, 21, 19], "ready:data-lake/server": [12]}"#;
    let place = place(&[("setup.go", code), ("history.json", history)]);
    let text = stdout(&lint(place.path(), &["--durations", "history.json", "--format", "github"]));
    assert!(text.contains("about 12 s of 32 s are lost"), "{text}");
}

#[test]
fn the_configuration_says_what_calls_mean() {
    let code = "package e2e\nfunc setup(ctx context.Context) {\n\tbringUpRedis(ctx)\n\tbringUpLedger(ctx)\n}\n";
    let place = place(&[("setup.go", code), ("xtask-lint.toml", "[calls]\ndeploy = [\"bringUp*\"]\n")]);
    let text = stdout(&lint(place.path(), &["--format", "github"]));
    assert!(text.contains("title=sequential-deploy"), "{text}");
    std::fs::write(place.path().join("xtask-lint.toml"), "[calls]\ndeplyo = []\n").unwrap();
    let out = lint(place.path(), &[]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("deplyo"));
}

#[test]
fn declared_programs_are_told_what_they_deploy() {
    let shell = "#!/bin/sh\nmyctl roll redis --timeout 5m\nmyctl roll ledger --timeout 5m\n";
    let go = "package e2e\nfunc setup(ctx context.Context) error {\n\tif err := exec.Command(\"myctl\", \"roll\", \"redis\").Run(); err != nil {\n\t\treturn err\n\t}\n\treturn exec.Command(\"myctl\", \"roll\", \"ledger\").Run()\n}\n";
    let same = "#!/bin/sh\nmyctl roll redis\nmyctl roll redis\n";
    let known = "#!/bin/sh\nskaffold run -p redis\nskaffold run -p ledger\n";
    let config = "[calls]\ndeploy = [\"my*ctl*\", \"*BringUp*\"]\n";
    let names = "package up\nfunc setup(ctx context.Context) {\n\tmustBringUpRedis(ctx)\n\tmustBringUpLedger(ctx)\n}\n";
    let place = place(&[
        ("a.sh", shell),
        ("e2e/b.go", go),
        ("c.sh", same),
        ("d.sh", known),
        ("up/e.go", names),
        ("xtask-lint.toml", config),
    ]);
    let text = stdout(&lint(place.path(), &["--format", "github"]));
    for file in ["a.sh", "e2e/b.go", "d.sh", "up/e.go"] {
        assert!(text.contains(&format!("file={file},")), "{file}: {text}");
    }
    assert!(!text.contains("file=c.sh"), "{text}");
}

#[test]
fn the_adoption_table_names_functions_and_verdicts() {
    let code = "package e2e\nfunc setup(ctx context.Context, kubeconfig string) {\n\tdeployPostgres(ctx, kubeconfig)\n\tdeployRedis(ctx, kubeconfig)\n}\n";
    let place = place(&[("setup.go", code)]);
    let out = lint(place.path(), &["--adoption"]);
    let text = stdout(&out);
    assert!(text.contains("| `setup` (setup.go:2) | 2 | 2 | 0 | 1 | sequential: sequential-deploy |"), "{text}");
    assert!(text.contains("could start with `deployPostgres`"), "{text}");
}

#[test]
fn the_adoption_table_says_what_its_list_says() {
    let body = "deployPostgres(ctx, kubeconfig)\n\tBETWEEN\n\tdeployRedis(ctx, kubeconfig)\n}\n";
    let file = |head: &str, between: &str| {
        format!(
            "package e2e\n{head}\nfunc setup(ctx context.Context, kubeconfig string) {{\n\t{}",
            body.replace("BETWEEN", between)
        )
    };
    let allowed = file("// xtask-lint: allow(sequential-deploy) -- measured, same", "");
    let queried = file("", "queryPostgres(ctx, kubeconfig)");
    for (text, verdict, why) in [
        (allowed, "| 2 | 2 | 0 | 1 | sequential |", "could start with `deployPostgres`"),
        (queried, "| 2 | 2 | 0 | 0 | ordered for a reason |", "may need what `queryPostgres` did"),
    ] {
        let place = place(&[("setup.go", text.as_str())]);
        let said = stdout(&lint(place.path(), &["--adoption"]));
        assert!(said.contains(verdict) && said.contains(why), "{said}");
    }
}
