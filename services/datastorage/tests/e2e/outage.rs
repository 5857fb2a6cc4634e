//! PostgreSQL is taken away and given back.
//!
//! Its volume goes with its pod, so afterwards the database is empty and even the schema has to be made again: the test
//! runs the schema Job once more, as whoever restores a database would. What was stored before is lost with the volume;
//! what was accepted while the database was away must all be there.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use harness::{Test, await_gone, await_object, eventually};
use k8s_openapi::api::{apps::v1::StatefulSet, batch::v1::Job, core::v1::Pod};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams},
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
    /// The events that were accepted while the database was away.
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
    let mut ids: BTreeSet<_> = acknowledged.iter().filter(|one| one.status == 202).map(|one| one.id).collect();
    ensure!(!ids.is_empty(), "no writer had to do without the database");
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
    Box::pin(make_schema_again(test)).await?;
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

/// Runs the schema Job again, with everything that the tool wrote on it, so that the tool still knows it as its own.
async fn make_schema_again(test: &Test) -> Result<()> {
    let jobs = Api::<Job>::namespaced(test.client(), test.cluster().namespace());
    let schema = ListParams::default().labels("app.kubernetes.io/name=datastorage,app.kubernetes.io/component=schema");
    let found = jobs.list(&schema).await?.items.pop().context("there is no schema Job")?;
    let name = found.name_any();
    let mut again = Job { spec: found.spec.clone(), ..Job::default() };
    again.metadata.name = Some(name.clone());
    again.metadata.labels.clone_from(&found.metadata.labels);
    again.metadata.annotations.clone_from(&found.metadata.annotations);
    let spec = again.spec.as_mut().context("the Job has no specification")?;
    // The controller of Jobs fills these in, and refuses to be told.
    spec.selector = None;
    for labels in [&mut again.metadata.labels, &mut spec.template.metadata.get_or_insert_default().labels] {
        labels
            .get_or_insert_default()
            .retain(|label, _| !label.ends_with("controller-uid") && !label.ends_with("job-name"));
    }
    await_gone(&jobs, &name, DEADLINE).await?;
    jobs.create(&PostParams::default(), &again).await.context("cannot create the schema Job")?;
    await_object(&jobs, &name, DEADLINE, "the schema", |job| {
        let status = job.and_then(|job| job.status.clone()).unwrap_or_default();
        ensure!(status.succeeded == Some(1), "{status:?}");
        Ok(())
    })
    .await
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
