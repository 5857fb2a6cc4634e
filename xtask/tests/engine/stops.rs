//! A run that is killed or interrupted, wherever it is, leaves nothing that disturbs the next one.

use std::{io::Read, path::Path};

use crate::bench::{Bench, await_line, contains};

/// Where a run is caught: the tool that is held, and what it does there.
const PLACES: [(&str, &str, &str); 4] = [
    ("building", "cargo-build", HOLD),
    ("creating", "kind-create", HOLD),
    ("loading", "docker-exec", r#"case "$*" in *" import "*) HOLD ;; esac"#),
    ("waiting", "kubectl-watch", WAIT),
];

/// Says that it is here when the journal names it, and stays: in what does not end by itself when nobody reads its output.
const HOLD: &str = r#"until grep -q "start $$ " "$FAKE/home/kubernaut-e2e/clusters/one/processes"; do :; done
  echo $$ > "$FAKE/held"; echo > "$FAKE/here"; exec sleep 600"#;

/// The watch says so when the wait for the pod has begun.
const WAIT: &str = r#"case "$*" in */pods*)
    until grep -q '"started","task":"ready:one/left"' "$FAKE"/home/kubernaut-e2e/clusters/one/runs/*/events.jsonl
    do :; done
    echo $$ > "$FAKE/held"; echo > "$FAKE/here"; exec sleep 600 ;; esac"#;

/// A run that is held at this place.
fn held(place: &(&str, &str, &str)) -> (Bench, std::process::Child) {
    let (_, tool, script) = place;
    let bench = Bench::new();
    bench.pipe("here").part_with_pod("left");
    bench.hook(tool, &script.replace("HOLD", HOLD));
    let run = bench.start(&["e2e-setup", "one"]);
    bench.await_pipe("here");
    (bench, run)
}

/// Whether a process does anything: one that nobody reaps has ended all the same.
pub fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

/// The held tool has ended, and the next run, which nothing holds, succeeds.
fn is_clean_after(bench: &Bench, place: &(&str, &str, &str)) {
    bench.unhook(place.1);
    bench.part_without_pod("left");
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    assert!(!runs(&bench.read("held")), "{}: the held process still runs", place.0);
}

#[test]
fn a_kill_is_recovered_from_wherever_it_comes() {
    for place in &PLACES {
        let (bench, mut run) = held(place);
        run.kill().unwrap();
        run.wait().unwrap();
        is_clean_after(&bench, place);
    }
}

#[test]
fn a_kill_while_a_cluster_is_made_anew_is_recovered_from_too() {
    let bench = Bench::new();
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    let place = &PLACES[1];
    bench.pipe("here").hook(place.1, HOLD);
    let mut run = bench.start(&["e2e-setup", "one", "--recreate"]);
    bench.await_pipe("here");
    run.kill().unwrap();
    run.wait().unwrap();
    is_clean_after(&bench, place);
}

#[test]
fn an_interrupt_ends_what_runs_wherever_it_comes() {
    for place in &PLACES {
        for signal in ["INT", "TERM", "HUP"] {
            let (bench, mut run) = held(place);
            Bench::signal(&run, signal);
            assert_eq!(run.wait().unwrap().code(), Some(130), "{signal} while {}", place.0);
            contains(&bench.events(), r#""event":"finished","ok":false"#);
            is_clean_after(&bench, place);
        }
    }
}

#[test]
fn a_second_interrupt_does_not_wait_for_a_tool_that_will_not_end() {
    let bench = Bench::new();
    bench.pipe("here");
    let stubborn = r#"trap 'echo > "$FAKE/here"' TERM; echo $$ > "$FAKE/held"; echo > "$FAKE/here"
      while :; do sleep 600 & wait $!; done"#;
    bench.hook("cargo-build", stubborn);
    let mut run = bench.start(&["e2e-setup", "one"]);
    bench.await_pipe("here");
    Bench::signal(&run, "INT");
    // It has been told to end, and says that it was.
    bench.await_pipe("here");
    Bench::signal(&run, "INT");
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(!runs(&bench.read("held")), "the stubborn tool still runs");
}

#[test]
fn who_waits_for_another_run_says_for_whom_and_can_be_interrupted() {
    let (bench, mut first) = held(&PLACES[0]);
    bench.part_without_pod("left");
    let (mut second, mut words) = bench.start_telling(&["e2e-setup", "one"]);
    await_line(&mut words, &format!("for cluster `one`, in use by process {} (e2e-setup)", first.id()));
    Bench::signal(&second, "INT");
    assert_eq!(second.wait().unwrap().code(), Some(130));
    await_line(&mut words, "interrupted while waiting for cluster `one`");

    let (mut third, mut words) = bench.start_telling(&["e2e-setup", "one"]);
    await_line(&mut words, "in use by process");
    bench.unhook(PLACES[0].1);
    Bench::signal(&first, "INT");
    assert_eq!(first.wait().unwrap().code(), Some(130));
    let rest: Vec<u8> = words.bytes().map(Result::unwrap).collect();
    assert!(third.wait().unwrap().success(), "{}", String::from_utf8_lossy(&rest));
}

#[test]
fn an_interrupt_while_the_machine_is_mended_is_no_missing_engine() {
    let bench = Bench::new();
    bench.pipe("here");
    bench.hook("kind-version", "echo kind v0.30.0 go1.26.8 linux/amd64");
    bench.hook("kubectl-version", r#"echo '{"clientVersion":{"gitVersion":"v1.34.4"}}'"#);
    for tool in ["docker-version", "docker-import"] {
        bench.hook(tool, r#"echo > "$FAKE/here"; exec sleep 600"#);
        let mut run = bench.start(&["e2e-setup", "one", "--bootstrap"]);
        bench.await_pipe("here");
        Bench::signal(&run, "INT");
        assert_eq!(run.wait().unwrap().code(), Some(130), "{tool}");
        bench.unhook(tool);
    }
}
