//! The service is asked to end while it is being written to.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, ensure};
use harness::{Test, await_object, eventually};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams},
};

use crate::{
    fixture::{DEADLINE, DataStorage, SUITE, storm, unique},
    writers::Writers,
};

#[tokio::test]
async fn a_service_that_is_ended_under_load_loses_nothing() -> Result<()> {
    let _storm = storm().await;
    SUITE
        .with_namespace("termination", async |test| {
            let store = DataStorage::connect()?;
            let correlation_id = unique("termination");
            let writers = Writers::start(&store, &correlation_id, 8);
            some_were_written(&store, &correlation_id).await?;
            let exit_code = end_the_service(test).await?;
            replaced(test).await?;
            let acknowledged = writers.stop().await?;
            ensure!(exit_code == Some(0), "it did not end in order: exit code {exit_code:?}");

            let written: BTreeSet<_> = acknowledged.iter().map(|one| one.id).collect();
            let read = store.settled(&correlation_id, written.len()).await?;
            let read: BTreeSet<_> = read.iter().map(|event| event.event_id).collect();
            ensure!(read == written, "lost: {:?}", written.difference(&read).collect::<Vec<_>>());
            Ok(())
        })
        .await
}

async fn some_were_written(store: &DataStorage, correlation_id: &str) -> Result<()> {
    eventually(DEADLINE, "the writers to be at work", async || {
        let events = store.page(&format!("correlationId={correlation_id}&limit=100")).await?.events;
        ensure!(events.len() >= 50, "{} events", events.len());
        Ok(())
    })
    .await
}

/// Deletes the pod, which sends SIGTERM, and returns how the program ended.
async fn end_the_service(test: &Test) -> Result<Option<i32>> {
    let pods = Api::<Pod>::namespaced(test.client(), test.cluster().namespace());
    let server = ListParams::default().labels("app.kubernetes.io/name=datastorage,app.kubernetes.io/component=server");
    let name = pods.list(&server).await?.items.pop().context("there is no pod")?.name_any();
    pods.delete(&name, &DeleteParams::default()).await?;
    let mut exit_code = None;
    await_object(&pods, &name, DEADLINE, "the pod to end", |pod| {
        let Some(pod) = pod else { return Ok(()) };
        let containers = pod.status.as_ref().and_then(|status| status.container_statuses.clone()).unwrap_or_default();
        let state = containers.into_iter().next().and_then(|container| container.state);
        exit_code = state.and_then(|state| state.terminated).map(|end| end.exit_code).or(exit_code);
        anyhow::bail!("still there, exit code {exit_code:?}")
    })
    .await?;
    Ok(exit_code)
}

async fn replaced(test: &Test) -> Result<()> {
    let deployments = Api::<Deployment>::namespaced(test.client(), test.cluster().namespace());
    await_object(&deployments, "datastorage", DEADLINE, "its replacement", |deployment| {
        let status = deployment.and_then(|deployment| deployment.status.clone()).unwrap_or_default();
        ensure!(status.available_replicas == Some(1), "{:?} available", status.available_replicas);
        Ok(())
    })
    .await?;
    // A while on the new one, so that the old one is not all that was tested.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}
