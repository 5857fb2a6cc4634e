//! `e2e-status`: clusters, what runs in them, how to reach them.

use serde_json::{Value, json};

use crate::{
    catalog::Name,
    cli::{Format, StatusArgs},
    observe::{self, NodeState},
    report::terminal,
    session::{CommandError, Exit, Session},
    state::{ClusterRecord, Reached},
};

/// Shows every cluster of ours.
pub fn run(session: &Session, args: &StatusArgs) -> Result<Exit, CommandError> {
    let mut clusters = Vec::new();
    for record in session.home.clusters()? {
        clusters.push(describe(session, &record));
    }
    if args.format == Format::Json {
        terminal::data(&json!({ "clusters": clusters }).to_string());
    } else if clusters.is_empty() {
        terminal::data("no clusters; create one with: cargo xtask e2e-setup SERVICE");
    } else {
        for cluster in &clusters {
            terminal::data(&text(cluster));
        }
    }
    Ok(Exit::Ok)
}

fn describe(session: &Session, record: &ClusterRecord) -> Value {
    let node = session.engine(Some(record.engine)).ok();
    let node = node.and_then(|engine| observe::node(&engine, &record.name, &session.runner).ok());
    let state = match (node, record.complete) {
        (None, _) => "unknown: the engine does not answer",
        (Some(NodeState::Absent), _) => "gone",
        (Some(_), false) => "unfinished",
        (Some(NodeState::Stopped), true) => "stopped",
        (Some(NodeState::Running), true) => "running",
    };
    let environment = session.environment(record);
    let roots: Vec<Name> = record.definitions.iter().map(|d| Name::new(d.as_str())).collect();
    json!({
        "name": record.name,
        "state": state,
        "engine": record.engine,
        "node_image": record.node_image,
        "services": record.definitions,
        "kubeconfig": session.home.cluster(&record.name).kubeconfig(),
        "environment": environment,
        "ports": Reached::by(&session.catalog, &roots, &record.ports),
    })
}

fn text(cluster: &Value) -> String {
    let word = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let services: Vec<String> = cluster["services"].as_array().into_iter().flatten().map(word).collect();
    let variables = cluster["environment"].as_object().into_iter().flatten();
    let exports: Vec<String> = variables.map(|(key, value)| format!("\n  export {key}={}", word(value))).collect();
    let replaced = cluster["ports"].as_array().into_iter().flatten().filter(|p| !p["instead_of"].is_null());
    let replaced = replaced.map(|p| format!("\n  # {} instead of port {}", word(&p["url"]), p["instead_of"]));
    let replaced: Vec<String> = replaced.collect();
    let (name, state) = (word(&cluster["name"]), word(&cluster["state"]));
    format!("{name}: {state} ({}){}", services.join(", "), exports.concat() + &replaced.concat())
}
