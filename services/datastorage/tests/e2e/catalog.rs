//! The workflow catalog: registering, versions with exactly one latest, disabling.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::fixture::{DataStorage, calm, unique};

pub const WORKFLOWS: &str = "/api/v1/workflows";

/// A workflow for a signal type of one's own.
pub fn workflow(id: &str, version: &str, signal_type: &str) -> Value {
    json!({
        "workflowId": id, "version": version, "title": format!("What {id} does"), "description": "",
        "containerImage": format!("registry.local/{id}:{version}"),
        "labels": {"signalType": signal_type, "severity": "critical", "component": "pod",
            "environment": "production", "priority": "P0"},
        "customLabels": {},
        "parameters": [{"name": "LIMIT", "type": "string", "required": true, "description": ""}]
    })
}

async fn latest(store: &DataStorage, id: &str) -> Result<String> {
    let found: Value = store.http.get(&format!("{WORKFLOWS}/{id}")).await?.expect_status(200)?.json()?;
    assert_eq!(found["isLatest"], true);
    Ok(found["version"].as_str().unwrap_or_default().to_owned())
}

/// Each version with whether it is the latest, the highest first.
async fn versions(store: &DataStorage, id: &str) -> Result<Vec<(String, bool)>> {
    let found: Value = store.http.get(&format!("{WORKFLOWS}/{id}/versions")).await?.expect_status(200)?.json()?;
    let list = found["versions"].as_array().context("no list of versions")?;
    let shown = |one: &Value| (one["version"].as_str().unwrap_or_default().to_owned(), one["isLatest"] == true);
    Ok(list.iter().map(shown).collect())
}

#[tokio::test]
async fn a_workflow_is_registered_once_and_never_changed() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let id = unique("once");
    let definition = workflow(&id, "1.0.0", &id);
    store.http.post(WORKFLOWS, &definition).await?.expect_status(201)?;
    store.http.post(WORKFLOWS, &definition).await?.expect_status(200)?;
    let mut other = definition.clone();
    other["containerImage"] = json!("registry.local/something-else:1");
    store.http.post(WORKFLOWS, &other).await?.expect_status(409)?;
    let found: Value = store.http.get(&format!("{WORKFLOWS}/{id}")).await?.expect_status(200)?.json()?;
    for (name, value) in definition.as_object().context("an object")? {
        assert_eq!(found[name], *value, "{name}");
    }
    store.http.get(&format!("{WORKFLOWS}/{id}?version=9.9.9")).await?.expect_status(404)?;
    store.http.get(&format!("{WORKFLOWS}/{}", unique("nobody"))).await?.expect_status(404)?;
    Ok(())
}

#[tokio::test]
async fn an_invalid_workflow_is_refused_and_not_stored() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let id = unique("invalid");
    for (path, value) in [("/version", json!("1.0")), ("/labels/severity", json!("")), ("/containerImage", json!(""))] {
        let mut wrong = workflow(&id, "1.0.0", &id);
        *wrong.pointer_mut(path).context("no such field")? = value;
        let answer = store.http.post(WORKFLOWS, &wrong).await?.expect_status(422)?;
        assert_eq!(answer.content_type, "application/problem+json", "{path}");
    }
    store.http.get(&format!("{WORKFLOWS}/{id}")).await?.expect_status(404)?;
    Ok(())
}

#[tokio::test]
async fn the_latest_version_is_the_highest_in_whatever_order_they_come() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let id = unique("order");
    for (version, now_latest) in [("1.9.0", "1.9.0"), ("1.10.0", "1.10.0"), ("1.2.0", "1.10.0")] {
        store.http.post(WORKFLOWS, &workflow(&id, version, &id)).await?.expect_status(201)?;
        assert_eq!(latest(&store, &id).await?, now_latest);
    }
    let wanted = [("1.10.0".to_owned(), true), ("1.9.0".to_owned(), false), ("1.2.0".to_owned(), false)];
    assert_eq!(versions(&store, &id).await?, wanted);
    Ok(())
}

#[tokio::test]
async fn exactly_one_version_is_the_latest_however_many_come_at_once() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let id = unique("at-once");
    let mut registrations = JoinSet::new();
    for minor in 0..12 {
        let (store, definition) = (store.clone(), workflow(&id, &format!("1.{minor}.0"), &id));
        registrations.spawn(async move { store.http.post(WORKFLOWS, &definition).await?.expect_status(201) });
    }
    while let Some(registration) = registrations.join_next().await {
        registration??;
    }
    let all = versions(&store, &id).await?;
    assert_eq!(all.len(), 12);
    let latest: Vec<_> = all.iter().filter(|(_, is_latest)| *is_latest).map(|(version, _)| version.as_str()).collect();
    assert_eq!(latest, ["1.11.0"]);
    Ok(())
}

#[tokio::test]
async fn a_disabled_version_says_why_and_gives_way_to_the_one_before() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let id = unique("disabled");
    for version in ["1.0.0", "1.1.0"] {
        store.http.post(WORKFLOWS, &workflow(&id, version, &id)).await?.expect_status(201)?;
    }
    let disable = |version: &str| format!("{WORKFLOWS}/{id}/versions/{version}/disable");
    store.http.post(&disable("1.1.0"), &json!({"reason": " "})).await?.expect_status(422)?;
    assert_eq!(latest(&store, &id).await?, "1.1.0", "without a reason nothing is disabled");
    store.http.post(&disable("1.1.0"), &json!({"reason": "it deletes volumes"})).await?.expect_status(200)?;
    assert_eq!(latest(&store, &id).await?, "1.0.0");
    let found: Value = store.http.get(&format!("{WORKFLOWS}/{id}?version=1.1.0")).await?.expect_status(200)?.json()?;
    assert_eq!((&found["disabled"], &found["disabledReason"]), (&json!(true), &json!("it deletes volumes")));
    store.http.post(&disable("7.0.0"), &json!({"reason": "x"})).await?.expect_status(404)?;
    // With all disabled there still is exactly one latest, and searches do not find it.
    store.http.post(&disable("1.0.0"), &json!({"reason": "it does nothing"})).await?.expect_status(200)?;
    assert_eq!(latest(&store, &id).await?, "1.1.0");
    Ok(())
}
