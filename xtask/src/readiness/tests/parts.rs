//! Many parts: who is to blame, and who waits for whom.

use serde_json::json;

use super::objects::{World, crashed, deployment, id, pod, ready_pod, replica_set, stateful_set, waits};
use crate::readiness::{Verdict, WantedObject};

#[test]
fn everything_is_ready() {
    let (database, server) = (stateful_set("postgres", 1), deployment("server", 1));
    let world = World::new()
        .part("postgres/server", &[&database], &[])
        .part("web/server", &[&server], &["postgres/server"])
        .with(&ready_pod("postgres-0", &database, 0));
    let assessment = world.assess(100);
    assert!(assessment.parts.values().all(|part| part.verdict == Verdict::Ready && part.object.is_none()));
    assert!(assessment.lines().is_empty());
}

#[test]
fn the_cause_comes_first_and_the_rest_is_blocked_by_it() {
    let database = stateful_set("postgres", 0);
    let store = deployment("store", 0);
    let set = replica_set("store-1", &store, "1");
    let other = deployment("other", 0);
    let world = World::new()
        .part("postgres/server", &[&database], &[])
        .with(&pod("postgres-0", &database, "Pending", waits("ErrImageNeverPull", "")))
        .part("store/server", &[&store], &["postgres/server"])
        .with(&set)
        .with(&pod("store-1-x", &set, "Running", crashed(5, 10)))
        .planned("a-gateway/server", &["store/server"])
        .part("z/server", &[&other], &[]);
    let lines = world.assess(100).lines();
    assert_eq!(
        lines,
        [
            "postgres/server: container main: the image localhost/e2e/main:1 is not in the node (ErrImageNeverPull)",
            "z/server: 0 of 1 pods available",
            "a-gateway/server: blocked by postgres/server",
            "store/server: blocked by postgres/server (0 of 1 pods available: container main crashed 5 times (exit 1), as \
             may be while postgres/server is not Ready)",
        ]
    );
}

#[test]
fn an_object_is_waited_for_until_it_is_the_one_that_was_applied() {
    let mut server = deployment("server", 1);
    server["metadata"]["annotations"]["hash"] = json!("old");
    let mut world = World::new().part("web/server", &[&server], &[]);
    let objects = world.wanted.parts.get_mut(&id("web/server")).unwrap().objects.as_mut().unwrap();
    let key = objects[0].key.clone();
    objects[0] = WantedObject { key, hash: Some(("hash", "new".to_owned())) };
    assert_eq!(world.verdict("web/server", 0).verdict, Verdict::Waiting("its change was not seen yet".to_owned()));
    server["metadata"]["annotations"]["hash"] = json!("new");
    assert_eq!(world.with(&server).verdict("web/server", 0).verdict, Verdict::Ready);
}

#[test]
fn what_was_not_seen_is_waited_for() {
    let server = deployment("server", 1);
    let mut world = World::new().part("web/server", &[&server], &[]);
    world.live.clear();
    let found = world.verdict("web/server", 0);
    assert_eq!(found.verdict, Verdict::Waiting("it was not seen yet".to_owned()));
    assert_eq!(found.object.unwrap().to_string(), "Deployment/server");
}

/// Definitions cannot need each other in a circle, but the judgement must not depend on that.
#[test]
fn a_circle_ends() {
    let world = World::new().planned("a/x", &["b/x"]).planned("b/x", &["a/x"]);
    assert_eq!(world.assess(0).lines().len(), 2);
}
