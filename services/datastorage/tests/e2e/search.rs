//! Searching the catalog, and the audit event that each search leaves.

use anyhow::{Context, Result};
use api::{EventType, Outcome};
use serde_json::{Value, json};

use crate::{
    catalog::{WORKFLOWS, workflow},
    fixture::{DataStorage, calm, unique},
};

const SEARCH: &str = "/api/v1/workflows/search";

fn query(signal_type: &str) -> Value {
    json!({"signalType": signal_type, "severity": "critical", "component": "pod", "environment": "production",
        "priority": "P0"})
}

async fn register(store: &DataStorage, id: &str, signal_type: &str, change: impl FnOnce(&mut Value)) -> Result<()> {
    let mut definition = workflow(id, "1.0.0", signal_type);
    change(&mut definition);
    store.http.post(WORKFLOWS, &definition).await?.expect_status(201)?;
    Ok(())
}

/// What is found, as names with versions.
async fn found(store: &DataStorage, query: &Value) -> Result<Vec<String>> {
    let answer: Value = store.http.post(SEARCH, query).await?.expect_status(200)?.json()?;
    let list = answer["workflows"].as_array().context("no list of workflows")?;
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    Ok(list.iter().map(|one| format!("{} {}", text(one, "workflowId"), text(one, "version"))).collect())
}

#[tokio::test]
async fn the_best_match_comes_first_and_ties_are_ordered_by_name() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let signal = unique("ranked");
    let id = |name: &str| format!("{name}-{}", &signal[signal.len() - 8..]);
    register(&store, &id("anywhere"), &signal, |w| w["labels"]["environment"] = json!("*")).await?;
    register(&store, &id("anything"), &signal, |w| {
        w["labels"]["environment"] = json!("*");
        w["labels"]["severity"] = json!("*");
    })
    .await?;
    register(&store, &id("tie-b"), &signal, |_| ()).await?;
    register(&store, &id("tie-a"), &signal, |_| ()).await?;
    register(&store, &id("staging"), &signal, |w| w["labels"]["environment"] = json!("staging")).await?;
    let named = |names: &[&str]| names.iter().map(|name| format!("{} 1.0.0", id(name))).collect::<Vec<_>>();
    let wanted = named(&["tie-a", "tie-b", "anywhere", "anything"]);
    assert_eq!(found(&store, &query(&signal)).await?, wanted);
    assert_eq!(found(&store, &query(&signal)).await?, wanted, "the same question, the same answer");

    let mut elsewhere = query(&signal);
    elsewhere["environment"] = json!("development");
    assert_eq!(found(&store, &elsewhere).await?, named(&["anywhere", "anything"]));
    let mut one = query(&signal);
    one["limit"] = json!(1);
    assert_eq!(found(&store, &one).await?, named(&["tie-a"]));
    Ok(())
}

#[tokio::test]
async fn custom_labels_decide_between_equals() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let signal = unique("custom");
    let (ours, theirs) = (format!("z-{signal}"), format!("a-{signal}"));
    register(&store, &ours, &signal, |w| w["customLabels"] = json!({"team": "payments"})).await?;
    register(&store, &theirs, &signal, |w| w["customLabels"] = json!({"team": "search"})).await?;
    let mut asked = query(&signal);
    asked["customLabels"] = json!({"team": "payments"});
    assert_eq!(found(&store, &asked).await?, [format!("{ours} 1.0.0"), format!("{theirs} 1.0.0")]);
    Ok(())
}

#[tokio::test]
async fn nothing_that_fits_is_an_empty_answer() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    assert_eq!(found(&store, &query(&unique("nothing"))).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn only_latest_versions_that_are_enabled_are_found() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let id = unique("versions");
    for version in ["1.0.0", "2.0.0"] {
        store.http.post(WORKFLOWS, &workflow(&id, version, &id)).await?.expect_status(201)?;
    }
    assert_eq!(found(&store, &query(&id)).await?, [format!("{id} 2.0.0")]);
    for (version, left) in [("2.0.0", vec![format!("{id} 1.0.0")]), ("1.0.0", vec![])] {
        let path = format!("{WORKFLOWS}/{id}/versions/{version}/disable");
        store.http.post(&path, &json!({"reason": "test"})).await?.expect_status(200)?;
        assert_eq!(found(&store, &query(&id)).await?, left);
    }
    Ok(())
}

#[tokio::test]
async fn every_mandatory_label_is_asked_for() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    for label in ["signalType", "severity", "component", "environment", "priority"] {
        let mut incomplete = query("x");
        incomplete.as_object_mut().context("an object")?.remove(label);
        let answer = store.http.post(SEARCH, &incomplete).await?.expect_status(422)?;
        let problem: Value = answer.json()?;
        assert_eq!(problem["errors"][0]["field"], label);
    }
    Ok(())
}

#[tokio::test]
async fn a_search_writes_an_audit_event() -> Result<()> {
    let _calm = calm().await;
    let store = DataStorage::connect()?;
    let signal = unique("audited");
    register(&store, &signal, &signal, |_| ()).await?;
    let mut asked = query(&signal);
    asked["correlationId"] = json!(format!("rr-{signal}"));
    let answer: Value = store.http.post(SEARCH, &asked).await?.expect_status(200)?.json()?;
    let events = store.settled(&format!("rr-{signal}"), 1).await?;
    let event = &events[0];
    assert_eq!(answer["auditEventId"], json!(event.event_id));
    assert_eq!((event.event_type, event.outcome), (EventType::DataStorageWorkflowSearched, Outcome::Success));
    assert_eq!(event.service, "datastorage");
    assert_eq!(event.event_data["results"], 1);
    assert_eq!(event.event_data["workflows"], json!([signal]));
    let asked_for = event.event_data["query"].as_str().unwrap_or_default();
    assert!(asked_for.contains(&format!("signalType={signal}")) && asked_for.contains("priority=P0"), "{asked_for}");
    Ok(())
}
