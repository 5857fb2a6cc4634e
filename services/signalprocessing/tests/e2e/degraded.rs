//! What is not there, or cannot be looked up, makes the result degraded and not failed; only nonsense fails.

use anyhow::Result;
use api::signal_processing::Phase;
use harness::Test;

use crate::fixture::{Completed, SUITE, Signal};

async fn degraded(test: &Test, signal: Signal) -> Result<Completed> {
    let done = signal.severity("critical").completed(test).await?;
    assert!(done.context.degraded);
    assert_eq!(done.condition("EnrichmentComplete")?.1, "Degraded");
    Ok(done)
}

#[tokio::test]
async fn a_target_that_is_gone_is_degraded_and_still_classified() -> Result<()> {
    SUITE
        .with_labels("target-gone", &[("kubernaut.ai/environment", "production")], async |test| {
            let done = degraded(test, Signal::about(test, "Pod", "gone")).await?;
            let reason = done.context.degraded_reason.unwrap_or_default();
            assert_eq!(reason, format!("Pod {}/gone does not exist", test.namespace()));
            assert_eq!(done.context.workload, None);
            assert_eq!((done.environment.as_str(), done.priority.as_str()), ("production", "P0"));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_kind_that_cannot_be_looked_up_is_degraded() -> Result<()> {
    SUITE
        .with_namespace("unknown-kind", async |test| {
            let done = degraded(test, Signal::about(test, "Certificate", "tls")).await?;
            let reason = done.context.degraded_reason.unwrap_or_default();
            assert_eq!(reason, "kind Certificate cannot be looked up");
            assert_eq!(done.context.namespace_labels["e2e.kubernaut.ai/suite"], "signalprocessing");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_specification_that_makes_no_sense_fails_with_the_reason() -> Result<()> {
    SUITE
        .with_namespace("no-sense", async |test| {
            let status = Signal::about_cluster_scoped(test, "Pod", "nowhere").finished(test).await?;
            assert_eq!(status.phase, Some(Phase::Failed));
            let error = status.error.unwrap_or_default();
            assert_eq!(error, "signal.target.namespace is missing, and the kind lives in namespaces");
            Ok(())
        })
        .await
}
