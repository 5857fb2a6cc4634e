//! What the name of a function says of what it does.

use super::args::{evidence, from_args, has_time, is_light, is_manifest, manifest_of};
use super::command::{self, last_word};
use super::subject::split;
use super::verbs::{DEPLOY, IMAGE, IN_PROCESS, INERT, INSIDE, LEAD, READY, REMOVE, USE, WAIT, WEAK};
use super::{Kind, Meaning, Source, Subject};
use crate::config::{Config, Declared, Sort};
use crate::ir::Call;

/// What the configuration declares of a call.
pub(super) fn declared(call: &Call, declared: Declared, config: &Config) -> Option<Meaning> {
    let kind = match declared {
        Declared::Nothing => return None,
        Declared::Deploy => Kind::Deploy,
        Declared::Wait => Kind::Wait,
        Declared::Build => Kind::Build,
        Declared::Load => Kind::Load,
        Declared::Migrate => Kind::Migrate,
    };
    // A program is told what it does something about, where its name does not say it (`bring-up-redis`).
    let Some(argv) = &call.argv else {
        let words = split(call.name());
        return Some(meaning(call, kind, &words[1.min(words.len())..], Source::Declared, config));
    };
    let program = argv.first().map_or("", |program| program.rsplit('/').next().unwrap_or(program));
    let words = split(program.trim_end_matches(".sh"));
    let mut subject = Subject::of_words(&words[1.min(words.len())..], config);
    if subject.is_unknown() {
        subject = last_word(argv, config);
    }
    Some(Meaning { kind, subject, source: Source::Declared, waits: false, label: label(call) })
}

/// The meaning of a call by the name of what is called.
#[must_use]
pub fn of_call(call: &Call, config: &Config) -> Option<Meaning> {
    let words = split(call.name());
    let (kind, rest, source) = of_words(&words, config)?;
    let asks = words.first().is_some_and(|word| word == "check" || word == "verify");
    if kind == Kind::Wait && asks && !call.args.iter().flat_map(|arg| &arg.reads).any(|name| has_time(name)) {
        return None; // `checkReady(&status)` looks once.
    }
    if kind == Kind::Wait && rest.is_empty() && call.args.is_empty() && call.argv.is_none() {
        return None; // `child.try_wait()`: something of the language.
    }
    let mut found = meaning(call, kind, rest, source, config);
    if kind == Kind::Deploy
        && let Some((kinds, names)) = call.args.iter().find_map(manifest_of)
    {
        // A helper that is given a manifest does what the manifest says.
        let words: Vec<String> = names.iter().flat_map(|name| split(name)).collect();
        found.subject = Subject::of_words(&words, config);
        if !kinds.iter().any(|kind| command::WORKLOADS.contains(&kind.as_str())) {
            found.kind = Kind::Prepare;
        }
        found.source = Source::Direct;
        return Some(found);
    }
    if kind == Kind::Deploy && found.subject.is_unknown() {
        let qualifier = split(&call.qualifier());
        found.subject = Subject::of_words(&qualifier, config);
        found.subject.words.retain(|word| word.len() > 2 && config.is(word, Sort::Service));
    }
    let manifest = call.args.iter().any(|arg| arg.text.as_deref().is_some_and(is_manifest));
    if kind == Kind::Deploy
        && call.args.iter().any(|arg| arg.text.as_deref().is_some_and(|text| is_light(text, config)))
    {
        found.kind = Kind::Prepare;
        return Some(found);
    }
    if kind == Kind::Deploy
        && rest.is_empty()
        && !manifest
        && (source == Source::WeakName || found.subject.is_unknown() || !evidence(call, &found, config))
    {
        return None; // `Apply(x)`, `deploy(x)`: a verb alone may mean anything.
    }
    if kind == Kind::Deploy && source == Source::WeakName && !evidence(call, &found, config) {
        return None;
    }
    Some(found)
}

/// The kind a name speaks of, the words that are left, and how sure that is.
#[must_use]
pub fn of_words<'w>(words: &'w [String], config: &Config) -> Option<(Kind, &'w [String], Source)> {
    if let Some(what) = made_and_awaited(words) {
        return Some((Kind::Deploy, what, Source::Name));
    }
    let lead = words.iter().take_while(|word| LEAD.contains(&word.as_str())).count();
    let start = if lead < words.len() { lead } else { 0 };
    let (verb, rest) = words[start..].split_first()?;
    let verb = verb.as_str();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if REMOVE.contains(&verb) {
        return Some((Kind::Remove, rest, Source::Name));
    }
    let first_waits = WAIT.contains(&verb);
    let also_waits =
        words.iter().any(|word| word == "wait" || word == "await") && !DEPLOY.contains(&verb) && !WEAK.contains(&verb);
    if (first_waits || also_waits) && any(INSIDE) {
        return None;
    }
    if first_waits || (also_waits && !matches!(verb, "get" | "new" | "default" | "build" | "defer")) {
        // `util::wait_pod_ready`: what comes after the verb says what is waited for.
        let after = words.iter().position(|word| word == "wait" || word == "await").filter(|_| !first_waits);
        return Some((Kind::Wait, after.map_or(rest, |at| &words[at + 1..]), Source::Name));
    }
    if words.iter().any(|word| word.starts_with("migrat"))
        && !matches!(verb, "get" | "new" | "list" | "write" | "verify")
    {
        return Some((Kind::Migrate, rest, Source::Name));
    }
    let last = words.last().map_or("", String::as_str);
    if READY.contains(&last)
        && words.len() > 1
        && !any(INSIDE)
        && matches!(verb, "assert" | "check" | "verify" | "expect" | "ensure" | "require")
    {
        return Some((Kind::Wait, rest, Source::Name));
    }
    if verb == "build" && words.iter().any(|word| word == "load") && any(IMAGE) {
        return Some((Kind::BuildLoad, rest, Source::Name));
    }
    // `BuildContainerID` builds a name.
    let of_image = words.iter().any(|word| IMAGE.contains(&word.as_str()) && !word.starts_with("container"))
        || last.starts_with("container");
    if (verb == "build" || words.windows(2).any(|pair| pair[0] == "docker" && pair[1] == "build")) && of_image {
        return Some((Kind::Build, rest, Source::Name));
    }
    let loads = matches!(verb, "load" | "preload" | "sideload")
        || words.iter().any(|word| word == "load") && !matches!(verb, "get" | "new" | "list");
    if loads && !any(&["fake", "mock"]) && (any(IMAGE) || words.iter().any(|word| word == "kind")) {
        return Some((Kind::Load, rest, Source::Name));
    }
    if USE.contains(&verb) || words.iter().any(|word| word == "portforward") {
        return Some((Kind::Use, rest, Source::Name));
    }
    deploy(verb, rest, config)
}

/// `CreateRedisDeploymentAndWait`, `createAndWaitForPod`: what is made is waited for. The words of what that is.
fn made_and_awaited(words: &[String]) -> Option<&[String]> {
    let makes = matches!(words.first()?.as_str(), "create" | "apply" | "ensure");
    // A job is waited for because of its work.
    let is = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let workload = is(WORKLOADS) && !is(&["job", "jobs", "deletion", "deleted", "failure", "gone"]);
    let and = words.iter().position(|word| word == "and" || word == "then")?;
    let waits = words.get(and + 1).is_some_and(|word| word == "wait" || word == "await");
    let verbs = words.iter().skip(1).take_while(|word| matches!(word.as_str(), "or" | "update" | "patch")).count();
    (makes && workload && waits).then(|| &words[1 + verbs..=and])
}

/// What starts pods, as the noun of a name.
const WORKLOADS: &[&str] = &[
    "deployment",
    "deployments",
    "statefulset",
    "statefulsets",
    "daemonset",
    "daemonsets",
    "replicaset",
    "pod",
    "pods",
    "job",
    "jobs",
];

fn deploy<'w>(verb: &str, rest: &'w [String], config: &Config) -> Option<(Kind, &'w [String], Source)> {
    let strong = DEPLOY.contains(&verb);
    let weak = WEAK.contains(&verb);
    if !strong && !weak {
        return None;
    }
    let head = head_noun(rest);
    if IN_PROCESS.contains(&head)
        || head == "resources" && rest.iter().any(|word| word == "api")
        || weak && matches!(verb, "start" | "setup" | "launch" | "create") && head == "controller"
    {
        return None;
    }
    if matches!(head, "cluster" | "clusters") && !(strong && rest.iter().any(|word| config.is(word, Sort::Service))) {
        return Some((Kind::Cluster, rest, Source::Name));
    }
    // "ROCRDs" is one word where an abbreviation stands before it.
    if rest.iter().any(|word| word.ends_with("crd") || word.ends_with("crds") || word == "rbac")
        || config.is(head, Sort::Light)
    {
        return Some((Kind::Prepare, rest, Source::Name));
    }
    if rest.iter().any(|word| INERT.contains(&word.as_str())) && !strong {
        return None;
    }
    if verb == "create" || verb == "add" || verb == "configure" || verb == "enable" {
        if WORKLOADS.contains(&head) && verb == "create" {
            return Some((Kind::Create, rest, Source::Name));
        }
        let service = config.is(head, Sort::Service) && verb == "create";
        return service.then_some((Kind::Deploy, rest, Source::WeakName));
    }
    if verb == "kubectl" || verb == "helm" {
        let acts = rest.first().is_some_and(|word| matches!(word.as_str(), "apply" | "install" | "upgrade" | "create"));
        return acts.then(|| (Kind::Deploy, &rest[1..], Source::WeakName));
    }
    Some((Kind::Deploy, rest, if strong { Source::Name } else { Source::WeakName }))
}

/// The word that says what is made: the last one before "in namespace", "with ...", "for ...".
fn head_noun(rest: &[String]) -> &str {
    let end = rest
        .iter()
        .position(|word| {
            matches!(
                word.as_str(),
                "in" | "with" | "for" | "to" | "from" | "on" | "if" | "via" | "using" | "and" | "without"
            )
        })
        .unwrap_or(rest.len());
    rest[..end]
        .iter()
        .rev()
        .find(|word| !matches!(word.as_str(), "batched" | "parallel" | "async" | "once" | "only" | "all"))
        .map_or("", String::as_str)
}

fn meaning(call: &Call, kind: Kind, rest: &[String], source: Source, config: &Config) -> Meaning {
    let mut subject = Subject::of_words(rest, config);
    if subject.is_unknown() {
        subject = from_args(&call.args, config);
    }
    // `deployApplication` says of what, beside a `deployMonitoring`.
    if subject.is_unknown() && rest.iter().any(|word| matches!(word.as_str(), "app" | "apps" | "application")) {
        subject.words.push("application".to_owned());
    }
    Meaning { kind, subject, source, waits: false, label: label(call) }
}

/// A call as it is named in messages.
#[must_use]
pub fn label(call: &Call) -> String {
    if let Some(argv) = &call.argv {
        let mut text = argv.iter().map(|word| word.replace("${}", "…")).collect::<Vec<_>>().join(" ");
        if text.chars().count() > 48 {
            text = text.chars().take(47).collect::<String>() + "…";
        }
        return text.replace('\n', " ");
    }
    call.path.join(".")
}
