//! What goes wrong around the tool: servers without time, full disks, old images.

use crate::bench::{Bench, contains};

#[test]
fn a_named_transient_condition_is_tried_again_and_told() {
    let bench = Bench::new();
    let once = r#"input=$(cat); case "$input" in *left-settings*)
      if mkdir "$FAKE/refused" 2>/dev/null; then echo "error: etcdserver: request timed out" >&2; exit 1; fi ;; esac"#;
    bench.hook("kubectl-apply", once);
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(0);
    contains(&run.stderr, "again (1), because of: etcdserver: request timed out");
}

#[test]
fn any_other_failure_is_not_tried_again() {
    let bench = Bench::new();
    bench.hook("kubectl-apply", r#"echo "x is forbidden" >&2; exit 1"#);
    bench.run(&["e2e-setup", "one"]).ends_with(1);
    assert_eq!(bench.read("calls").matches(" apply ").count(), 1, "the namespace, once");
}

#[test]
fn a_full_disk_is_named_as_such() {
    let bench = Bench::new();
    bench.hook("docker-build", r#"echo "write /x: no space left on device" >&2; exit 1"#);
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(1);
    contains(&run.stderr, "a disk is full: `df -h` and `docker system df` show which");
}

#[test]
fn a_run_that_builds_an_image_takes_old_builds_away() {
    let bench = Bench::new();
    let list = r#"case "$*" in *label=e2e.kubernaut.ai/image*)
      for tag in 7 6 5 4 3 2 1; do echo "localhost/e2e/one:$tag"; done; exit 0 ;; esac"#;
    bench.hook("docker-images", list);
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    contains(&bench.read("calls"), "docker rmi localhost/e2e/one:2 localhost/e2e/one:1\n");
    bench.run(&["e2e-setup", "one"]).ends_with(0);
    assert_eq!(bench.read("calls").matches("docker rmi").count(), 1, "nothing was built the second time");
}

#[test]
fn a_suite_in_which_no_test_ran_has_shown_nothing() {
    let bench = Bench::new();
    let counts = |passed: u32| {
        let result = format!("test result: ok. {passed} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        bench.hook("cargo-test", &format!("case \"$*\" in *--no-run*) ;; *) echo '{result}' ;; esac"));
    };
    counts(0);
    let run = bench.run(&["e2e-test", "one", "gone", "--down"]);
    run.ends_with(1);
    contains(&run.stderr, "no test ran: none has `gone` in its name");
    assert!(!bench.read("calls").contains("kind delete"), "the cluster is kept for a look at it");
    counts(1);
    bench.run(&["e2e-test", "one", "--down"]).ends_with(0);
    contains(&bench.read("calls"), "kind delete");
}

#[test]
fn an_engine_that_goes_away_is_named_as_the_cause() {
    let bench = Bench::new();
    bench.hook("docker-build", "echo 'Cannot connect to the Docker daemon at unix:///x. Is it running?' >&2; exit 1");
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(1);
    contains(&run.stderr, "docker was stopped, or it crashed: start it");
}

#[test]
fn pod_logs_that_do_not_let_themselves_be_removed_stop_no_run() {
    let bench = Bench::new();
    let cluster = "home/kubernaut-e2e/clusters/one";
    std::fs::create_dir_all(bench.path(cluster).join("pods/kube-system_etcd")).unwrap();
    // To root of these tests everything is permitted; what is no directory refuses to be removed as one all the same.
    std::fs::write(bench.path(cluster).join("pods.before"), "").unwrap();
    bench.hook("docker-run", r#"echo "no such image" >&2; exit 125"#);
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(0);
    contains(&run.stderr, "pod logs of an earlier cluster stay in");
    contains(&run.stderr, "no such image");
    assert!(bench.path(cluster).join("pods.before-1/kube-system_etcd").exists());

    bench.run(&["e2e-down", "one"]).ends_with(0);
    let calls = bench.read("calls");
    let opened = calls.find("docker exec one-control-plane chmod --recursive a+rwX /var/log/pods");
    assert!(
        opened.is_some_and(|at| calls[at..].contains("kind delete")),
        "what the pods printed stays readable: {calls}"
    );
    std::fs::create_dir_all(bench.path(cluster).join("pods/kube-system_etcd")).unwrap();
    bench.hook("docker-run", &format!(r#"cd "$FAKE/{cluster}" && while [ "$1" != -rf ]; do shift; done; rm "$@""#));
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(0);
    assert!(!run.stderr.contains("stay in"), "{}", run.stderr);
    assert!(!bench.path(cluster).join("pods.before").exists(), "the engine has removed it");
}

#[test]
fn a_port_that_is_taken_is_told_with_the_one_in_its_place() {
    let bench = Bench::new();
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = held.local_addr().unwrap().port();
    let definition = bench.read("work/services/one/e2e.yaml");
    let ports = format!("ports:\n  - {{name: one, service: one, port: 80, node_port: 30090, host_port: {wanted}}}\n");
    std::fs::write(bench.path("work/services/one/e2e.yaml"), format!("{definition}{ports}")).unwrap();
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: one}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30090}]}\n";
    std::fs::write(bench.path("work/services/one/deploy/right.yaml"), service).unwrap();
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(0);
    contains(&run.stderr, "URL http://127.0.0.1:");
    contains(&run.stderr, &format!("(one, instead of {wanted}, which was taken)"));
}

#[test]
fn a_command_that_failed_can_be_pasted() {
    let bench = Bench::new();
    bench.hook("kubectl-apply", r#"case "$(cat)" in *left-settings*) echo "x is forbidden" >&2; exit 1 ;; esac"#);
    let run = bench.run(&["e2e-setup", "one"]);
    run.ends_with(1);
    let (_, file) = run.stderr.split_once(" -f - < ").unwrap_or_else(|| panic!("no standard input in {}", run.stderr));
    let applied = std::fs::read_to_string(file.lines().next().unwrap()).unwrap();
    contains(&applied, "name: left-settings");

    bench.hook("cargo-build", "exit 101");
    let run = bench.run(&["e2e-setup", "one"]);
    let work = std::fs::canonicalize(bench.path("work")).unwrap();
    contains(&run.stderr, &format!("command: cd {} && nice -n 10 cargo build", work.display()));
}

#[test]
fn what_to_type_next_is_meant_for_the_cluster_that_was_set_up() {
    let bench = Bench::new();
    contains(&bench.run(&["e2e-setup", "one"]).stderr, "Next cargo xtask e2e-test one\n");
    bench.lose_node();
    let other = bench.run(&["e2e-setup", "one", "--cluster", "other"]);
    contains(&other.stderr, "Next cargo xtask e2e-test one --cluster other\n");
}
