//! Which waits are for something in a cluster: a name alone ("poll", "until", "await") may be about anything.
//! It must not word findings.

use super::between::loop_of;
use super::runs::At;
use crate::classify::subject::split;
use crate::classify::{Kind, Source as How};
use crate::config::Sort;
use crate::ir::{Node, walk};
use crate::reason::Scene;
use crate::source::Language;
use crate::steps::POLL;

/// Whether a wait says that it waits, and there is a sign that it waits for something in a cluster.
#[must_use]
pub fn of_cluster(scene: &Scene, (item, step): At) -> bool {
    let meaning = &step.meaning;
    if meaning.source == How::Declared || step.words.first().is_some_and(|word| PROGRAMS.contains(&word.as_str())) {
        return true;
    }
    // `Eventually(...).Should(...)` asks by its first name.
    let eventually = says_eventually(&meaning.label);
    let asked = || scene.file.source.slice(item.span);
    let of_api = || [".Get(", ".List(", "kubectl"].iter().any(|sign| asked().contains(sign));
    if eventually && (!meaning.subject.is_unknown() || of_api()) && speaks_of_kubernetes(&scene.file.source.text) {
        return true;
    }
    if meaning.label == POLL {
        return loop_of(scene.function, item.span).is_some_and(|poll| {
            let asked = scene.file.source.slice(poll.span).to_lowercase();
            SAYS_READY.iter().any(|word| asked.contains(word)) && speaks_of_kubernetes(&scene.file.source.text)
        });
    }
    let name = split(meaning.label.rsplit('.').next().unwrap_or_default());
    let is_any = |list: &[&str]| name.iter().any(|word| list.contains(&word.as_str()));
    // In Rust `poll` and `until` are of futures and of times.
    let asks = scene.file.source.language != Language::Rust && is_any(&["poll", "until"]);
    if !asks && !is_any(SAYS_WAIT) && !is_any(SAYS_READY) || is_any(NO_SERVICE) {
        return false;
    }
    let mut words = name.iter().cloned().chain(step.words.iter().flat_map(|word| split(word)));
    let known = |word: &String| scene.config.is(word, Sort::Service);
    words.any(|word| OBJECTS.contains(&word.as_str()) || word.starts_with("kube") || known(&word))
        || is_any(SAYS_READY) && speaks_of_kubernetes(&scene.file.source.text)
        || sets_up(scene)
}

/// Whether a wait is Gomega's, by whatever name it is imported.
#[must_use]
pub fn says_eventually(label: &str) -> bool {
    label.starts_with("Eventually") || label.starts_with("gomega.Eventually")
}

/// Whether the name of a wait says that it is for something that runs in a cluster.
#[must_use]
pub fn says_service(label: &str) -> bool {
    split(label).iter().any(|word| SAYS_READY.contains(&word.as_str()) || OBJECTS.contains(&word.as_str()))
}

/// Programs that wait for something in a cluster.
const PROGRAMS: &[&str] = &["kubectl", "oc", "helm", "istioctl", "linkerd", "cilium"];

/// What is waited for and starts nothing, and what runs tests.
const NO_SERVICE: &[&str] = &[
    "configmap",
    "configmaps",
    "secret",
    "secrets",
    "metric",
    "metrics",
    "event",
    "events",
    "deleted",
    "deletion",
    "path",
    "pid",
    "file",
    "test",
    "tests",
];

const SAYS_WAIT: &[&str] = &["wait", "await", "eventually", "waiter"];

const SAYS_READY: &[&str] = &[
    "ready",
    "readiness",
    "running",
    "available",
    "availability",
    "healthy",
    "established",
    "rolled",
    "rollout",
    "scheduled",
    "bound",
];

/// What is in a cluster, and what one is reached by. A service, a job or a node may be something else, too.
const OBJECTS: &[&str] = &[
    "pod",
    "pods",
    "deployment",
    "deployments",
    "statefulset",
    "statefulsets",
    "daemonset",
    "daemonsets",
    "replicaset",
    "replicasets",
    "pvc",
    "pvcs",
    "pv",
    "pvs",
    "crd",
    "crds",
    "clientset",
    "k8s",
    "namespace",
    "namespaces",
    "ns",
    "rollout",
    "helm",
    "ingress",
    "svc",
];

fn speaks_of_kubernetes(text: &str) -> bool {
    ["k8s.io/", "client.Client", "kubectl", "kubeconfig", "KUBECONFIG", "k8s_openapi"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// Whether something of the file puts something into a cluster.
fn sets_up(scene: &Scene) -> bool {
    scene.file.unit.functions.iter().any(|function| {
        let mut found = false;
        walk(&function.body, &mut |node| {
            if let Node::Call(call) = node {
                found = found
                    || scene.package.meaning(call).is_some_and(|meaning| {
                        meaning.source != How::WeakName
                            && (meaning.kind.deploys() || meaning.kind.loads() || meaning.kind == Kind::Cluster)
                    });
            }
        });
        found
    })
}
