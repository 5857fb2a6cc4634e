//! A set-up over one that was there: what is applied, and what is left as it is.

use crate::bench::{Bench, contains};

/// The metadata of the ConfigMap of a part, where everything is ours.
const METADATA: &str = r#"{"name":"left-settings","namespace":"e2e","resourceVersion":"7","annotations":
  {"e2e.kubernaut.ai/hash":HASH},"managedFields":[{"manager":"kubernaut-e2e","operation":"Apply","fieldsV1":
  {"f:data":{"f:a":{}},"f:metadata":{"f:annotations":{"f:e2e.kubernaut.ai/hash":{}},"f:labels":{
  "f:app.kubernetes.io/managed-by":{},"f:e2e.kubernaut.ai/definition":{},"f:e2e.kubernaut.ai/instance":{},
  "f:e2e.kubernaut.ai/part":{}}}}}]}"#;

#[test]
fn what_somebody_changed_is_applied_again() {
    let bench = Bench::new();
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    let first = bench.applied("one-left");
    let hash = first.lines().find_map(|l| l.trim().strip_prefix("e2e.kubernaut.ai/hash: ")).unwrap();
    let set_up_over = |metadata: &str| {
        let item = format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{metadata}}}"#);
        bench.hook("kubectl-get", &format!("echo '{{\"items\":[{item}]}}'; exit 0"));
        let before = bench.read("calls").matches(" apply ").count();
        let run = bench.run(&["e2e-setup", "one"]);
        run.ends_with(0);
        (bench.read("calls").matches(" apply ").count() - before, run.stderr)
    };
    let whole = METADATA.replace("HASH", hash);
    // The pretended cluster has nothing else, so the namespace and two parts are applied in any case.
    assert_eq!(set_up_over(&whole).0, 3);
    let (count, said) = set_up_over(&whole.replace(r#""f:a":{}"#, r#""f:b":{}"#));
    assert_eq!(count, 4);
    contains(&said, "ConfigMap/left-settings was changed since it was applied");
    contains(&bench.applied("one-left"), r#"e2e.kubernaut.ai/mended: "7""#);
}

/// An object that names the image, and runs nothing that would be waited for.
const MENTION: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: left-settings}\ndata: {a: image://one}\n";

fn use_the_image(bench: &Bench) {
    std::fs::write(bench.path("work/services/one/deploy/left.yaml"), MENTION).unwrap();
}

#[test]
fn an_image_built_elsewhere_goes_by_what_is_in_it() {
    let bench = Bench::new();
    use_the_image(&bench);
    let node = bench.read("state/images");
    for id in ["0123456789abcdef", "fedcba9876543210"] {
        let image = format!("{node}localhost/me/one\t1\t<none>\tsha256:{id}\n");
        std::fs::write(bench.path("state/images"), image).unwrap();
        bench.run(&["e2e-setup", "one", "--image", "one=localhost/me/one:1"]).ends_with(0);
        contains(&bench.applied("one-left"), &format!("a: localhost/e2e-given/one:{}\n", &id[..12]));
    }
    let calls = bench.read("calls");
    contains(&calls, "docker tag localhost/me/one:1 localhost/e2e-given/one:0123456789ab");
    contains(&calls, "docker save localhost/e2e-given/one:fedcba987654");
}

#[test]
fn an_image_that_is_not_there_or_not_known_ends_the_run_before_it_starts() {
    let bench = Bench::new();
    use_the_image(&bench);
    bench.hook("docker-pull", "echo 'connection refused' >&2; exit 1");
    let run = bench.run(&["e2e-setup", "one", "--image", "one=localhost/me/one:1"]);
    run.ends_with(2);
    contains(&run.stderr, "--image one=localhost/me/one:1: docker does not have it");
    contains(&run.stderr, "connection refused");
    let run = bench.run(&["e2e-setup", "one", "--image", "ones=localhost/me/one:1"]);
    run.ends_with(2);
    contains(&run.stderr, "there is no image `ones`; did you mean `one`?");
    assert!(!bench.read("calls").contains("kind create"));
}

#[test]
fn what_is_rendered_for_a_look_is_what_is_applied() {
    let bench = Bench::new();
    use_the_image(&bench);
    std::fs::create_dir_all(bench.path("work/services/base/deploy")).unwrap();
    let base = "schema: 1\nname: base\nabout: x\nparts:\n  - {name: only, manifests: [deploy/base.yaml]}\n";
    std::fs::write(bench.path("work/services/base/e2e.yaml"), base).unwrap();
    std::fs::write(bench.path("work/services/base/deploy/base.yaml"), MENTION.replace("left", "base")).unwrap();
    let one = bench.read("work/services/one/e2e.yaml").replace("needs: []", "needs: [base]");
    std::fs::write(bench.path("work/services/one/e2e.yaml"), one).unwrap();
    let image = format!("{}localhost/me/one\t1\t<none>\tsha256:0123456789abcdef\n", bench.read("state/images"));
    std::fs::write(bench.path("state/images"), image).unwrap();
    let given = ["--image", "one=localhost/me/one:1"];
    let dir = bench.path("rendered").display().to_string();
    bench.run(&[&["e2e-plan", "one", "--render", &dir], &given[..]].concat()).ends_with(0);
    bench.run(&[&["e2e-setup", "one"], &given[..]].concat()).ends_with(0);
    for part in ["one-left", "one-right", "base-only"] {
        assert_eq!(bench.read(&format!("rendered/{part}.yaml")), bench.applied(part));
    }
    assert_eq!(bench.read("rendered/namespace.yaml"), bench.last_run("namespace.yaml"));
}

#[test]
fn a_plan_knows_whether_the_cluster_will_be_used() {
    let bench = Bench::new();
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    let creates = |more: &[&str]| {
        let run = bench.run(&[&["e2e-setup", "one", "--dry-run"], more].concat());
        run.ends_with(0);
        run.stdout.contains("api-up")
    };
    assert!(!creates(&[]));
    assert!(creates(&["--recreate"]));
    bench.lose_node();
    assert!(creates(&[]));
}

#[test]
fn a_suite_does_not_break_what_another_service_needs() {
    let bench = Bench::new();
    let base = "schema: 1\nname: base\nabout: x\nbreaks: [one]\ntest: {package: one, target: e2e}\n";
    std::fs::create_dir_all(bench.path("work/services/base")).unwrap();
    std::fs::write(bench.path("work/services/base/e2e.yaml"), base).unwrap();
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    for args in [&["e2e-test", "base", "--cluster", "one"][..], &["e2e-all", "--cluster", "one"]] {
        let run = bench.run(args);
        run.ends_with(2);
        contains(&run.stderr, "the tests of `base` break `one` on purpose, and `one` needs it in the same cluster");
    }
    assert!(!bench.read("calls").contains("cargo test"));
}
