//! A crash is expected while something is missing, bad luck once, and hopeless when it goes on.

use serde_json::{Value, json};

use super::objects::{World, at, crashed, deployment, job, pod, ready_pod, replica_set, stateful_set};
use crate::readiness::{Container, PartVerdict, Run, Verdict};

/// A controller whose pod has a container of this status, and a database that is Ready since this second, or not at all.
fn world(container: Value, database_since: Option<i64>) -> World {
    let database = stateful_set("postgres", u64::from(database_since.is_some()));
    let server = deployment("server", 0);
    let set = replica_set("server-6d5f", &server, "1");
    let mut world = World::new()
        .part("postgres/server", &[&database], &[])
        .part("web/server", &[&server], &["postgres/server"])
        .with(&pod("server-6d5f-x", &set, "Running", container))
        .with(&set);
    if let Some(since) = database_since {
        world = world.with(&ready_pod("postgres-0", &database, since));
    }
    world
}

fn verdict(container: Value, database_since: Option<i64>) -> PartVerdict {
    world(container, database_since).verdict("web/server", 1000)
}

#[track_caller]
fn waits(verdict: &PartVerdict, why: &str) {
    assert!(matches!(&verdict.verdict, Verdict::Waiting(said) if said.contains(why)), "{verdict:?}");
}

#[test]
fn the_third_crash_is_hopeless_and_tells_whose_log_to_read() {
    let found = verdict(crashed(3, 100), Some(0));
    let container = Container { pod: "server-6d5f-x".to_owned(), name: "main".to_owned(), run: Run::Current };
    let reason = "container main crashed 3 times (exit 1)".to_owned();
    assert_eq!(found.verdict, Verdict::Hopeless { reason, container: Some(container) });
    assert_eq!(found.to_string(), "container main crashed 3 times (exit 1); last log lines follow");
}

#[test]
fn the_first_two_are_not() {
    waits(&verdict(crashed(1, 100), Some(0)), "container main crashed once (exit 1)");
    waits(&verdict(crashed(2, 100), Some(0)), "container main crashed 2 times (exit 1)");
}

#[test]
fn crashes_while_the_database_starts_are_expected() {
    let found = verdict(crashed(9, 100), None);
    waits(&found, "crashed 9 times (exit 1), as may be while postgres/server is not Ready");
    assert_eq!(found.blocked_by.len(), 1);
}

/// The run that crashed last began before the database was Ready: it says nothing of how the next one goes.
#[test]
fn a_run_counts_that_began_when_all_was_ready() {
    waits(&verdict(crashed(9, 100), Some(120)), "crashed 9 times");
    waits(&verdict(crashed(9, 100), Some(97)), "crashed 9 times");
    assert!(matches!(verdict(crashed(9, 100), Some(95)).verdict, Verdict::Hopeless { .. }));
}

#[test]
fn a_container_that_runs_again_gets_its_chance() {
    let mut container = crashed(4, 100);
    container["state"] = json!({"running": {"startedAt": at(130)}});
    waits(&verdict(container, Some(0)), "crashed 3 times");
}

/// Nine restarts by a node that was stopped nine times are no crashes.
#[test]
fn the_first_back_off_is_no_loop_whatever_was_counted() {
    let mut container = crashed(9, 100);
    container["state"]["waiting"]["message"] = json!("back-off 10s restarting failed container=main");
    waits(&verdict(container, Some(0)), "crashed 9 times");
}

#[test]
fn how_it_ended_is_told() {
    let mut killed = crashed(3, 100);
    killed["lastState"]["terminated"]["exitCode"] = json!(137);
    killed["lastState"]["terminated"]["reason"] = json!("OOMKilled");
    let found = verdict(killed, Some(0)).to_string();
    assert!(found.contains("crashed 3 times (killed for want of memory, OOMKilled)"), "{found}");
}

#[test]
fn a_command_that_is_not_there_is_hopeless_at_once() {
    let mut container = crashed(1, 0);
    let message = "failed to create containerd task: ... exec: \"/no-such\": stat /no-such: no such file or directory";
    container["lastState"]["terminated"] = json!({
        "exitCode": 128, "reason": "StartError", "message": message, "startedAt": "1970-01-01T00:00:00Z", "finishedAt": at(100),
    });
    let found = verdict(container, Some(0));
    assert!(matches!(&found.verdict, Verdict::Hopeless { reason, .. } if reason.contains("/no-such")), "{found:?}");
}

#[test]
fn init_containers_crash_too() {
    let server = deployment("server", 0);
    let set = replica_set("server-6d5f", &server, "1");
    let mut pod = pod("server-6d5f-x", &set, "Pending", json!({"state": {"waiting": {"reason": "PodInitializing"}}}));
    let mut init = crashed(3, 10);
    init["name"] = json!("migrate");
    pod["status"]["initContainerStatuses"] = json!([init]);
    let world = World::new().part("web/server", &[&server], &[]).with(&set).with(&pod);
    let said = world.verdict("web/server", 100).to_string();
    assert!(said.starts_with("init container migrate crashed 3 times (exit 1)"), "{said}");
}

#[test]
fn old_pods_of_a_rolled_deployment_do_not_count() {
    let mut server = deployment("server", 0);
    server["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("2");
    let (old, new) = (replica_set("server-old", &server, "1"), replica_set("server-new", &server, "2"));
    let starting = json!({"state": {"waiting": {"reason": "ContainerCreating"}}});
    let world = World::new()
        .part("web/server", &[&server], &[])
        .with(&pod("server-old-x", &old, "Running", crashed(30, 10)))
        .with(&pod("server-new-x", &new, "Pending", starting))
        .with(&old)
        .with(&new);
    waits(&world.verdict("web/server", 100), "pod server-new-x is being started");
}

/// A change may be what mends them, and its controller has not got to it.
#[test]
fn pods_of_before_a_change_do_not_count() {
    let mut server = deployment("server", 0);
    server["metadata"]["generation"] = json!(3);
    server["status"]["observedGeneration"] = json!(2);
    let set = replica_set("server-old", &server, "1");
    let world = World::new()
        .part("web/server", &[&server], &[])
        .with(&pod("server-old-x", &set, "Running", crashed(30, 10)))
        .with(&set);
    waits(&world.verdict("web/server", 100), "its controller has not seen it yet");
}

#[test]
fn old_pods_of_a_rolled_stateful_set_do_not_count() {
    let mut store = stateful_set("store", 0);
    store["status"]["updateRevision"] = json!("store-2");
    let mut old = pod("store-0", &store, "Running", crashed(30, 10));
    old["metadata"]["labels"] = json!({"controller-revision-hash": "store-1"});
    let rolling = |pod: &Value| World::new().part("web/store", &[&store], &[]).with(pod).verdict("web/store", 100);
    waits(&rolling(&old), "its update is not complete");
    old["metadata"]["labels"] = json!({"controller-revision-hash": "store-2"});
    assert!(matches!(rolling(&old).verdict, Verdict::Hopeless { .. }));
}

#[test]
fn pods_are_found_without_their_replica_set() {
    let server = deployment("server", 0);
    let set = replica_set("server-6d5f", &server, "1");
    let other = replica_set("server-two-6d5f", &deployment("server-two", 0), "1");
    let world = World::new()
        .part("web/server", &[&server], &[])
        .with(&pod("server-two-6d5f-x", &other, "Running", crashed(9, 10)))
        .with(&pod("server-6d5f-x", &set, "Running", crashed(3, 10)));
    assert!(world.verdict("web/server", 100).to_string().contains("crashed 3 times"));
}

/// The limit of attempts of a Job is six, and the pauses between them get long.
#[test]
fn a_job_is_given_up_before_it_gives_up() {
    let job = job("schema", &json!({"active": 1, "failed": 3}));
    let mut world = World::new().part("web/schema", &[&job], &[]);
    for (number, began) in [(1, 0), (2, 10), (3, 30)] {
        let ended = json!({"exitCode": 1, "reason": "Error", "startedAt": at(began), "finishedAt": at(began + 1)});
        let name = format!("schema-{number}");
        world = world.with(&pod(&name, &job, "Failed", json!({"state": {"terminated": ended}, "restartCount": 0})));
    }
    let found = world.verdict("web/schema", 100).verdict;
    let Verdict::Hopeless { reason, container } = found else { panic!("{found:?}") };
    assert_eq!(reason, "container main crashed 3 times (exit 1)");
    assert_eq!(container.unwrap().pod, "schema-3", "the last attempt");
}

#[test]
fn a_failed_job_shows_the_log_of_its_last_attempt() {
    let failed = json!({"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]});
    let job = job("schema", &failed);
    let ended = json!({"exitCode": 2, "reason": "Error", "startedAt": at(0), "finishedAt": at(1)});
    let pod = pod("schema-x", &job, "Failed", json!({"state": {"terminated": ended}, "restartCount": 0}));
    let world = World::new().part("web/schema", &[&job], &[]).with(&pod);
    let said = world.verdict("web/schema", 100).to_string();
    assert_eq!(said, "the Job failed (BackoffLimitExceeded): container main ended with exit 2; last log lines follow");
}
