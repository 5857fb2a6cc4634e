//! What a command line does: kubectl, helm, kind, docker and their like.

mod kubectl;
mod line;
mod shape;
mod tools;

use self::kubectl::kubectl;
pub use self::kubectl::{WORKLOADS, manifest};
use self::line::Line;
use self::tools::{cluster, compose, engine, helm, installer, make};
use super::subject::split;
use super::{Kind, Meaning, Source, Subject, name};
use crate::config::{Config, Sort};
use crate::ir::Call;

/// Programs whose command lines are understood; a call with such a word among its arguments runs it.
const TOOLS: &[&str] = &[
    "kubectl",
    "oc",
    "helm",
    "kind",
    "docker",
    "podman",
    "kustomize",
    "k3d",
    "minikube",
    "skaffold",
    "make",
    "ko",
    "buildah",
    "nerdctl",
    "istioctl",
    "linkerd",
    "cilium",
    "clusterctl",
    "flux",
    "velero",
    "kwokctl",
    "docker-compose",
    "tilt",
    "helmfile",
];

/// The command line that a call runs, when it runs one.
#[must_use]
pub fn argv(call: &Call) -> Option<Vec<String>> {
    if let Some(argv) = &call.argv {
        return Some(shell_word(argv).or_else(|| shape::plain(argv)).unwrap_or_else(|| argv.clone()));
    }
    let last = call.name().to_lowercase();
    let speaks = [
        "printf",
        "println",
        "print",
        "sprintf",
        "errorf",
        "log",
        "logf",
        "info",
        "infof",
        "by",
        "it",
        "describe",
        "error",
        "fatalf",
        "warn",
        "debug",
        "contains",
        "skip",
        "step",
        "wrapf",
        "wrap",
        "new",
        "lookpath",
        "hasprefix",
        "fprintf",
        "fprintln",
    ];
    if speaks.contains(&last.as_str()) {
        return None;
    }
    let words = call.args.iter().filter(|arg| arg.closure.is_none());
    let mut all: Vec<String> = Vec::new();
    for arg in words {
        if arg.items.is_empty() {
            all.push(arg.text.clone().unwrap_or_else(|| "${}".to_owned()));
        } else {
            all.extend(arg.items.iter().map(|item| item.text.clone().unwrap_or_else(|| "${}".to_owned())));
        }
    }
    if let Some(at) = all.iter().take(4).position(|word| TOOLS.contains(&word.as_str())) {
        return Some(all.split_off(at));
    }
    if let Some(line) = all
        .iter()
        .find(|word| TOOLS.iter().any(|tool| word.strip_prefix(tool).is_some_and(|rest| rest.starts_with(' '))))
    {
        return Some(line.split_whitespace().map(str::to_owned).collect());
    }
    if let Some(argv) = shape::told(call.name(), &all) {
        return Some(argv);
    }
    let tool = TOOLS.iter().find(|tool| {
        last.contains(**tool) && **tool != "kind" && **tool != "make" && **tool != "ko" && **tool != "oc"
    })?;
    let at = all.iter().position(|word| {
        matches!(
            word.as_str(),
            "apply"
                | "create"
                | "delete"
                | "wait"
                | "rollout"
                | "install"
                | "upgrade"
                | "run"
                | "build"
                | "get"
                | "exec"
                | "patch"
                | "label"
                | "logs"
                | "replace"
                | "scale"
        )
    })?;
    let mut argv = vec![(*tool).to_owned()];
    argv.extend(all.split_off(at));
    Some(argv)
}

/// `bash -c "kubectl apply ..."`: the words of the last simple command in it.
fn shell_word(argv: &[String]) -> Option<Vec<String>> {
    let shell = argv.first().map(|word| word.rsplit('/').next().unwrap_or(word))?;
    if !matches!(shell, "sh" | "bash") || !argv.get(1).is_some_and(|flag| flag.starts_with('-') && flag.ends_with('c'))
    {
        return None;
    }
    let script = argv.get(2)?;
    let parts = script.split(['|', ';', '\n']).flat_map(|part| part.split("&&"));
    let line = parts.filter(|part| TOOLS.iter().any(|tool| part.trim().starts_with(tool))).last()?;
    Some(line.split_whitespace().map(str::to_owned).collect())
}

/// What the command line of a call does.
#[must_use]
pub fn of_call(call: &Call, config: &Config) -> Option<Meaning> {
    let argv = argv(call)?;
    let program = argv.first()?.rsplit('/').next()?.to_owned();
    let line = Line::new(&argv, call.stdin.as_deref());
    let (kind, subject, waits) = match program.as_str() {
        "kubectl" | "oc" | "k" | "kubecolor" | "microk8s.kubectl" => kubectl(&line, config)?,
        "helm" | "helm3" => helm(&line, config)?,
        "kind" | "k3d" | "minikube" | "kwokctl" | "ctlptl" => cluster(&line, config)?,
        "docker"
        | "podman"
        | "buildah"
        | "nerdctl"
        | "${CONTAINER_TOOL}"
        | "${CONTAINER_ENGINE}"
        | "${CONTAINER_RUNTIME}"
        | "${container_tool}" => engine(&line, config)?,
        "docker-compose" | "podman-compose" => compose(&line)?,
        "sleep" => (Kind::Sleep, Subject::default(), false),
        "make" => make(&line, config)?,
        "ctr" if line.words.contains(&"import") => (Kind::Load, Subject::default(), false),
        "skaffold" | "tilt" | "helmfile" | "ko" | "istioctl" | "linkerd" | "cilium" | "clusterctl" | "flux"
        | "velero" | "kapp" => installer(&program, &line, config)?,
        "go" if line.words.first() == Some(&"test") => (Kind::Use, Subject::default(), false),
        "ginkgo" | "pytest" | "bats" | "chainsaw" | "newman" | "k6" | "psql" | "mysql" | "redis-cli" | "mongosh"
        | "grpcurl" | "pg_isready" => (Kind::Use, Subject::default(), false),
        "curl" | "wget" | "nc"
            if line.all().any(|word| ["localhost", "127.0.0.1", ".svc"].iter().any(|host| word.contains(host))) =>
        {
            (Kind::Use, Subject::default(), false)
        }
        // Whatever the variable holds: nothing else takes a tag for what it builds.
        _ if program.starts_with("${") && line.word(0) == "build" && (line.has("t") || line.has("tag")) => {
            engine(&line, config)?
        }
        _ => script(&argv[0], &line, call, config)?,
    };
    // What a script's own function does is said by its body, where that is known.
    let by_name = program == "make"
        || call.argv.is_some() && call_by(&program, call).is_some() && !TOOLS.contains(&program.as_str());
    let source = if by_name { Source::Name } else { Source::Direct };
    Some(Meaning { kind, subject, source, waits, label: label(call, &argv) })
}

/// What a declared program is told to do something about: its last word, or else its last value.
#[must_use]
pub fn last_word(argv: &[String], config: &Config) -> Subject {
    let line = Line::new(argv, None);
    let subject = |word: &&str| {
        let subject = if word.contains(['/', '.']) {
            Subject::of_path(word, config)
        } else {
            Subject::of_words(&split(word), config)
        };
        (!subject.is_unknown()).then_some(subject)
    };
    let (verb, words) = line.words.split_first().map_or((None, &[][..]), |(verb, words)| (Some(verb), words));
    let values = line.flags.iter().rev().map(|(_, value)| value);
    words.iter().rev().chain(values).chain(verb).find_map(subject).unwrap_or_default()
}

fn label(call: &Call, argv: &[String]) -> String {
    if call.argv.is_some() {
        return name::label(call);
    }
    name::label(&Call { argv: Some(argv.to_vec()), ..Call::default() })
}

/// Directories that hold scripts for everything.
const SHARED: &[&str] =
    &[".", "..", "bin", "build", "ci", "deploy", "dev", "e2e", "hack", "scripts", "script", "test", "tests", "tools"];

/// A script or a shell function, by its name.
fn script(run: &str, line: &Line, call: &Call, config: &Config) -> Option<(Kind, Subject, bool)> {
    let program = run.rsplit('/').next()?;
    let path = match program {
        "bash" | "sh" | "source" | "." => line.words.first().copied()?,
        _ if std::path::Path::new(program).extension().is_some_and(|extension| extension == "sh") => run,
        _ => {
            let by_name = call_by(program, call)?;
            if let Some(meaning) = name::of_call(&by_name, config) {
                return Some((meaning.kind, meaning.subject, meaning.waits));
            }
            return ensured(program, config);
        }
    };
    let stem = path.rsplit('/').next()?.trim_end_matches(".sh");
    let words = split(stem);
    let (kind, rest, source) = name::of_words(&words, config)?;
    let mut subject = Subject::of_words(rest, config);
    if subject.is_unknown() {
        // `addons/redis/install.sh`
        let dir = path.rsplit('/').nth(1).filter(|dir| !SHARED.contains(dir)).unwrap_or_default();
        subject = Subject::of_words(&split(dir), config);
    }
    (source != Source::WeakName || !subject.is_unknown()).then_some((kind, subject, true))
}

/// `ensure_cert_manager`: a script puts there what it names, and waits for it.
fn ensured(program: &str, config: &Config) -> Option<(Kind, Subject, bool)> {
    let words = split(program);
    let subject = Subject::of_words(words.strip_prefix(&["ensure".to_owned()])?, config);
    let known = |word: &String| config.is(word, Sort::Service) || config.is(word, Sort::Foundation);
    subject.words.last().is_some_and(known).then_some((Kind::Deploy, subject, true))
}

/// A shell function as a call by name.
fn call_by(program: &str, call: &Call) -> Option<Call> {
    let word = program.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | ':' | '.'));
    let known = matches!(
        program,
        "install" | "start" | "apply" | "stop" | "systemctl" | "service" | "apt-get" | "rm" | "load" | "up"
    );
    (word && !known && call.path.len() == 1).then(|| Call {
        path: vec![program.to_owned()],
        args: call.args.clone(),
        ..Call::default()
    })
}
