//! `fixed-temp-path`: a file in /tmp whose name every run shares.

use super::{Check, Rule};
use crate::classify::command::argv;
use crate::classify::subject::split;
use crate::finding::{Finding, Severity};
use crate::ir::{Call, Node, walk};
use crate::reason::Scene;
use crate::source::{Language, Span};

pub(super) const RULE: Rule = Rule {
    id: "fixed-temp-path",
    severity: Severity::Warning,
    summary: "a file in /tmp whose name every run shares",
    check: Check::Function(check),
};

/// Functions that write what their first argument names.
const WRITERS: &[&str] =
    &["WriteFile", "Create", "OpenFile", "Mkdir", "MkdirAll", "write", "create", "create_dir_all", "create_dir"];
/// Flags whose value is written.
const OUTPUTS: &[&str] = &["-o", "--output", "-O", "--kubeconfig", "--dest", "-out", "--image-list"];

fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let source = &scene.file.source;
    let mut seen: Vec<String> = Vec::new();
    walk(&scene.function.body, &mut |node| {
        let Node::Call(call) = node else { return };
        for (path, span) in written(call) {
            if !fixed(&path) || seen.contains(&path) || written_before(scene, &path, call.span) {
                continue;
            }
            let message =
                format!("`{path}` is one file for every run on this machine: two at a time destroy each other's");
            let help =
                "make a directory of its own for each run (`mktemp -d`, `os.MkdirTemp`, `t.TempDir`) and remove it"
                    .to_owned();
            let mut finding =
                Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(span), message, help);
            let own = scene.function.span;
            if let Some(named) = source.slice(own).find(&path).map(|at| own.start + at).filter(|at| *at < span.start) {
                let place = source.first_line(Span { start: named, end: named + path.len() });
                if source.line(named) != source.line(span.start) {
                    finding = finding.with_related(place, "the path is written here");
                }
            }
            findings.push(finding);
            seen.push(path);
        }
    });
    findings
}

/// Whether another function of a script writes the path further up: that is one finding, however many write it.
fn written_before(scene: &Scene, path: &str, here: Span) -> bool {
    let mut found = false;
    if scene.file.source.language != Language::Shell {
        return found;
    }
    for function in scene.file.unit.functions.iter().filter(|function| function.span != scene.function.span) {
        walk(&function.body, &mut |node| {
            if let Node::Call(call) = node {
                found |= call.span.end <= here.start && written(call).iter().any(|(known, _)| known == path);
            }
        });
    }
    found
}

/// The paths that a call writes, as far as they can be read.
fn written(call: &Call) -> Vec<(String, Span)> {
    let mut paths: Vec<(String, Span)> = call.redirects.clone();
    let module = call.path.len() > 1
        && matches!(call.path[call.path.len() - 2].as_str(), "os" | "ioutil" | "fs" | "File" | "fs_err");
    if module && WRITERS.contains(&call.name()) {
        paths.extend(call.args.first().and_then(|arg| arg.text.clone().map(|text| (text, arg.span))));
    }
    // A helper that is told a command line runs it: `run(ctx, "docker", "save", "--output", path)`.
    let elsewhere = |name: &String| {
        split(name).iter().any(|word| matches!(word.as_str(), "exec" | "pod" | "node" | "container" | "ssh" | "remote"))
    };
    let ours = call.argv.is_some() || !call.path.iter().any(elsewhere);
    if let Some(argv) = argv(call).filter(|_| ours) {
        for pair in argv.windows(2) {
            if OUTPUTS.contains(&pair[0].as_str())
                && !argv.iter().any(|word| matches!(word.as_str(), "exec" | "ssh" | "run" | "get"))
            {
                paths.push((pair[1].clone(), call.span));
            }
        }
        if argv.first().is_some_and(|program| program == "mkdir") {
            paths.extend(
                argv.iter().skip(1).filter(|word| !word.starts_with('-')).map(|word| (word.clone(), call.span)),
            );
        }
    }
    paths
}

/// Whether a path lies in /tmp and has nothing in it that differs from run to run.
fn fixed(path: &str) -> bool {
    path.starts_with("/tmp/") && path.len() > 5 && !path.contains(['$', '*', '{', '%']) && !path.contains("XXX")
}
