//! Classification with the policies that are deployed, and with none.

use std::collections::BTreeMap;

use api::{
    Severity, TargetResource,
    signal_processing::{ClassificationSource, KubernetesContext, Signal},
};
use k8s_openapi::api::core::v1::ConfigMap;
use serde::Deserialize as _;

use super::*;
use crate::policy::{Modules, POLICY_LABEL, POLICY_LABEL_VALUE};

const DEPLOYED: &str = include_str!("../../deploy/policies.yaml");

/// The policies of the manifests, found as the controller finds them.
fn deployed() -> Policies {
    let mut configs = BTreeMap::new();
    for document in serde_yaml::Deserializer::from_str(DEPLOYED) {
        let config = ConfigMap::deserialize(document).unwrap();
        let labels = config.metadata.labels.unwrap();
        assert_eq!(labels[POLICY_LABEL], POLICY_LABEL_VALUE);
        configs.insert(config.metadata.name.unwrap(), config.data.unwrap());
    }
    let configs: BTreeMap<String, Modules> = configs;
    Policies::compile(configs.iter().map(|(name, modules)| (name.as_str(), modules))).unwrap()
}

fn signal(namespace: &str, severity: Severity) -> Signal {
    Signal {
        name: "HighMemory".to_owned(),
        fingerprint: "0".repeat(64),
        severity,
        type_: "prometheus".to_owned(),
        target: TargetResource { kind: "Pod".to_owned(), namespace: Some(namespace.to_owned()), name: "p".to_owned() },
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
    }
}

fn labelled(labels: &[(&str, &str)]) -> KubernetesContext {
    let namespace_labels = labels.iter().map(|(key, value)| (String::from(*key), String::from(*value))).collect();
    KubernetesContext { namespace_labels, ..KubernetesContext::default() }
}

#[test]
fn the_label_wins_over_the_policy_and_the_policy_over_the_default() {
    let policies = deployed();
    let environment = |namespace: &str, labels: &[(&str, &str)]| {
        let (signal, context) = (signal(namespace, Severity::Info), labelled(labels));
        let mut classifier = Classifier::new(&policies, &signal, &context);
        let decided = classifier.environment();
        assert_eq!(classifier.into_errors(), []);
        (decided.environment, decided.source)
    };
    let by_label = environment("shop-staging", &[(ENVIRONMENT_LABEL, "Production")]);
    assert_eq!(by_label, ("production".to_owned(), ClassificationSource::NamespaceLabel));
    assert_eq!(environment("shop-staging", &[]), ("staging".to_owned(), ClassificationSource::Policy));
    assert_eq!(environment("shop", &[("env", "dev")]), ("development".to_owned(), ClassificationSource::Policy));
    assert_eq!(environment("shop", &[]), (DEFAULT_ENVIRONMENT.to_owned(), ClassificationSource::Default));
}

/// Priority by environment (rows) and severity critical, warning, info.
const MATRIX: [(&str, [&str; 3]); 4] = [
    ("production", ["P0", "P1", "P2"]),
    ("staging", ["P1", "P2", "P3"]),
    ("development", ["P2", "P3", "P3"]),
    ("unknown", ["P3", "P3", "P3"]),
];

#[test]
fn the_deployed_policy_and_the_built_in_answer_agree_on_priority() {
    let (deployed, none) = (deployed(), Policies::default());
    for (environment, row) in MATRIX {
        for (severity, wanted) in [Severity::Critical, Severity::Warning, Severity::Info].into_iter().zip(row) {
            let (signal, context) = (signal("shop", severity), labelled(&[]));
            let ask = |policies| Classifier::new(policies, &signal, &context).priority(environment);
            let (policy, default) = (ask(&deployed), ask(&none));
            assert_eq!((policy.priority.as_str(), policy.source), (wanted, ClassificationSource::Policy));
            assert_eq!((default.priority.as_str(), default.source), (wanted, ClassificationSource::Default));
        }
    }
}

#[test]
fn business_and_labels_come_from_the_namespace() {
    let policies = deployed();
    let signal = signal("shop", Severity::Critical);
    let context = labelled(&[("kubernaut.ai/business-unit", "payments"), ("kubernaut.ai/team", "checkout")]);
    let mut classifier = Classifier::new(&policies, &signal, &context);
    let business = classifier.business("production", "P0");
    assert_eq!(business.business_unit.as_deref(), Some("payments"));
    assert_eq!(business.service_owner.as_deref(), Some("checkout"));
    assert_eq!(business.criticality.as_deref(), Some("high"));
    assert_eq!(classifier.custom_labels("production", "P0")["team"], ["checkout"]);
    assert_eq!(classifier.into_errors(), []);
}

#[test]
fn an_answer_that_makes_no_sense_is_told_and_replaced() {
    let text = "package signalprocessing.priority\npriority := \"very high\" if input.signal";
    let modules = Modules::from([("p.rego".to_owned(), text.to_owned())]);
    let policies = Policies::compile([("config", &modules)]).unwrap();
    let (signal, context) = (signal("shop", Severity::Critical), labelled(&[]));
    let mut classifier = Classifier::new(&policies, &signal, &context);
    assert_eq!(classifier.priority("production").priority, "P0");
    let errors = classifier.into_errors();
    assert!(errors[0].to_string().contains("very high"), "{errors:?}");
}
