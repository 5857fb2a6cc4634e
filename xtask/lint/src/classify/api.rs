//! What calls of well-known libraries do: client-go, controller-runtime, terratest, polling, sleeping.

use super::subject::split;
use super::{Kind, Meaning, Source, Subject, name};
use crate::config::Config;
use crate::ir::{Call, Node, Value, walk};

const WORKLOADS: &[&str] = &["Deployments", "StatefulSets", "DaemonSets", "Pods", "Jobs", "ReplicaSets", "CronJobs"];

/// The meaning of a call of a well-known library.
#[must_use]
pub fn of_call(call: &Call, config: &Config) -> Option<Meaning> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let found =
        |kind, subject| Some(Meaning { kind, subject, source: Source::Direct, waits: false, label: name::label(call) });
    match path.as_slice() {
        ["time", "Sleep"] | ["thread" | "time", "sleep"] | [.., "thread" | "time", "sleep"] => {
            found(Kind::Sleep, Subject::default())
        }
        ["Eventually" | "Consistently" | "EventuallyWithOffset" | "retry", ..]
        | [.., "Eventually" | "EventuallyWithT"] => found(Kind::Wait, args(call, config)),
        ["wait", method, ..] if method.starts_with("Poll") || method.contains("Backoff") || *method == "For" => {
            found(Kind::Wait, args(call, config))
        }
        ["helm", "Install" | "Upgrade" | "InstallE" | "UpgradeE"] => {
            let release = call.args.last().and_then(Value::literal).unwrap_or_default();
            found(Kind::Deploy, Subject::of_words(&split(release), config))
        }
        [_, "RunInstall" | "RunUpgrade"] if !call.args.is_empty() => found(Kind::Deploy, options(call, config)),
        // dockertest and testcontainers: a container that is started is waited for by what follows.
        [_, "RunWithOptions" | "GenericContainer"] if call.args.iter().any(is_container) => {
            found(Kind::Deploy, object(call.args.iter().find(|arg| arg.type_name.is_some()), config))
        }
        ["k8s", method] if method.starts_with("KubectlApply") => {
            let manifest = call.args.last().and_then(|arg| arg.text.as_deref()).unwrap_or_default();
            found(Kind::Apply, Subject::of_path(manifest, config))
        }
        [.., collection, "Create" | "Apply"] if path.len() > 2 && !call.chain.is_empty() => {
            let kind = if WORKLOADS.contains(collection) { Kind::Create } else { Kind::Prepare };
            found(kind, object(call.args.get(1), config))
        }
        [client, "Create"] if looks_like_client(client, call) => {
            created(call).and_then(|kind| found(kind, object(call.args.get(1), config)))
        }
        [_, inner, "Create"] if looks_like_client(inner, call) => {
            created(call).and_then(|kind| found(kind, object(call.args.get(1), config)))
        }
        _ => None,
    }
}

/// Whether a value describes a container to dockertest or testcontainers.
fn is_container(value: &Value) -> bool {
    let known = |name: &String| name.starts_with("dockertest.") || name.starts_with("testcontainers.");
    value.type_name.as_ref().is_some_and(known)
}

/// `helm.WithName("pump")`: the first text among the options.
fn options(call: &Call, config: &Config) -> Subject {
    let texts = call.args.iter().filter_map(|arg| arg.text.as_deref());
    let subjects = texts.map(|text| Subject::of_words(&split(text), config));
    subjects.into_iter().find(|subject| !subject.is_unknown()).unwrap_or_default()
}

/// `k8sClient.Create(ctx, obj)`: what it makes is told by the object's type; a custom resource is not a workload.
fn created(call: &Call) -> Option<Kind> {
    let object = call.args.get(1)?;
    let kind = object
        .type_name
        .as_deref()
        .or(object.out.as_deref())
        .or(object.text.as_deref())
        .or(object.calls.last().map(String::as_str))
        .unwrap_or_default()
        .to_lowercase();
    let workload = ["deployment", "statefulset", "daemonset", "pod", "job"].iter().any(|word| kind.contains(word));
    Some(if workload { Kind::Create } else { Kind::Prepare })
}

fn looks_like_client(name: &str, call: &Call) -> bool {
    let lower = name.to_lowercase();
    call.args.len() >= 2
        && (lower.contains("client") || lower == "c" || lower == "cl" || lower == "cli" || lower == "kube")
}

/// What an object is about: its name where it is written here, what makes it, or the variable that holds it.
fn object(value: Option<&Value>, config: &Config) -> Subject {
    let Some(value) = value else { return Subject::default() };
    let named = value.object_name().into_iter().chain(value.calls.iter().rev().map(String::as_str)).map(split);
    let held = value.reads.first().map(|name| split(name.rsplit('.').next().unwrap_or(name)));
    let makes = |word: &String| !matches!(word.as_str(), "make" | "build" | "get" | "create" | "render" | "ptr");
    named
        .chain(held)
        .map(|words| Subject::of_words(&words.into_iter().filter(makes).collect::<Vec<_>>(), config))
        .find(|subject| !subject.is_unknown())
        .unwrap_or_default()
}

/// What a poll is about: the known services among the words of its arguments, and what its question selects.
fn args(call: &Call, config: &Config) -> Subject {
    let values = || call.chain.iter().chain(&call.args);
    let words: Vec<String> =
        values().filter_map(Value::literal).filter(|text| text.len() < 60).flat_map(split).collect();
    let mut subject = Subject::of_words(&words, config);
    subject.words.retain(|word| config.is(word, crate::config::Sort::Service));
    let mut selected = Vec::new();
    for body in values().filter_map(|value| value.closure.as_ref()) {
        walk(body, &mut |node| {
            if let Node::Call(inner) = node {
                inner.args.iter().for_each(|arg| selectors(arg, &mut selected));
            }
        });
    }
    let selected = Subject::of_words(&selected, config).words;
    subject.words.extend(selected.into_iter().filter(|word| !subject.words.contains(word)).collect::<Vec<_>>());
    subject
}

/// The values of label selectors in what a call is given: `app=gateway`.
fn selectors(value: &Value, words: &mut Vec<String>) {
    if let Some((key, name)) = value.literal().and_then(|text| text.split_once('='))
        && SELECTS.iter().any(|end| key.ends_with(end))
        && !name.contains(char::is_whitespace)
    {
        words.extend(split(name.split(',').next().unwrap_or(name)));
    }
    value.items.iter().for_each(|item| selectors(item, words));
}

/// Ends of the keys of labels that name what a pod belongs to.
const SELECTS: &[&str] = &["app", "name", "component", "instance"];
