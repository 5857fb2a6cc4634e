//! The command line as users see it: what is printed, and the exit code. No engine is needed, none is asked.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes them so")]

#[path = "cli/workspace.rs"]
mod workspace;

use std::collections::BTreeSet;

use snapbox::{IntoData, str};
use workspace::Workspace;

/// `TRYCMD=overwrite cargo test -p xtask --test cli` writes what is printed now.
#[test]
fn what_is_documented_is_printed() {
    let home = tempfile::tempdir().unwrap();
    let empty = home.path().to_str().unwrap();
    let cases = trycmd::TestCases::new();
    cases.default_bin_path(env!("CARGO_BIN_EXE_xtask"));
    for name in ["HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
        cases.env(name, empty);
    }
    cases.env("COLUMNS", "100").env("E2E_IMAGE_CACHE", "").case("tests/cmd/*.trycmd").run();
}

#[test]
fn a_service_that_does_not_exist_is_told_with_what_may_have_been_meant() {
    wrong(
        &Workspace::sound(),
        &["e2e-plan", "wep"],
        str![[r#"
       Error there is no service `wep`; did you mean `web`?
  known: store, web

"#]],
    );
}

#[test]
fn a_typo_in_a_definition_is_located() {
    wrong(
        &Workspace::sound().edit("needs: [store]", "need: [store]"),
        &["e2e-plan", "web"],
        str![[r#"
       Error in the definitions:

error: `need` is not a field of this
 --> services/web/e2e.yaml:6:1
  |
6 | need: [store]
  | ^^^^ need
  |
  = help: did you mean `needs`?

"#]],
    );
}

#[test]
fn an_unknown_need_is_located() {
    wrong(
        &Workspace::sound().edit("needs: [store]", "needs: [stoer]"),
        &["e2e-plan", "web"],
        str![[r#"
       Error in the definitions:

error: needs `stoer`, which nobody defines
 --> services/web/e2e.yaml:6:9
  |
6 | needs: [stoer]
  |         ^^^^^ needs[0]
  |
  = help: did you mean `store`?

"#]],
    );
}

#[test]
fn a_cycle_of_hard_edges_shows_its_way() {
    let parts = "  - {name: first, manifests: [deploy/first.yaml], after: [server]}\n";
    let cycle = Workspace::sound()
        .file("services/web/deploy/first.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n")
        .edit("manifests: [deploy/web.yaml]", "manifests: [deploy/web.yaml]\n    after: [first]")
        .edit("ports:\n", &format!("{parts}ports:\n"));
    wrong(
        &cycle,
        &["e2e-plan", "web"],
        str![[r#"
       Error in the definitions:

error: this closes a cycle: web/server -> web/first -> web/server
  --> services/web/e2e.yaml:11:59
   |
11 |   - {name: first, manifests: [deploy/first.yaml], after: [server]}
   |                                                           ^^^^^^ parts[1].after[0]
   |
   = help: what needs each other belongs into one definition

"#]],
    );
}

#[test]
fn two_fixed_ports_alike_are_told_with_both_places() {
    let port = "ports:\n  - {name: again, service: web, port: 8080, node_port: 30080, host_port: 18080}\n";
    wrong(
        &Workspace::sound().edit("ports:\n", port),
        &["e2e-plan", "web"],
        str![[r#"
       Error in the definitions:

error: node port 30080 is wanted by `again` too
  --> services/web/e2e.yaml:12:54
   |
12 |   - {name: web, service: web, port: 8080, node_port: 30080, host_port: 18080}
   |                                                      ^^^^^ ports[1].node_port
   |
  ::: services/web/e2e.yaml:11:56
   |
11 |   - {name: again, service: web, port: 8080, node_port: 30080, host_port: 18080}
   |                                                        ----- here

error: host port 18080 is wanted by `again` too
  --> services/web/e2e.yaml:12:72
   |
12 |   - {name: web, service: web, port: 8080, node_port: 30080, host_port: 18080}
   |                                                                        ^^^^^ ports[1].host_port
   |
  ::: services/web/e2e.yaml:11:74
   |
11 |   - {name: again, service: web, port: 8080, node_port: 30080, host_port: 18080}
   |                                                                          ----- here

"#]],
    );
}

#[test]
fn outside_of_a_workspace_is_wrong_usage() {
    let nowhere = tempfile::tempdir().unwrap();
    let run = workspace::xtask(nowhere.path(), nowhere.path()).args(["e2e-plan", "web"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
       Error [..] is not in a Cargo workspace; run this in the project

"#]]);
}

#[test]
fn a_new_service_costs_no_line_of_the_tool() {
    let copy = Workspace::copy_of_this().service_ten();
    let output = copy.xtask().args(["e2e-plan", "tenth", "--format", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let tasks = plan["tasks"].as_array().unwrap();
    let ids: BTreeSet<&str> = tasks.iter().map(|t| t["id"].as_str().unwrap()).collect();
    for id in ["image:tenth", "load:tenth", "apply:tenth/server", "ready:tenth/server", "check:tenth/readyz"] {
        assert!(ids.contains(id), "{id} is not in {ids:?}");
    }
    assert!(ids.contains("apply:redis/server"), "what it needs is set up too: {ids:?}");
    assert!(!ids.contains("apply:postgres/server"), "what it does not need is not: {ids:?}");
    let apply = tasks.iter().find(|t| t["id"] == "apply:tenth/server").unwrap();
    let needs: Vec<&str> = apply["needs"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    assert!(needs.contains(&"ready:redis/server") && needs.contains(&"load:tenth"), "{needs:?}");
}

/// Exit code 2, nothing on stdout, and this on stderr.
fn wrong(workspace: &Workspace, args: &[&str], told: impl IntoData) {
    workspace.xtask().args(args).assert().code(2).stdout_eq("").stderr_eq(told);
}
