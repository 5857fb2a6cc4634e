//! PostgreSQL is taken away and given back.
//!
//! Its data outlives its pod, so afterwards everything that was acknowledged must be there: what was stored before the
//! database went, and what was accepted while it was away.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use harness::{Test, await_object, eventually};
use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::Pod};
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{
    fixture::{DEADLINE, DataStorage, EVENTS, SUITE, event, storm, unique},
    writers::Writers,
};

#[tokio::test]
async fn events_written_while_postgres_is_away_are_all_there_afterwards() -> Result<()> {
    let _storm = storm().await;
    SUITE
        .with_namespace("outage", async |test| {
            let store = DataStorage::connect()?;
            // The database comes back whatever happened: the tests after this one need it.
            let outcome = without_postgres(test, &store).await;
            let restored = restore(test, &store).await;
            let accepted = outcome?;
            restored?;
            let read = eventually(DEADLINE, "the queue to be drained", async || {
                let read = store.all(&accepted.correlation_id).await?;
                ensure!(read.len() >= accepted.ids.len(), "{} of {}", read.len(), accepted.ids.len());
                Ok(read)
            })
            .await?;
            let ids: BTreeSet<_> = read.iter().map(|event| event.event_id).collect();
            ensure!(ids.len() == read.len(), "{} events, but only {} ids", read.len(), ids.len());
            let lost: Vec<_> = accepted.ids.difference(&ids).collect();
            ensure!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), accepted.ids.len());
            nothing_waits(&store).await
        })
        .await
}

struct Accepted {
    correlation_id: String,
    /// The events that were acknowledged before the database went, and while it was away.
    ids: BTreeSet<uuid::Uuid>,
}

async fn without_postgres(test: &Test, store: &DataStorage) -> Result<Accepted> {
    let correlation_id = unique("outage");
    let writers = Writers::start(store, &correlation_id, 8);
    scale(test, 0).await?;
    let away = eventually(DEADLINE, "the service to notice", async || {
        let ready: Value = store.http.get("/readyz").await?.expect_status(200)?.json()?;
        ensure!(ready["checks"]["postgres"]["ok"] == false, "{ready}");
        Ok(())
    });
    away.await?;
    let one = event(&correlation_id);
    store.http.post(EVENTS, &one).await?.expect_status(202)?;
    // Reading has nothing to fall back on, and says so.
    let refused = store.http.get(&format!("{EVENTS}?correlationId={correlation_id}")).await?.expect_status(503)?;
    ensure!(refused.content_type == "application/problem+json", "{}", refused.content_type);
    let acknowledged = writers.stop().await?;
    ensure!(acknowledged.iter().any(|one| one.status == 202), "no writer had to do without the database");
    let mut ids: BTreeSet<_> = acknowledged.iter().map(|one| one.id).collect();
    ids.insert(one.event_id);
    Ok(Accepted { correlation_id, ids })
}

async fn restore(test: &Test, store: &DataStorage) -> Result<()> {
    scale(test, 1).await?;
    let sets = Api::<StatefulSet>::namespaced(test.client(), test.cluster().namespace());
    await_object(&sets, "postgres", DEADLINE, "PostgreSQL to be ready", |set| {
        let status = set.and_then(|set| set.status.clone()).context("it has no status")?;
        ensure!(status.ready_replicas == Some(1), "{:?} ready", status.ready_replicas);
        Ok(())
    })
    .await?;
    eventually(DEADLINE, "the service to see the database", async || {
        let ready: Value = store.http.get("/readyz").await?.expect_status(200)?.json()?;
        ensure!(ready["checks"]["postgres"]["ok"] == true, "{ready}");
        Ok(())
    })
    .await
}

async fn scale(test: &Test, replicas: i32) -> Result<()> {
    let namespace = test.cluster().namespace();
    let sets = Api::<StatefulSet>::namespaced(test.client(), namespace);
    let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
    sets.patch("postgres", &PatchParams::default(), &patch).await.context("cannot scale PostgreSQL")?;
    if replicas == 0 {
        let pods = Api::<Pod>::namespaced(test.client(), namespace);
        await_object(&pods, "postgres-0", DEADLINE, "PostgreSQL to be gone", |pod| {
            ensure!(pod.is_none(), "the pod is still there");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn nothing_waits(store: &DataStorage) -> Result<()> {
    eventually(DEADLINE, "an empty queue", async || {
        let metrics = store.http.get("/metrics").await?.expect_status(200)?.body;
        let waiting = metrics.lines().find(|line| line.starts_with("datastorage_dead_letters "));
        ensure!(waiting == Some("datastorage_dead_letters 0"), "{waiting:?}");
        Ok(())
    })
    .await
}
