//! The owner chain, for each kind of workload.

use anyhow::{Context as _, Result};
use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    batch::v1::{CronJob, Job},
    core::v1::Pod,
};
use kube::ResourceExt as _;
use serde_json::json;

use crate::fixture::{SUITE, Signal, pod_spec, pod_template, running_pod, workload};

#[tokio::test]
async fn a_pod_of_a_deployment() -> Result<()> {
    SUITE
        .with_namespace("deployment", async |test| {
            test.create::<Deployment>(workload("web", &json!({}))).await?;
            let pod = running_pod(test, "web").await?;
            let done = Signal::about(test, "Pod", &pod).completed(test).await?;
            let (set, deployment) = (&done.context.owner_chain[0], &done.context.owner_chain[1]);
            assert_eq!((set.kind.as_str(), deployment.kind.as_str()), ("ReplicaSet", "Deployment"));
            assert_eq!(deployment.name, "web");
            assert!(pod.starts_with(&set.name), "{pod} is not of {}", set.name);
            assert_eq!(deployment.namespace.as_deref(), Some(test.namespace()));
            assert_eq!(done.context.owner_chain.len(), 2);
            assert!(!done.context.degraded, "{:?}", done.context.degraded_reason);

            // From the middle of the chain, and from its top.
            let signal = Signal::about(test, "ReplicaSet", &set.name).named("of-set");
            assert_eq!(signal.completed(test).await?.owners(), ["Deployment/web"]);
            let of_top = Signal::about(test, "Deployment", "web").named("of-top").completed(test).await?;
            assert_eq!(of_top.owners(), Vec::<String>::new());
            let known = of_top.context.workload.context("no workload")?;
            assert_eq!((known.kind.as_str(), known.desired_replicas), ("Deployment", Some(1)));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_of_a_stateful_set() -> Result<()> {
    SUITE
        .with_namespace("stateful-set", async |test| {
            test.create::<StatefulSet>(workload("db", &json!({"serviceName": "db"}))).await?;
            let pod = running_pod(test, "db").await?;
            let done = Signal::about(test, "Pod", &pod).completed(test).await?;
            assert_eq!(done.owners(), ["StatefulSet/db"]);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_of_a_daemon_set() -> Result<()> {
    SUITE
        .with_namespace("daemon-set", async |test| {
            test.create::<DaemonSet>(workload("agent", &json!({}))).await?;
            let pod = running_pod(test, "agent").await?;
            let done = Signal::about(test, "Pod", &pod).completed(test).await?;
            assert_eq!(done.owners(), ["DaemonSet/agent"]);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_of_a_cron_job() -> Result<()> {
    SUITE
        .with_namespace("cron-job", async |test| {
            let mut template = pod_template("nightly");
            template["spec"]["restartPolicy"] = json!("Never");
            let job_spec = json!({"template": template});
            let schedule = json!({"metadata": {"name": "nightly"}, "spec": {
                "schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": {"spec": job_spec}}});
            let cron_job = test.create::<CronJob>(schedule).await?;
            // As the cluster would make it, without the wait for New Year.
            let owner = json!({"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly",
                "uid": cron_job.uid(), "controller": true});
            let job = json!({"metadata": {"name": "nightly-1", "ownerReferences": [owner]}, "spec": job_spec});
            test.create::<Job>(job).await?;
            let pod = running_pod(test, "nightly").await?;
            let done = Signal::about(test, "Pod", &pod).completed(test).await?;
            assert_eq!(done.owners(), ["Job/nightly-1", "CronJob/nightly"]);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_of_nobody() -> Result<()> {
    SUITE
        .with_namespace("bare-pod", async |test| {
            let pod = json!({"metadata": {"name": "alone", "labels": {"app": "alone"}}, "spec": pod_spec()});
            test.create::<Pod>(pod).await?;
            running_pod(test, "alone").await?;
            let done = Signal::about(test, "Pod", "alone").completed(test).await?;
            assert_eq!(done.owners(), Vec::<String>::new());
            assert!(!done.context.degraded, "{:?}", done.context.degraded_reason);
            let known = done.context.workload.context("no workload")?;
            assert_eq!((known.pod_phase.as_deref(), known.restarts), (Some("Running"), Some(0)));
            Ok(())
        })
        .await
}
