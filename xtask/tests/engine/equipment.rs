//! Two engines side by side, and machines that lack something.

use crate::bench::{Bench, contains};

#[test]
fn a_cluster_stays_on_the_engine_that_has_it() {
    let bench = Bench::new();
    bench.tool("podman");
    bench.run(&["e2e-setup", "one", "--engine", "podman"]).ends_with(0);
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    let other = bench.run(&["e2e-setup", "one", "--engine", "docker"]);
    other.ends_with(1);
    contains(&other.stderr, "it lives on podman, and docker is wanted");
    let calls = bench.read("calls");
    assert!(calls.matches("kind create").count() == 1 && !calls.contains("kind delete"), "{calls}");

    bench.run(&["e2e-setup", "one", "--engine", "docker", "--recreate"]).ends_with(0);
    assert!(!bench.path("state/node-podman").exists(), "the one on podman has been removed");
    assert!(bench.path("state/node").exists(), "and docker has the new one");
}

#[test]
fn a_cluster_is_not_forgotten_because_its_engine_does_not_answer() {
    let bench = Bench::new();
    bench.tool("podman");
    bench.run(&["e2e-setup", "one", "--engine", "podman"]).ends_with(0);
    bench.hook("podman-info", "echo cannot connect >&2; exit 1");
    for args in [&["e2e-setup", "one"][..], &["e2e-down", "one"]] {
        let run = bench.run(args);
        run.ends_with(3);
        contains(&run.stderr, "cluster `one` lives on podman");
    }
    bench.unhook("podman-info");
    bench.run(&["e2e-down", "one"]).ends_with(0);
    assert!(!bench.path("state/node-podman").exists());
}

#[test]
fn programs_that_are_not_there_are_named_before_anything_starts() {
    let bench = Bench::new();
    let run = bench.run_without(&["kind", "kubectl", "cargo"], &["e2e-setup", "one"]);
    run.ends_with(3);
    contains(&run.stderr, "`kind` was not found on the PATH; `cargo xtask doctor --fix` installs it");
    contains(&run.stderr, "`kubectl` was not found");
    contains(&run.stderr, "`cargo` was not found on the PATH; install it from https://rustup.rs");
    assert_eq!(bench.read("calls"), "");
}

#[test]
fn a_probe_of_one_run_is_not_taken_away_by_another() {
    let bench = Bench::new();
    bench.pipe("probing").pipe("go");
    // Containers run from images that are there.
    bench.hook("docker-import", r#"cat > /dev/null; echo "$3" >> "$FAKE/probes""#);
    bench.hook(
        "docker-rmi",
        r#"grep -vx "$3" "$FAKE/probes" > "$FAKE/probes.new"; mv "$FAKE/probes.new" "$FAKE/probes""#,
    );
    let run = r#"for image in "$@"; do :; [ "$image" = /probe ] || last=$image; done
      if mkdir "$FAKE/first" 2>/dev/null; then echo > "$FAKE/probing"; read -r _ < "$FAKE/go"; fi
      grep -qx "$last" "$FAKE/probes" || { echo "no such image: $last" >&2; exit 125; }; echo "$last" >> "$FAKE/ran""#;
    bench.hook("docker-run", run);
    let mut first = bench.start(&["doctor"]);
    bench.await_pipe("probing");
    bench.run(&["doctor"]);
    std::fs::write(bench.path("go"), "\n").unwrap();
    first.wait().unwrap();
    assert_eq!((bench.read("ran").lines().count(), bench.read("probes").as_str()), (2, ""));
}
