//! `--fix`: what it writes parses, holds, and is said; what it leaves is said, too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the binary is what is tested")]

use std::process::Command;

/// Fixes files; the exit code, what was printed, and the texts after it.
fn fixed(files: &[(&str, &str)]) -> (i32, String, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    for (name, text) in files {
        std::fs::write(path(name), text).unwrap();
    }
    let out = Command::new(env!("CARGO_BIN_EXE_xtask-lint"))
        .current_dir(directory.path())
        .args(["--fix", "--format", "github"])
        .output()
        .unwrap();
    let said = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    let texts = files.iter().map(|(name, _)| std::fs::read_to_string(path(name)).unwrap()).collect();
    (out.status.code().unwrap(), said, texts)
}

const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: store-schema}\nspec: {template: {spec: {containers: [{name: migrate, image: store, resources: {requests: {cpu: 1m}}}]}}}\n";
const SPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
const SERVER: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: store, namespace: shop}\nspec: {template: {spec: {containers: [{name: store, image: store, resources: {requests: {cpu: 1m}}}]}}}\n";

fn definition(server: &str) -> String {
    format!(
        "schema: 1\nname: store\nimages: [{{name: store}}]\nparts:\n  - name: schema\n    manifests: [s.yaml]\n  - name: ns\n    manifests: [n.yaml]\n  - name: db\n    manifests: []\n{server}"
    )
}

#[test]
fn edges_are_added_in_the_style_of_the_definition_until_none_is_missing() {
    let cases = [
        ("  - name: server # ours\n    manifests: [d.yaml]\n", "  - name: server # ours\n    after: [schema, ns]\n"),
        ("  - name: server\n    after: []\n    manifests: [d.yaml]\n", "    after: [schema, ns]\n"),
        (
            "  - name: server\n    after:\n      - db # first\n    manifests: [d.yaml]\n",
            "    after:\n      - schema\n      - ns\n      - db # first\n",
        ),
        ("  - {name: server, manifests: [d.yaml]}\n", "  - {name: server, after: [schema, ns], manifests: [d.yaml]}\n"),
    ];
    for (server, expected) in cases {
        let text = definition(server);
        let (code, said, texts) =
            fixed(&[("e2e.yaml", text.as_str()), ("s.yaml", JOB), ("n.yaml", SPACE), ("d.yaml", SERVER)]);
        assert!(texts[0].contains(expected), "{}\n{said}", texts[0]);
        assert_eq!((code, said.matches("fixed e2e.yaml").count()), (0, 2), "{said}");
    }
}

#[test]
fn what_is_not_mended_is_still_found() {
    let text = definition("  - name: server\n    manifests: [d.yaml]\n");
    let sleepy = "export KUBECONFIG=x\nkubectl apply -f web.yaml\nsleep 30\n";
    let files = [("e2e.yaml", text.as_str()), ("s.yaml", JOB), ("n.yaml", SPACE), ("d.yaml", SERVER), ("a.sh", sleepy)];
    let (code, said, _) = fixed(&files);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("title=sleep-as-readiness") && !said.contains("title=missing-edge"), "{said}");
}

#[test]
fn a_local_image_gets_a_pull_policy() {
    let pod = |container: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n{container}")
    };
    let cases = [
        (
            "    - name: web\n      image: localhost/web # ours\n      args: []\n",
            "      image: localhost/web # ours\n      imagePullPolicy: IfNotPresent\n      args: []\n",
        ),
        ("    - image: localhost/web\n", "    - image: localhost/web\n      imagePullPolicy: IfNotPresent\n"),
        (
            "    - {image: localhost/web, name: web}\n",
            "{image: localhost/web, imagePullPolicy: IfNotPresent, name: web}",
        ),
    ];
    for (container, expected) in cases {
        let (code, said, texts) = fixed(&[("web.yaml", pod(container).as_str())]);
        assert_eq!(code, 0, "{said}");
        assert!(texts[0].contains(expected), "{}", texts[0]);
    }
    // What is merged is written elsewhere, for others, too.
    let merged =
        "    - &web {name: web, image: \"localhost/web:1\"}\n    - {<<: *web, name: other, image: localhost/web}\n";
    assert_eq!(fixed(&[("web.yaml", pod(merged).as_str())]).0, 0);
}

#[test]
fn a_tag_is_not_taken_from_a_name_that_has_another_value_by_then() {
    let left = [
        ("a.sh", "BUILD_TAG=v-$(date)\nmake TAG=\"$BUILD_TAG\"\nBUILD_TAG=other\nLAST_TAG=v-$(date)\n"),
        ("b.sh", "BUILD_TAG=v-$(date)\nread -r BUILD_TAG\nLAST_TAG=v-$(date)\n"),
        ("c.sh", "next() { BUILD_TAG=other; }\nBUILD_TAG=v-$(date)\nnext\nLAST_TAG=v-$(date)\n"),
        (
            "d.go",
            "package e2e\n\nfunc setup() {\n\tbuildTag := generateImageTag(\"shop\")\n\tbuildTag = other\n\tlastTag := generateImageTag(\"shop\")\n\tdeploy(buildTag, lastTag)\n}\n",
        ),
        (
            "part.go",
            "package e2e\n\nfunc setup() {\n\tbuildTag := fmt.Sprintf(\"shop:%d\", time.Now().Unix())\n\tdeployTag := fmt.Sprintf(\"shop:%d\", time.Now().Unix())\n\tdeploy(buildTag, deployTag)\n}\n",
        ),
        // Moved away, or behind a `?`: what to write instead is not for a tool to say.
        (
            "e.rs",
            "fn setup() -> Result<()> {\n    let build_tag = generate_image_tag(\"shop\")?;\n    build(build_tag);\n    let deploy_tag = generate_image_tag(\"shop\")?;\n    deploy(&deploy_tag)\n}\n",
        ),
    ];
    let (code, said, texts) = fixed(&left);
    assert_eq!(code, 1);
    assert_eq!(said.matches("title=regenerated-tag").count(), left.len(), "{said}");
    for ((name, before), after) in left.iter().zip(&texts) {
        assert_eq!(before, after, "{name}");
    }
}
