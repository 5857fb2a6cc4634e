//! The controller as a program: health, metrics, and what a restart loses.

use anyhow::{Context as _, Result, ensure};
use harness::{Http, Test, Workload, eventually};
use serde_json::Value;

use crate::{
    audit_trail,
    fixture::{Completed, DEADLINE, SUITE, Signal},
};

const METRICS: &str = "signalprocessing-metrics";

async fn completed_so_far(http: &Http) -> Result<u64> {
    let text = http.get("/metrics").await?.expect_status(200)?.body;
    let line = r#"signalprocessing_phases_total{phase="Completed"} "#;
    Ok(text.lines().find_map(|found| found.strip_prefix(line)).unwrap_or("0").parse()?)
}

#[tokio::test]
async fn it_is_ready_when_all_that_it_needs_answers() -> Result<()> {
    SUITE
        .with_namespace("ready", async |test| {
            let http = test.cluster().http(METRICS)?;
            // Another test restarts the controller.
            let answer: Value =
                eventually(DEADLINE, "readiness", async || http.get("/readyz").await?.expect_status(200)?.json())
                    .await?;
            for check in ["api-server", "datastorage", "policies"] {
                assert_eq!(answer["checks"][check]["ok"], true, "{answer}");
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_restart_loses_neither_signals_nor_audit_events_and_metrics_count() -> Result<()> {
    SUITE
        .with_namespace("restart", async |test| {
            let signals: Vec<_> =
                (0..20).map(|number| Signal::about(test, "Pod", "gone").named(&format!("signal-{number}"))).collect();
            for signal in &signals {
                signal.create(test).await?;
            }
            restart(test).await?;
            for signal in &signals {
                Completed::of(signal.end(test).await?)?;
                let events = audit_trail::events(test, signal, 7).await?;
                assert_eq!(events.len(), 7);
            }
            counts_one_more(test).await
        })
        .await
}

async fn restart(test: &Test) -> Result<()> {
    let deployment = Workload::deployment(test.client(), test.cluster().namespace(), "signalprocessing");
    deployment.restart(DEADLINE).await.context("the controller did not restart")
}

/// In the same test as the restart, which starts the count anew.
async fn counts_one_more(test: &Test) -> Result<()> {
    let http = test.cluster().http(METRICS)?;
    let before = eventually(DEADLINE, "metrics", async || completed_so_far(&http).await).await?;
    Signal::about(test, "Pod", "gone").named("one-more").completed(test).await?;
    eventually(DEADLINE, "one more completed", async || {
        let after = completed_so_far(&http).await?;
        ensure!(after > before, "{after} after {before}");
        Ok(())
    })
    .await
}
