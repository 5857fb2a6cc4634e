//! What a failed test leaves: the objects, events and logs of its namespaces, and the logs of the services under test.
//! It must never fail a test itself: what cannot be read is named in the dump and passed over.

use std::{fmt::Write as _, path::Path};

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt as _,
    api::{DynamicObject, ListParams, LogParams},
    discovery::{ApiGroup, Discovery, Scope, verbs},
};

use crate::Cluster;

const LOG_LINES: i64 = 300;

/// Collects the evidence and writes it to a file under `E2E_EVIDENCE`, or to stderr.
pub(crate) async fn leave(cluster: &Cluster, title: &str, failure: &str, namespaces: &[String]) {
    let mut text = format!("== {title}: {failure}\n");
    for namespace in namespaces {
        let _ = writeln!(text, "\n== namespace {namespace}");
        objects(cluster.client(), namespace, &mut text).await;
        logs(cluster.client(), namespace, &mut text).await;
    }
    let _ = writeln!(text, "\n== services under test, namespace {}", cluster.namespace());
    logs(cluster.client(), cluster.namespace(), &mut text).await;
    match &cluster.environment().evidence {
        None => note(&text),
        Some(directory) => match write(directory, title, namespaces, &text) {
            Ok(path) => note(&format!("evidence of {title}: {path}")),
            Err(error) => note(&format!("cannot write to {}: {error}\n{text}", directory.display())),
        },
    }
}

/// One message to the reader of the test's output.
pub(crate) fn note(message: &str) {
    #[expect(clippy::print_stderr, reason = "the test runner captures it and shows it for tests that fail")]
    {
        eprintln!("{message}");
    }
}

fn write(directory: &Path, title: &str, namespaces: &[String], text: &str) -> std::io::Result<String> {
    std::fs::create_dir_all(directory)?;
    let name = namespaces.first().map_or(title, String::as_str);
    let path = directory.join(format!("{name}.txt"));
    std::fs::write(&path, text)?;
    Ok(path.display().to_string())
}

/// Every listable object of the namespace; what is secret is named, not shown.
async fn objects(client: Client, namespace: &str, text: &mut String) {
    let discovery = match Discovery::new(client.clone()).run_aggregated().await {
        Ok(discovery) => discovery,
        Err(error) => {
            let _ = writeln!(text, "-- kinds cannot be listed: {error}");
            return;
        }
    };
    for (kind, capabilities) in discovery.groups().flat_map(ApiGroup::recommended_resources) {
        let wanted = capabilities.scope == Scope::Namespaced && capabilities.supports_operation(verbs::LIST);
        // Events are served by two groups; one listing is enough.
        if !wanted || (kind.kind == "Event" && !kind.group.is_empty()) {
            continue;
        }
        let api = Api::<DynamicObject>::namespaced_with(client.clone(), namespace, &kind);
        match api.list(&ListParams::default()).await {
            Ok(list) => list.items.iter().for_each(|object| {
                let _ = writeln!(text, "-- {} {}\n{}", kind.kind, object.name_any(), shown(object, &kind.kind));
            }),
            Err(error) => {
                let _ = writeln!(text, "-- {} cannot be listed: {error}", kind.kind);
            }
        }
    }
}

fn shown(object: &DynamicObject, kind: &str) -> String {
    let mut object = object.clone();
    object.metadata.managed_fields = None;
    // The certificate of the API server is in every namespace, and of no use in any.
    let is_root_ca = kind == "ConfigMap" && object.name_any() == "kube-root-ca.crt";
    if let Some(data) = object.data.as_object_mut() {
        match kind {
            "Secret" => data.retain(|key, _| key == "type"),
            "ConfigMap" if is_root_ca => data.clear(),
            _ => {}
        }
    }
    serde_json::to_string(&object).unwrap_or_else(|error| format!("cannot be shown: {error}"))
}

async fn logs(client: Client, namespace: &str, text: &mut String) {
    let pods = Api::<Pod>::namespaced(client, namespace);
    let list = match pods.list(&ListParams::default()).await {
        Ok(list) => list,
        Err(error) => {
            let _ = writeln!(text, "-- pods of {namespace} cannot be listed: {error}");
            return;
        }
    };
    for pod in &list.items {
        for (container, restarts) in containers(pod) {
            log(&pods, &pod.name_any(), &container, LogOf::Current, text).await;
            if restarts > 0 {
                log(&pods, &pod.name_any(), &container, LogOf::Previous, text).await;
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogOf {
    Current,
    Previous,
}

/// The pod's containers with the number of their restarts.
fn containers(pod: &Pod) -> Vec<(String, i32)> {
    let status = pod.status.clone().unwrap_or_default();
    let of = |statuses: Option<Vec<k8s_openapi::api::core::v1::ContainerStatus>>| {
        statuses.into_iter().flatten().map(|status| (status.name, status.restart_count))
    };
    of(status.init_container_statuses).chain(of(status.container_statuses)).collect()
}

async fn log(pods: &Api<Pod>, pod: &str, container: &str, of: LogOf, text: &mut String) {
    let parameters = LogParams {
        container: Some(container.to_owned()),
        previous: of == LogOf::Previous,
        tail_lines: Some(LOG_LINES),
        ..LogParams::default()
    };
    let log = pods.logs(pod, &parameters).await.unwrap_or_else(|error| format!("cannot be read: {error}"));
    let _ = writeln!(text, "-- log {pod}/{container} ({of:?})\n{log}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_not_shown() {
        let object: DynamicObject = serde_json::from_value(serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
            "type": "Opaque", "data": {"password": "aHVudGVyMg=="}, "stringData": {"x": "hunter2"}
        }))
        .unwrap();
        let shown = shown(&object, "Secret");
        assert!(shown.contains("Opaque"), "{shown}");
        assert!(!shown.contains("aHVudGVyMg") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn evidence_is_a_file_named_after_the_namespace() {
        let directory = std::env::temp_dir().join(format!("harness-{}", uuid::Uuid::new_v4()));
        let path = write(&directory, "title", &["ns-1".to_owned()], "text").unwrap();
        assert!(path.ends_with("ns-1.txt"), "{path}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
        std::fs::remove_dir_all(directory).unwrap();
    }
}
