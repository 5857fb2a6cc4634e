//! What the controller tells the audit trail, read back from DataStorage.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use harness::{Test, eventually};
use serde_json::Value;

use crate::fixture::{DEADLINE, SUITE, Signal};

/// The events of a signal, oldest first, as soon as there are `count`.
pub async fn events(test: &Test, signal: &Signal, count: usize) -> Result<Vec<Value>> {
    let store = test.cluster().http("datastorage")?;
    let path = format!("/api/v1/audit/events?limit=100&correlationId={}", signal.correlation_id());
    eventually(DEADLINE, &format!("{count} audit events"), async || {
        let answer: Value = store.get(&path).await?.expect_status(200)?.json()?;
        let mut events = answer["events"].as_array().cloned().unwrap_or_default();
        events.sort_by_key(|event| event["eventTimestamp"].as_str().unwrap_or_default().to_owned());
        let types: Vec<_> = events.iter().map(|event| event["eventType"].to_string()).collect();
        ensure!(events.len() == count, "{}: {types:?}", events.len());
        Ok(events)
    })
    .await
}

fn count_by_type(events: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event["eventType"].as_str().unwrap_or_default()).or_default() += 1;
    }
    counts
}

fn phases(events: &[Value]) -> Vec<&str> {
    let changed = events.iter().filter(|event| event["eventType"] == "signalprocessing.phase.changed");
    changed.map(|event| event["eventData"]["to"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn every_step_is_in_the_audit_trail() -> Result<()> {
    SUITE
        .with_labels("audit", &[("kubernaut.ai/environment", "staging")], async |test| {
            let signal = Signal::about(test, "Pod", "gone").severity("critical");
            signal.completed(test).await?;
            let events = events(test, &signal, 7).await?;
            let wanted = BTreeMap::from([
                ("signalprocessing.classification.decided", 1),
                ("signalprocessing.enrichment.completed", 1),
                ("signalprocessing.phase.changed", 5),
            ]);
            assert_eq!(count_by_type(&events), wanted);
            assert_eq!(phases(&events), ["Pending", "Enriching", "Classifying", "Categorizing", "Completed"]);
            for event in &events {
                assert_eq!(event["service"], "signalprocessing");
                assert_eq!(event["resource"]["name"], "gone");
                assert_eq!(event["eventData"]["signalProcessing"], "signal");
            }
            let of = |name: &str| events.iter().find(|event| event["eventType"] == name).cloned().unwrap_or_default();
            let decided = &of("signalprocessing.classification.decided")["eventData"];
            assert_eq!((&decided["environment"], &decided["priority"]), (&"staging".into(), &"P1".into()));
            assert_eq!(of("signalprocessing.enrichment.completed")["eventData"]["degraded"], true);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_failure_is_in_the_audit_trail() -> Result<()> {
    SUITE
        .with_namespace("audit-failure", async |test| {
            let signal = Signal::about_cluster_scoped(test, "Pod", "nowhere");
            signal.finished(test).await?;
            let events = events(test, &signal, 3).await?;
            assert_eq!(phases(&events), ["Pending", "Failed"]);
            let failed = events.iter().find(|event| event["eventType"] == "signalprocessing.failed");
            let failed = failed.cloned().unwrap_or_default();
            assert_eq!(failed["outcome"], "failure");
            assert_eq!(failed["eventData"]["phase"], "Pending");
            let error = failed["eventData"]["error"].as_str().unwrap_or_default();
            assert!(error.contains("signal.target.namespace is missing"), "{error}");
            Ok(())
        })
        .await
}
