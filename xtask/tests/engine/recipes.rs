//! Recipes that outlive the run which started them.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    bench::{Bench, await_line, contains},
    stops::runs,
};

const MAKES: &str =
    "#!/bin/sh\nprintf '%s\\t%s\\t<none>\\tsha256:1\\n' \"${IMAGE%:*}\" \"${IMAGE##*:}\" >> \"$FAKE/state/images\"\n";

/// Says that it is here when the journal names it, and leaves something in its directory. It ends when it is told to, and
/// before what it started, which cleans up.
const HANGS: &str = r#"#!/bin/sh
echo part > "$WORK/part"
until grep -q "start $$ " "$FAKE/home/kubernaut-e2e/clusters/_images/processes"; do :; done
echo $$ > "$FAKE/held"
sh -c 'trap "echo cleaned > $FAKE/cleaned; exit 1" TERM
  echo > "$FAKE/here"; while [ -e "$FAKE/held" ]; do :; done'
:
"#;

/// Declares an image that this script makes.
fn recipe(bench: &Bench, script: &str) {
    let dir = bench.path("work/test-infra/images/store");
    fs::create_dir_all(&dir).unwrap();
    let declared =
        "schema: 1\nname: store\nreference: docker.io/library/store:1\nrecipe: {script: build.sh, needs: []}\n";
    fs::write(dir.join("image.yaml"), declared).unwrap();
    fs::write(dir.join("build.sh"), script).unwrap();
    fs::set_permissions(dir.join("build.sh"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn work_of_recipes(bench: &Bench) -> usize {
    let dir = fs::read_dir(bench.path("home/kubernaut-e2e/clusters/_images")).unwrap().map(Result::unwrap);
    dir.filter(|e| e.file_type().unwrap().is_dir() && e.file_name().to_string_lossy().starts_with("recipe-")).count()
}

#[test]
fn the_next_run_ends_a_recipe_and_removes_what_it_worked_in_whatever_it_does() {
    for next in [&["images", "build", "store"][..], &["e2e-setup", "one"]] {
        let bench = Bench::new();
        recipe(&bench, HANGS);
        bench.pipe("here");
        let mut killed = bench.start(&["images", "build", "store"]);
        bench.await_pipe("here");
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert_eq!(work_of_recipes(&bench), 1);
        recipe(&bench, MAKES);
        let held = bench.read("held").trim().to_owned();
        bench.hook("docker-ps", &format!(r#"case "$*" in *name=-build-*) echo node-build-{held}; exit ;; esac"#));
        let run = bench.run(next);
        run.ends_with(0);
        contains(&run.stderr, &format!("ended process {held}, left by a run that was killed"));
        contains(&run.stderr, &format!("removed node-build-{held}, left by a run that was killed"));
        contains(&bench.read("calls"), &format!("docker rm --force --volumes node-build-{held}\n"));
        assert!(!runs(&held), "the recipe still runs");
        assert_eq!(bench.read("cleaned"), "cleaned\n", "it was given time");
        assert_eq!(work_of_recipes(&bench), 0);
    }
}

#[test]
fn recipes_of_two_runs_do_not_meet() {
    let bench = Bench::new();
    recipe(&bench, HANGS);
    bench.pipe("here");
    let mut first = bench.start(&["images", "build", "store"]);
    bench.await_pipe("here");
    let (mut second, mut words) = bench.start_telling(&["images", "build", "store"]);
    await_line(&mut words, &format!("for the images from elsewhere, in use by process {} (images build)", first.id()));
    // What runs is no leftover, for any verb.
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    assert!(runs(&bench.read("held")), "somebody ended the first one's recipe");
    Bench::signal(&second, "INT");
    assert_eq!(second.wait().unwrap().code(), Some(130));
    Bench::signal(&first, "INT");
    assert_eq!(first.wait().unwrap().code(), Some(130));
}

#[test]
fn what_a_killed_mending_left_is_ended_by_the_next_run() {
    let bench = Bench::new();
    bench.hook("kind-version", "echo kind v0.30.0 go1.26.8 linux/amd64");
    bench.hook("kubectl-version", r#"echo '{"clientVersion":{"gitVersion":"v1.34.4"}}'"#);
    let hold = r#"until grep -q "start $$ " "$FAKE/home/kubernaut-e2e/clusters/_machine/processes"; do :; done
      echo $$ > "$FAKE/held"; echo > "$FAKE/here"; exec sleep 600"#;
    bench.pipe("here").hook("docker-import", hold);
    for verb in [&["e2e-setup", "one", "--bootstrap"][..], &["doctor", "--fix"]] {
        let mut killed = bench.start(verb);
        bench.await_pipe("here");
        killed.kill().unwrap();
        killed.wait().unwrap();
        let run = bench.run(&["e2e-setup", "one"]);
        run.ends_with(0);
        contains(&run.stderr, "left by a run that was killed");
        assert!(!runs(&bench.read("held")), "{verb:?}");
    }
}
