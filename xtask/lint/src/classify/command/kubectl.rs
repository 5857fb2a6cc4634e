//! What kubectl does, by its words and flags, and what a manifest is about.

use super::line::Line;
use crate::classify::subject::split;
use crate::classify::{Kind, Subject};
use crate::config::Config;

pub(super) fn kubectl(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let nothing = line.has("dry-run") || line.values(&["dry-run"]).iter().any(|value| !value.is_empty());
    if nothing || line.has("help") || line.has("h") {
        return None;
    }
    let verb = line.words.iter().position(|word| KUBECTL_VERBS.contains(word))?;
    let next = line.word(verb + 1);
    match line.words[verb] {
        "apply" if next.ends_with("-last-applied") => None,
        "apply" | "replace" => Some(applied(line, config)),
        "create" if next.is_empty() => Some(applied(line, config)),
        "create" if matches!(next, "deployment" | "deploy" | "job") => {
            Some((Kind::Apply, Subject::of_words(&split(line.word(verb + 2)), config), false))
        }
        "create" | "label" | "annotate" | "taint" | "expose" => Some((Kind::Prepare, Subject::default(), false)),
        "run" => Some((Kind::Apply, Subject::of_words(&split(next), config), false)),
        "rollout" if next == "status" => Some((Kind::Wait, target(line, verb + 2, config), false)),
        "wait" if line.values(&["for"]).contains(&"delete") => None,
        "wait" => Some((Kind::Wait, target(line, verb + 1, config), false)),
        "delete" => Some((Kind::Remove, Subject::default(), false)),
        "exec" | "port-forward" | "cp" => Some((Kind::Use, Subject::default(), false)),
        _ => None,
    }
}

const KUBECTL_VERBS: &[&str] = &[
    "apply",
    "create",
    "replace",
    "run",
    "rollout",
    "wait",
    "delete",
    "exec",
    "port-forward",
    "cp",
    "get",
    "describe",
    "logs",
    "label",
    "annotate",
    "taint",
    "expose",
    "patch",
    "scale",
    "set",
    "config",
    "cluster-info",
    "version",
    "edit",
    "kustomize",
    "top",
    "auth",
    "api-resources",
];

/// What is applied, by its path or by its text.
fn applied(line: &Line, config: &Config) -> (Kind, Subject, bool) {
    let files = line.values(&["f", "k", "filename", "kustomize"]);
    let known: Vec<Subject> =
        files.iter().filter(|file| **file != "-").map(|file| Subject::of_path(file, config)).collect();
    let mut subject = Subject::default();
    for one in &known {
        subject.words.extend(one.words.iter().cloned());
    }
    if let Some(text) = line.stdin {
        // `kubectl create namespace x --dry-run=client -o yaml |`
        let mut words = text.split_whitespace();
        if words.next() == Some("create") && !matches!(words.next(), Some("deployment" | "deploy" | "job" | "cronjob"))
        {
            return (Kind::Prepare, Subject::default(), false);
        }
        let (kinds, names) = manifest(text);
        if !kinds.is_empty() {
            let subject = Subject::of_words(&names.iter().flat_map(|name| split(name)).collect::<Vec<_>>(), config);
            let workload = kinds.iter().any(|kind| WORKLOADS.contains(&kind.as_str()));
            return (if workload { Kind::Apply } else { Kind::Prepare }, subject, false);
        }
        if subject.is_unknown() && !text.contains('\n') {
            subject = text
                .split_whitespace()
                .map(|word| Subject::of_path(word, config))
                .find(|found| !found.is_unknown())
                .unwrap_or_default();
        }
    }
    if subject.words.iter().any(|word| word.starts_with("migrat")) {
        return (Kind::Migrate, subject, false);
    }
    if subject.words.iter().any(|word| word.starts_with("seed")) {
        return (Kind::Use, subject, false);
    }
    let light = |words: &[String]| {
        !words.is_empty() && words.last().is_some_and(|word| config.is(word, crate::config::Sort::Light))
    };
    let crds = files.iter().any(|file| {
        split(file).iter().any(|word| matches!(word.as_str(), "crd" | "crds" | "rbac" | "namespace" | "ns"))
    });
    if crds || known.iter().any(|one| light(&one.words)) {
        return (Kind::Prepare, subject, false);
    }
    (Kind::Apply, subject, false)
}

/// Kinds of objects that start pods.
pub const WORKLOADS: &[&str] =
    &["Deployment", "StatefulSet", "DaemonSet", "Pod", "Job", "ReplicaSet", "CronJob", "List"];

/// The kinds and names in the text of a manifest.
#[must_use]
pub fn manifest(text: &str) -> (Vec<String>, Vec<String>) {
    let after =
        |line: &str, key: &str| line.strip_prefix(key).map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
    let mut kinds = Vec::new();
    let mut names = Vec::new();
    for line in text.lines() {
        kinds.extend(after(line, "kind:"));
        if line.starts_with("  name:") {
            names.extend(after(line.trim(), "name:"));
        }
    }
    (kinds, names)
}

/// What is waited for: `deployment/redis`, `-l app=redis`.
fn target(line: &Line, from: usize, config: &Config) -> Subject {
    let mut words: Vec<String> =
        line.words.iter().skip(from).flat_map(|word| split(word.rsplit('/').next().unwrap_or(word))).collect();
    for selector in line.values(&["l", "selector"]) {
        words.extend(selector.split(',').filter_map(|pair| pair.split_once('=')).flat_map(|(_, value)| split(value)));
    }
    if line.words.iter().skip(from).any(|word| word.starts_with("crd")) {
        words.push("crd".to_owned());
    }
    Subject::of_words(&words, config)
}
