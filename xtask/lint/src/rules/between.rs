//! What is done between two steps, or in a loop beside its step: calls that only tell, ask or name do nothing.
//! It must not word findings.

use crate::classify::command::argv;
use crate::classify::subject::split;
use crate::ir::{Block, Call, Function, Guard, Loop, Node, Turns, walk};
use crate::source::Span;

/// Calls that run in a place: what is deferred runs later, and what handles a failure runs last.
#[must_use]
pub fn calls(function: &Function, place: Span) -> Vec<&Call> {
    let mut found = Vec::new();
    let mut elsewhere = Vec::new();
    walk(&function.body, &mut |node| match node {
        Node::Call(call) if place.contains(call.span) => found.push(&**call),
        Node::Defer(body) => spans(body, &mut elsewhere),
        Node::Branch(arms) => {
            let failed = arms.iter().filter(|arm| arm.guard == Guard::Failure && leaves(&arm.body));
            failed.for_each(|arm| spans(&arm.body, &mut elsewhere));
        }
        _ => {}
    });
    found.retain(|call| !elsewhere.contains(&call.span));
    found
}

/// The places of all calls of a block.
fn spans(body: &Block, found: &mut Vec<Span>) {
    walk(body, &mut |node| {
        if let Node::Call(call) = node {
            found.push(call.span);
        }
    });
}

/// Whether a block ends its function.
fn leaves(body: &Block) -> bool {
    body.iter().any(|node| matches!(node, Node::Exit(_)))
}

/// Whether something in a place may change something, beside what is inside of the steps.
#[must_use]
pub fn acts(function: &Function, place: Span, steps: &[Span]) -> bool {
    // What a step is handed to, as in `run(kubectl.args(..))`, is part of it, and so is what runs a command that was built.
    let is_other = |call: &&Call| !steps.iter().any(|step| step.contains(call.span) || call.span.contains(*step));
    let commands = commands(function);
    let runs = |call: &&Call| {
        let of = |name: &String| commands.contains(&name.as_str());
        call.path.first().is_some_and(of) || call.args.iter().flat_map(|arg| &arg.reads).any(of)
    };
    calls(function, place).iter().filter(|call| is_other(call) && !runs(call)).any(|call| !is_harmless(call))
}

/// Variables that hold a command line.
fn commands(function: &Function) -> Vec<&str> {
    let mut names = Vec::new();
    walk(&function.body, &mut |node| {
        if let Node::Call(call) = node
            && call.argv.is_some()
            && let [name, ..] = call.assigned.as_slice()
        {
            names.push(name.as_str());
        }
    });
    names
}

/// The loop of a head.
#[must_use]
pub fn loop_of(function: &Function, head: Span) -> Option<&Loop> {
    let mut found = None;
    walk(&function.body, &mut |node| match node {
        Node::Loop(inner) if inner.head == head => found = Some(&**inner),
        _ => {}
    });
    found
}

/// Whether a loop goes through a table of cases, or through what one of them has: each round is a scenario of its own.
#[must_use]
pub fn is_table(around: &Loop) -> bool {
    let Turns::Each { over, .. } = &around.turns else { return false };
    over.reads.iter().any(|name| {
        let lower = name.to_lowercase();
        let root = lower.split('.').next().unwrap_or_default();
        lower.ends_with("cases")
            || lower.ends_with("tests")
            || matches!(root, "tt" | "tc" | "tcs" | "testcase" | "table" | "scenarios")
    })
}

/// Whether the loop of a head goes through a table of cases.
#[must_use]
pub fn is_table_of(function: &Function, head: Span) -> bool {
    loop_of(function, head).is_some_and(is_table)
}

/// Whether a call tells, asks, names or handles an error, by its name.
fn is_harmless(call: &Call) -> bool {
    let path = || call.path.iter().map(String::as_str);
    if path().any(|name| TELLERS.contains(&name)) {
        return true;
    }
    if argv(call).is_some_and(|argv| looks(&argv)) {
        return true;
    }
    let name = call.argv.as_ref().and_then(|argv| argv.first()).map_or_else(|| call.name(), String::as_str);
    // `shop::log` is a function of a script's module.
    let words = split(name.rsplit("::").next().unwrap_or(name));
    let (first, last) = (words.first().map_or("", String::as_str), words.last().map_or("", String::as_str));
    // A shell's `[` and `:` have no words; its `test` is a question, a function of such a name is not.
    words.is_empty() || name == "test" || VERBS.contains(&first) || NOUNS.contains(&last)
}

/// Whether a command line only looks at the cluster.
fn looks(argv: &[String]) -> bool {
    let verb = |word: &String| LOOKS.contains(&word.as_str());
    argv.first().is_some_and(|program| program == "kubectl")
        && argv.iter().find(|word| verb(word) || CHANGES.contains(&word.as_str())).is_some_and(verb)
}

const LOOKS: &[&str] = &["get", "describe", "logs", "version", "cluster-info", "top", "explain", "events"];
const CHANGES: &[&str] =
    &["apply", "create", "delete", "patch", "replace", "scale", "set", "exec", "run", "label", "wait"];

/// What tells, asserts and makes texts, wherever in a path it stands.
const TELLERS: &[&str] = &[
    "fmt",
    "log",
    "klog",
    "slog",
    "glog",
    "logger",
    "Logger",
    "logf",
    "By",
    "GinkgoWriter",
    "Expect",
    "Require",
    "require",
    "Assert",
    "assert",
    "errors",
    "strings",
    "strconv",
    "filepath",
    "context",
    "tracing",
    "anyhow",
];

/// First words of names of calls that change nothing.
const VERBS: &[&str] = &[
    "get", "list", "find", "is", "has", "len", "cap", "min", "max", "append", "make", "new", "string", "int", "int32",
    "int64", "float64", "bool", "format", "sprintf", "printf", "print", "println", "eprintln", "echo", "log", "logf",
    "info", "infof", "warn", "warning", "debug", "debugf", "error", "errorf", "wrap", "wrapf", "fatal", "fatalf",
    "fail", "failf", "failnow", "skip", "skipf", "helper", "panic", "die", "exit", "return", "true", "false", "local",
    "export", "date", "expect", "assert", "contains", "join", "to", "as", "from", "into", "iter", "clone", "unwrap",
    "ok", "err", "context", "with", "must", "done", "cancel", "since", "now", "sub", "seconds", "ptr", "pointer",
    "environ", "getenv", "succeed", "have", "be", "equal", "not", "insert", "push",
];

/// Last words of names of calls that only name something.
const NOUNS: &[&str] =
    &["name", "names", "key", "selector", "labels", "label", "timeout", "path", "url", "options", "id"];
