//! `e2e-bench`: what fails or is interrupted costs its own measurement, and no other.

use crate::bench::{Bench, contains};

#[test]
fn a_run_that_fails_is_told_and_the_others_are_measured() {
    let bench = Bench::new();
    let once = r#"echo x >> "$FAKE/creations"
      if [ "$(wc -l < "$FAKE/creations")" = 2 ]; then echo "no room" >&2; exit 1; fi"#;
    bench.hook("kind-create", once);
    let run = bench.run(&["e2e-bench", "one", "--runs", "2"]);
    run.ends_with(1);
    contains(&run.stderr, "phased, run 1 of 2:");
    contains(&run.stderr, "no room");
    contains(&run.stderr, "phased, run 2 of 2:");
    contains(&run.stdout, "one (no cluster, all 2 images in docker; seconds)");
    let row = |what: &str| {
        let line = run.stdout.lines().find(|l| l.starts_with(what)).unwrap_or_else(|| panic!("{}", run.stdout));
        let counts = line.trim_start_matches(what).split_whitespace().take(2).collect::<Vec<_>>();
        counts.join(" ")
    };
    assert_eq!(row("phased"), "1 1");
    for what in ["graph", "sequential", "kind create cluster --wait"] {
        assert_eq!(row(what), "2 0", "{what}: {}", run.stderr);
    }
    assert!(!bench.path("state/node").exists(), "the last cluster is left");
}

#[test]
fn a_bare_cluster_that_an_interrupted_run_left_is_known_and_removed() {
    let bench = Bench::new();
    bench.pipe("bare");
    let hold = r#"case "$*" in *--wait*) echo > "$FAKE/state/node"; echo > "$FAKE/bare"; exec sleep 600 ;; esac"#;
    for removed_by in ["e2e-down", "e2e-bench"] {
        bench.hook("kind-create", hold);
        let mut run = bench.start(&["e2e-bench", "one", "--runs", "1"]);
        bench.await_pipe("bare");
        Bench::signal(&run, "INT");
        assert_eq!(run.wait().unwrap().code(), Some(130));
        bench.unhook("kind-create");
        if removed_by == "e2e-down" {
            bench.run(&["e2e-down", "bench-one-bare"]).ends_with(0);
        } else {
            bench.run(&["e2e-bench", "one", "--runs", "1"]).ends_with(0);
        }
        assert!(!bench.path("state/node").exists(), "{removed_by} left it");
    }
}
