//! Environment, priority, business and custom labels, with the policies that are deployed.

use anyhow::Result;
use harness::Test;

use crate::fixture::{SUITE, Signal};

async fn environment(test: &Test) -> Result<(String, String)> {
    let done = Signal::about(test, "Pod", "gone").completed(test).await?;
    assert_eq!(done.condition("ClassificationComplete")?.0, "True");
    Ok((done.environment, done.environment_source))
}

fn said(environment: &str, source: &str) -> (String, String) {
    (environment.to_owned(), source.to_owned())
}

#[tokio::test]
async fn environment_from_the_label_of_the_namespace() -> Result<()> {
    // The other label would say something else, were the policy asked.
    let labels = [("kubernaut.ai/environment", "production"), ("env", "dev")];
    SUITE
        .with_labels("environment-label", &labels, async |test| {
            assert_eq!(environment(test).await?, said("production", "namespace-label"));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn environment_from_the_policy() -> Result<()> {
    SUITE
        .with_labels("environment-policy", &[("env", "stage")], async |test| {
            assert_eq!(environment(test).await?, said("staging", "policy"));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn environment_by_default() -> Result<()> {
    SUITE
        .with_namespace("environment-default", async |test| {
            assert_eq!(environment(test).await?, said("unknown", "default"));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn priority_by_environment_and_severity() -> Result<()> {
    let matrix = [
        ("production", ["P0", "P1", "P2"]),
        ("staging", ["P1", "P2", "P3"]),
        ("development", ["P2", "P3", "P3"]),
        ("laboratory", ["P3", "P3", "P3"]),
    ];
    SUITE
        .with_namespace("priority", async |test| {
            for (environment, row) in matrix {
                let namespace = test.another_namespace(&[("kubernaut.ai/environment", environment)]).await?;
                for (severity, wanted) in ["critical", "warning", "info"].into_iter().zip(row) {
                    let signal = Signal::about_in(&namespace, "Pod", "gone").named(severity).severity(severity);
                    let done = signal.completed(test).await?;
                    assert_eq!(done.priority, wanted, "{environment}, {severity}");
                }
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn business_and_custom_labels() -> Result<()> {
    let labels = [
        ("kubernaut.ai/environment", "production"),
        ("kubernaut.ai/business-unit", "payments"),
        ("kubernaut.ai/team", "checkout"),
    ];
    SUITE
        .with_labels("custom-labels", &labels, async |test| {
            let done = Signal::about(test, "Pod", "gone").severity("critical").completed(test).await?;
            let business = done.status.business.clone().unwrap_or_default();
            assert_eq!(business.business_unit.as_deref(), Some("payments"));
            assert_eq!(business.service_owner.as_deref(), Some("checkout"));
            assert_eq!((business.criticality.as_deref(), business.sla.as_deref()), (Some("high"), Some("1h")));
            assert_eq!(done.status.custom_labels["team"], ["checkout"]);
            assert_eq!(done.status.custom_labels.len(), 1);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn no_custom_labels_where_nothing_says_any() -> Result<()> {
    SUITE
        .with_namespace("no-labels", async |test| {
            let done = Signal::about(test, "Pod", "gone").completed(test).await?;
            assert!(done.status.custom_labels.is_empty(), "{:?}", done.status.custom_labels);
            assert_eq!(done.status.business.unwrap_or_default().business_unit, None);
            Ok(())
        })
        .await
}
