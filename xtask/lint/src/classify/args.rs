//! What the arguments of a call say: which cluster, which manifest, which service.
//! It must not look at the name of what is called.

use super::command;
use super::subject::split;
use super::{Meaning, Subject};
use crate::config::{Config, Sort};
use crate::ir::{Call, Value};

/// The kinds and names in a manifest that is given as text.
pub(super) fn manifest_of(value: &Value) -> Option<(Vec<String>, Vec<String>)> {
    let text = value.text.as_deref().filter(|text| text.contains("kind:") && text.contains('\n'))?;
    let (kinds, names) = command::manifest(text);
    (!kinds.is_empty()).then_some((kinds, names))
}

/// A weak verb needs a sign that a cluster is meant.
pub(super) fn evidence(call: &Call, found: &Meaning, config: &Config) -> bool {
    // `ApplyDatabaseNameSuffix` is about a suffix, and the service is among the last two words.
    if found.subject.words.last().is_some_and(|word| INERT_ENDS.contains(&word.as_str())) {
        return false;
    }
    if found.subject.words.iter().rev().take(2).any(|word| config.is(word, Sort::Service)) {
        return true;
    }
    call.args.iter().any(|arg| {
        let names = arg.reads.iter().any(|name| {
            let lower = name.to_lowercase();
            ["kubeconfig", "namespace", "clientset", "kubeclient", "k8sclient", "cluster", "chart", "manifest"]
                .iter()
                .any(|sign| lower.contains(sign))
                || lower == "ns"
        });
        names || arg.text.as_deref().is_some_and(is_manifest)
    })
}

/// Nouns of what only describes a service.
const INERT_ENDS: &[&str] =
    &["suffix", "prefix", "message", "code", "error", "state", "status", "reason", "type", "url"];

/// Whether a text names a manifest of what is there at once: CRDs, roles, namespaces.
pub(super) fn is_light(text: &str, config: &Config) -> bool {
    let name = split(text.rsplit('/').next().unwrap_or(text));
    let words = Subject::of_words(&name, config).words;
    is_manifest(text)
        && (name.iter().any(|word| matches!(word.as_str(), "crd" | "crds" | "rbac" | "namespace"))
            || words.last().is_some_and(|word| config.is(word, Sort::Light)))
}

/// Whether a text names a manifest or a chart.
#[must_use]
pub fn is_manifest(text: &str) -> bool {
    let text = text.trim();
    let extension = text.rsplit_once('.').map_or("", |(_, extension)| extension);
    !text.contains(char::is_whitespace) && matches!(extension, "yaml" | "yml")
}

/// What a generic helper (`deployService(ctx, "redis")`) is told to deploy.
#[must_use]
pub fn from_args(args: &[Value], config: &Config) -> Subject {
    for arg in args.iter().flat_map(|arg| std::iter::once(arg).chain(&arg.items)) {
        if arg.reads.len() == 1 && arg.reads.iter().all(|name| is_place(name)) {
            continue;
        }
        let Some(text) = arg.text.as_deref() else { continue };
        if let Some(literal) = arg.literal() {
            let short = literal.len() < 120 && !literal.contains(['\n', ' ']) && literal.contains(char::is_alphabetic);
            if !short || matches!(literal, "nil" | "true" | "false") {
                continue;
            }
            let subject = if literal.contains(['/', '.']) {
                Subject::of_path(literal, config)
            } else {
                Subject::of_words(&split(literal), config)
            };
            if !subject.is_unknown() {
                return subject;
            }
        } else if is_manifest(text) {
            return Subject::of_path(text, config);
        }
    }
    for name in args.iter().flat_map(|arg| &arg.reads) {
        let words = split(name.rsplit('.').next().unwrap_or(name));
        let says = words.iter().any(|word| {
            matches!(
                word.as_str(),
                "manifest" | "chart" | "yaml" | "deployment" | "image" | "path" | "service" | "release"
            )
        });
        let known = words.iter().any(|word| config.is(word, Sort::Service));
        if says || known {
            let subject = Subject::of_words(&words, config);
            if !subject.is_unknown() {
                return subject;
            }
        }
    }
    Subject::default()
}

/// Whether a variable says how long something may take.
pub(super) fn has_time(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["ctx", "timeout", "deadline", "retries", "attempts"].iter().any(|sign| lower.contains(sign))
}

/// Whether a variable says where something goes, and not what it is.
fn is_place(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    ["namespace", "kubeconfig", "cluster", "context"].iter().any(|place| name.contains(place)) || name == "ns"
}
