//! What a command line does: kubectl, helm, kind, docker and their like.

use super::subject::split;
use super::{Kind, Meaning, Source, Subject, name};
use crate::config::Config;
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

/// A command line without its global flags.
struct Line<'a> {
    words: Vec<&'a str>,
    flags: Vec<(&'a str, &'a str)>,
    stdin: Option<&'a str>,
}

/// The command line that a call runs, when it runs one.
#[must_use]
pub fn argv(call: &Call) -> Option<Vec<String>> {
    if let Some(argv) = &call.argv {
        return Some(shell_word(argv).unwrap_or_else(|| argv.clone()));
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
        "kubectl" | "oc" | "k" | "kubecolor" | "microk8s.kubectl" | "${KUBECTL}" | "${kubectl}" => {
            kubectl(&line, config)?
        }
        "helm" | "${HELM}" | "helm3" => helm(&line, config)?,
        "kind" | "${KIND}" | "k3d" | "minikube" | "kwokctl" | "ctlptl" => cluster(&line, config)?,
        "docker"
        | "podman"
        | "buildah"
        | "nerdctl"
        | "${CONTAINER_TOOL}"
        | "${DOCKER}"
        | "${CONTAINER_ENGINE}"
        | "${CONTAINER_RUNTIME}"
        | "${container_tool}" => engine(&line, config)?,
        "docker-compose" | "podman-compose" => compose(&line)?,
        "sleep" => (Kind::Sleep, Subject::default(), false),
        "make" => make(&line, config)?,
        "ctr" if line.words.contains(&"import") => (Kind::Load, Subject::default(), false),
        "skaffold" | "tilt" | "helmfile" | "ko" | "istioctl" | "linkerd" | "cilium" | "clusterctl" | "flux"
        | "velero" | "${ISTIOCTL}" | "kapp" => installer(&program, &line, config)?,
        "go" if line.words.first() == Some(&"test") => (Kind::Use, Subject::default(), false),
        "ginkgo" | "pytest" | "bats" | "chainsaw" | "newman" | "k6" | "psql" | "mysql" | "redis-cli" | "mongosh"
        | "grpcurl" | "pg_isready" => (Kind::Use, Subject::default(), false),
        "curl" | "wget" | "nc"
            if line.all().any(|word| ["localhost", "127.0.0.1", ".svc"].iter().any(|host| word.contains(host))) =>
        {
            (Kind::Use, Subject::default(), false)
        }
        _ => script(&program, &line, call, config)?,
    };
    let source = if matches!(program.as_str(), "make") { Source::Name } else { Source::Direct };
    Some(Meaning { kind, subject, source, waits, label: label(call, &argv) })
}

fn label(call: &Call, argv: &[String]) -> String {
    if call.argv.is_some() {
        return name::label(call);
    }
    name::label(&Call { argv: Some(argv.to_vec()), ..Call::default() })
}

impl<'a> Line<'a> {
    fn new(argv: &'a [String], stdin: Option<&'a str>) -> Self {
        let mut line = Line { words: Vec::new(), flags: Vec::new(), stdin };
        let mut rest = argv.iter().skip(1).map(String::as_str).peekable();
        while let Some(word) = rest.next() {
            if let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) {
                if let Some((name, value)) = flag.split_once('=') {
                    line.flags.push((name, value));
                } else {
                    let takes = !is_switch(flag) && rest.peek().is_some_and(|next| !next.starts_with('-'));
                    let value = if takes { rest.next().unwrap_or_default() } else { "" };
                    line.flags.push((flag, value));
                }
            } else if word.len() > 1 && word.starts_with('-') && !word.starts_with("--") {
                let flag = &word[1..];
                let takes = matches!(
                    flag,
                    "f" | "n" | "k" | "l" | "t" | "o" | "C" | "i" | "c" | "p" | "e" | "v" | "H" | "d" | "u"
                ) && !(flag == "d" || flag == "i")
                    && rest.peek().is_some_and(|next| !next.starts_with('-') || *next == "-");
                let value = if takes { rest.next().unwrap_or_default() } else { "" };
                line.flags.push((flag, value));
            } else {
                line.words.push(word);
            }
        }
        line
    }

    fn word(&self, index: usize) -> &'a str {
        self.words.get(index).copied().unwrap_or_default()
    }

    fn values(&self, names: &[&str]) -> Vec<&'a str> {
        self.flags.iter().filter(|(flag, _)| names.contains(flag)).map(|(_, value)| *value).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, value)| *flag == name && *value != "false")
    }

    fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.words.iter().copied().chain(self.flags.iter().map(|(_, value)| *value))
    }
}

/// Long flags without a value that are often followed by a word.
fn is_switch(flag: &str) -> bool {
    matches!(
        flag,
        "wait"
            | "install"
            | "create-namespace"
            | "atomic"
            | "server-side"
            | "force"
            | "force-conflicts"
            | "recursive"
            | "all"
            | "all-namespaces"
            | "debug"
            | "devel"
            | "reuse-values"
            | "reset-values"
            | "dependency-update"
            | "skip-crds"
            | "no-cache"
            | "pull"
            | "push"
            | "load"
            | "rm"
            | "detach"
            | "quiet"
            | "overwrite"
            | "insecure"
            | "prune"
            | "retain"
            | "privileged"
            | "disable-openapi-validation"
            | "replace"
    )
}

fn kubectl(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    if line.has("dry-run") || line.values(&["dry-run"]).iter().any(|value| !value.is_empty()) {
        return None;
    }
    let verb = line.words.iter().position(|word| KUBECTL_VERBS.contains(word))?;
    let next = line.word(verb + 1);
    match line.words[verb] {
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
fn manifest(text: &str) -> (Vec<String>, Vec<String>) {
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

fn helm(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let verb = line.words.iter().position(|word| {
        matches!(
            *word,
            "install"
                | "upgrade"
                | "uninstall"
                | "delete"
                | "test"
                | "repo"
                | "template"
                | "dependency"
                | "package"
                | "pull"
                | "lint"
                | "list"
                | "plugin"
                | "registry"
        )
    })?;
    let waits = line.has("wait") || line.has("atomic");
    match line.words[verb] {
        "install" | "upgrade" => {
            let named: Vec<_> = line.words.iter().skip(verb + 1).collect();
            let mut subject = named
                .iter()
                .find(|word| !word.starts_with("${") && !word.contains('/'))
                .map(|word| Subject::of_words(&split(word), config))
                .unwrap_or_default();
            for word in named {
                if subject.is_unknown() {
                    subject = Subject::of_path(word, config);
                }
            }
            Some((Kind::Deploy, subject, waits))
        }
        "uninstall" | "delete" => Some((Kind::Remove, Subject::default(), false)),
        "test" => Some((Kind::Use, Subject::default(), false)),
        _ => None,
    }
}

fn cluster(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    match (line.word(0), line.word(1)) {
        ("create", "cluster") | ("cluster", "create") | ("start", _) => {
            Some((Kind::Cluster, Subject::default(), false))
        }
        ("load", "docker-image" | "image-archive") | ("image", "import" | "load") | ("cache", "add") => {
            let words: Vec<String> = line.words.iter().skip(2).flat_map(|image| image_words(image)).collect();
            Some((Kind::Load, Subject::of_words(&words, config), false))
        }
        ("delete" | "stop", _) | (_, "delete") => Some((Kind::Remove, Subject::default(), false)),
        _ => None,
    }
}

fn image_words(image: &str) -> Vec<String> {
    let name = image.rsplit('/').next().unwrap_or(image);
    split(name.split([':', '@']).next().unwrap_or(name))
}

fn engine(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    match (line.word(0), line.word(1)) {
        ("build" | "bud", _) | ("buildx" | "image", "build") => {
            let mut words: Vec<String> = line.values(&["t", "tag"]).iter().flat_map(|tag| image_words(tag)).collect();
            let mut subject = Subject::of_words(&words, config);
            if subject.is_unknown() {
                words = line
                    .values(&["f", "file"])
                    .iter()
                    .flat_map(|file| split(file))
                    .filter(|word| word != "dockerfile")
                    .collect();
                words.extend(line.words.iter().skip(1).flat_map(|word| split(word)));
                subject = Subject::of_words(&words, config);
            }
            Some((Kind::Build, subject, false))
        }
        ("compose", _) => compose(&Line { words: line.words[1..].to_vec(), flags: Vec::new(), stdin: None }),
        ("run", image)
            if line.has("d")
                || line.has("detach")
                || line.flags.iter().any(|(flag, _)| matches!(*flag, "dit" | "itd" | "td" | "dt")) =>
        {
            let name = line.values(&["name"]).first().map_or_else(|| image_words(image), |name| split(name));
            Some((Kind::Deploy, Subject::of_words(&name, config), false))
        }
        ("exec", _) => Some((Kind::Use, Subject::default(), false)),
        ("rm" | "rmi" | "stop" | "kill", _) => Some((Kind::Remove, Subject::default(), false)),
        _ => None,
    }
}

fn compose(line: &Line) -> Option<(Kind, Subject, bool)> {
    match *line.words.iter().find(|word| matches!(**word, "up" | "build" | "down" | "exec"))? {
        "up" => Some((Kind::Deploy, Subject { words: vec!["compose".to_owned()] }, false)),
        "build" => Some((Kind::Build, Subject::default(), false)),
        "down" => Some((Kind::Remove, Subject::default(), false)),
        _ => Some((Kind::Use, Subject::default(), false)),
    }
}

fn installer(program: &str, line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let first = line.word(0);
    match first {
        "install" | "init" | "run" | "deploy" | "apply" | "sync" | "up" | "ci" => {
            let mut words = split(program);
            words.extend(line.values(&["f", "filename"]).iter().flat_map(|file| Subject::of_path(file, config).words));
            Some((Kind::Deploy, Subject::of_words(&words, config), true))
        }
        "build" | "publish" => Some((Kind::Build, Subject::of_words(&split(line.word(1)), config), false)),
        "check" | "status" => Some((Kind::Wait, Subject::of_words(&split(program), config), false)),
        "uninstall" | "delete" => Some((Kind::Remove, Subject::default(), false)),
        _ => None,
    }
}

fn make(line: &Line, config: &Config) -> Option<(Kind, Subject, bool)> {
    let target = line.words.iter().find(|word| !word.contains('='))?;
    let words = split(target);
    if words == ["install"] {
        return Some((Kind::Prepare, Subject::default(), false));
    }
    if words.first().is_some_and(|word| word == "docker") && words.iter().any(|word| word == "build") {
        return Some((Kind::Build, Subject::of_words(&words[2.min(words.len())..], config), false));
    }
    let (kind, rest, source) = name::of_words(&words, config)?;
    if source == Source::WeakName && !matches!(kind, Kind::Prepare) {
        return None;
    }
    Some((kind, Subject::of_words(rest, config), true))
}

/// A script or a shell function, by its name.
fn script(program: &str, line: &Line, call: &Call, config: &Config) -> Option<(Kind, Subject, bool)> {
    let path = match program {
        "bash" | "sh" | "source" | "." => line.words.first().copied()?,
        _ if std::path::Path::new(program).extension().is_some_and(|extension| extension == "sh") => program,
        _ => {
            let meaning = name::of_call(call_by(program, call).as_ref()?, config)?;
            return Some((meaning.kind, meaning.subject, meaning.waits));
        }
    };
    let stem = path.rsplit('/').next()?.trim_end_matches(".sh");
    let words = split(stem);
    let (kind, rest, source) = name::of_words(&words, config)?;
    let subject = Subject::of_words(rest, config);
    (source != Source::WeakName || !subject.is_unknown()).then_some((kind, subject, true))
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
