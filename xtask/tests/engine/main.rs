//! The engine with pretended tools: what overlaps, what is reported, what a kill leaves. Nothing here sleeps: tools meet
//! in named pipes, and a tool that would wait for ever is what fails the test.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot be set up has failed, and it stands outside of the tool that it starts"
)]

mod again;
mod bench;
mod equipment;
mod json;
mod measuring;
mod network;
mod recipes;
mod removal;
mod stops;
mod troubles;

use bench::{Bench, contains};

#[test]
fn a_build_and_the_cluster_overlap() {
    let bench = Bench::new();
    // Each waits for the other: one after the other they would never end.
    bench.pipe("built").pipe("created");
    bench.hook("cargo-build", r#"echo > "$FAKE/built"; read -r _ < "$FAKE/created""#);
    bench.hook("kind-create", r#"read -r _ < "$FAKE/built"; echo > "$FAKE/created""#);
    bench.run(&["e2e-setup", "one"]).ends_with(0);
}

#[test]
fn applies_of_independent_parts_overlap_and_a_hard_edge_does_not() {
    let bench = Bench::new();
    bench.pipe("left").pipe("right");
    let meet = r#"input=$(cat); case "$input" in
      *left-settings*) echo > "$FAKE/left"; read -r _ < "$FAKE/right" ;;
      *right-settings*) read -r _ < "$FAKE/left"; echo > "$FAKE/right" ;;
      *after-settings*) echo after >> "$FAKE/order" ;;
    esac; echo done >> "$FAKE/order""#;
    bench.hook("kubectl-apply", meet);
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    let order = bench.read("order");
    // The namespace and the two before it are through when the one behind the hard edge begins.
    assert!(order.matches("done").count() == 4 && order.trim_end().ends_with("after\ndone"), "{order}");
}

#[test]
fn every_error_is_told_and_what_is_behind_is_skipped() {
    let bench = Bench::new();
    let fail = r#"input=$(cat); case "$input" in
      *left-settings*) echo "left is wrong" >&2; exit 1 ;;
      *right-settings*) echo "right is wrong" >&2; exit 1 ;;
      *after-settings*) echo after >> "$FAKE/order" ;;
    esac"#;
    bench.hook("kubectl-apply", fail);
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(1);
    contains(&run.stderr, "left is wrong");
    contains(&run.stderr, "right is wrong");
    contains(&run.stderr, "2 failed");
    assert_eq!(bench.read("order"), "", "what waits for a part that failed is not applied");
}

#[test]
fn a_killed_creation_is_recovered() {
    let bench = Bench::new();
    bench.pipe("creating");
    // The kill comes when the journal names the process: before that there is nothing to recover from.
    // And it hangs in what does not end by itself when nobody reads its output any more, as `tail` does.
    let hang = r#"echo > "$FAKE/state/node"
      until grep -q "start $$ " "$FAKE/home/kubernaut-e2e/clusters/one/processes"; do :; done
      echo > "$FAKE/creating"; exec sleep 600"#;
    bench.hook("kind-create", hang);
    let mut first = bench.start(&["e2e-setup", "one"]);
    bench.await_pipe("creating");
    first.kill().unwrap();
    first.wait().unwrap();
    bench.unhook("kind-create");
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(0);
    contains(&run.stderr, "left by a run that was killed");
    contains(&run.stderr, "never finished");
    contains(&bench.read("calls"), "kind delete cluster --name one");
}

#[test]
fn an_interrupt_ends_what_runs_and_exits_130() {
    let bench = Bench::new();
    bench.pipe("building");
    bench.hook("cargo-build", r#"echo $$ > "$FAKE/pid"; echo > "$FAKE/building"; exec tail -f /dev/null"#);
    let mut run = bench.start(&["e2e-setup", "one"]);
    bench.await_pipe("building");
    Bench::signal(&run, "INT");
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let pid = bench.read("pid");
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "the build still runs");
    contains(&bench.events(), r#""event":"finished","ok":false"#);
}

#[test]
fn a_cluster_of_somebody_else_is_left_alone() {
    let bench = Bench::new();
    bench.foreign_node();
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(1);
    contains(&run.stderr, "this tool did not create");
    let calls = bench.read("calls");
    assert!(!calls.contains("kind delete") && !calls.contains("kind create"), "{calls}");
}

#[test]
fn a_lost_container_is_replaced_and_nothing_changed_applies_nothing() {
    let bench = Bench::new();
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    bench.lose_node();
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(0);
    contains(&run.stderr, "has gone; creating the cluster anew");
}

#[test]
fn a_second_run_is_told_who_is_first() {
    let bench = Bench::new();
    bench.pipe("building");
    bench.hook("cargo-build", r#"echo > "$FAKE/building"; exec tail -f /dev/null"#);
    let mut first = bench.start(&["e2e-setup", "one"]);
    bench.await_pipe("building");
    let second = bench.run(&["e2e-setup", "one", "--no-wait"]);
    second.ends_with(1);
    contains(&second.stderr, &format!("in use by process {}", first.id()));
    Bench::signal(&first, "TERM");
    assert_eq!(first.wait().unwrap().code(), Some(130));
}

#[test]
fn the_live_line_shows_the_time_while_nothing_happens() {
    use std::io::{BufRead, BufReader};
    let bench = Bench::new();
    bench.pipe("seen");
    bench.hook("cargo-build", r#"read -r _ < "$FAKE/seen""#);
    let mut run = bench.start_on_terminal(&["e2e-setup", "one"]);
    // A live line ends with a carriage return. The build goes on when its second second has been shown.
    let shown = BufReader::new(run.stdout.take().unwrap()).split(b'\r').map_while(Result::ok);
    let mut ticks =
        shown.map(|line| String::from_utf8_lossy(&line).into_owned()).skip_while(|l| !l.contains("build:cargo 1s"));
    assert!(ticks.any(|l| l.contains("build:cargo 2s")), "the time stands still");
    std::fs::write(bench.path("seen"), "\n").unwrap();
    for _ in ticks {}
    assert!(run.wait().unwrap().success());
}
