//! Clusters removed, also where kind, an engine or the user does not let them go at once.

use crate::{
    bench::{Bench, contains},
    stops::runs,
};

#[test]
fn a_cluster_that_cannot_be_removed_does_not_keep_the_others() {
    let bench = Bench::new();
    bench.tool("podman");
    bench.run(&["e2e-setup", "one", "--cluster", "a", "--engine", "podman"]).ends_with(0);
    bench.run(&["e2e-setup", "one", "--cluster", "b", "--engine", "docker"]).ends_with(0);
    bench.hook("podman-info", "echo cannot connect >&2; exit 1");
    let run = bench.run(&["e2e-down", "--all"]);
    run.ends_with(3);
    contains(&run.stderr, "cluster `a` lives on podman");
    contains(&run.stderr, "Removed cluster b");
    bench.unhook("podman-info");
    let run = bench.run(&["e2e-down", "one", "b"]);
    run.ends_with(2);
    contains(&run.stderr, "Removed cluster a");
    contains(&run.stderr, "there is no cluster `b`");
}

#[test]
fn where_kind_fails_the_containers_go_by_their_label() {
    let bench = Bench::new();
    bench.hook("kind-delete", "echo stuck >&2; exit 1");
    for verb in [&["e2e-setup", "one", "--recreate"][..], &["e2e-down", "one"]] {
        bench.run(&["e2e-setup", "one"]).ends_with(0);
        let run = bench.run(verb);
        run.ends_with(0);
        contains(&run.stderr, "kind could not delete the cluster; removing its containers");
    }
    let calls = bench.read("calls");
    contains(&calls, "docker ps --all --quiet --no-trunc --filter label=io.x-k8s.kind.cluster=one");
    assert_eq!(calls.matches("docker rm --force --volumes 1234").count(), 2, "{calls}");
}

#[test]
fn an_interrupted_removal_ends_kind_and_the_next_one_finishes() {
    let bench = Bench::new();
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    bench.pipe("here").hook("kind-delete", r#"echo $$ > "$FAKE/held"; echo > "$FAKE/here"; exec sleep 600"#);
    let mut run = bench.start(&["e2e-down", "--all"]);
    bench.await_pipe("here");
    Bench::signal(&run, "INT");
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(!runs(&bench.read("held")), "kind still runs");
    bench.unhook("kind-delete");
    bench.run(&["e2e-down", "one"]).ends_with(0);
    assert!(!bench.path("state/node").exists());
}
