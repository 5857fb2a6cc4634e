//! `user-kubeconfig`: a program that changes a cluster, and takes whichever one the user's kubeconfig names.

use super::{Check, Rule};
use crate::classify::Kind;
use crate::finding::{Finding, Severity};
use crate::ir::{Call, Node, Role, walk};
use crate::reason::Scene;

pub(super) const RULE: Rule = Rule {
    id: "user-kubeconfig",
    severity: Severity::Warning,
    summary: "kubectl, helm or kind without an explicit kubeconfig",
    check: Check::Function(check),
};

fn check(scene: &Scene) -> Vec<Finding> {
    let mut open: Vec<&Call> = Vec::new();
    walk(&scene.function.body, &mut |node| {
        if let Node::Call(call) = node
            && changes(scene, call)
        {
            open.push(call);
        }
    });
    if open.is_empty() {
        return Vec::new(); // Most functions end here, before any text is searched.
    }
    // A file that speaks of kubeconfigs anywhere, or takes in another file that may, is not judged.
    let said = |text: &str| text.contains("KUBECONFIG") || text.contains("--context") || text.contains("use-context");
    let own = &scene.file.source.text;
    let sources = own.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("source ") || line.starts_with(". ")
    });
    // Without a cluster of its own the code is for whichever one the user means.
    let creates = [
        "kind create cluster",
        "\"kind\", \"create\", \"cluster\"",
        "k3d cluster create",
        "minikube start",
        "ctlptl create cluster",
    ];
    let makes_one = scene.package.files.iter().any(|file| creates.iter().any(|line| file.source.text.contains(line)));
    if scene.function.role == Role::TearDown
        || !makes_one
        || sources
        || scene.package.files.iter().any(|file| said(&file.source.text))
    {
        return Vec::new();
    }
    let Some((first, rest)) = open.split_first() else { return Vec::new() };
    let source = &scene.file.source;
    let program = first.argv.as_ref().and_then(|argv| argv.first()).map_or("this", String::as_str);
    let more = match rest.len() {
        0 => String::new(),
        count => format!(" (and {count} more in this function)"),
    };
    let message = format!("`{program}` changes whichever cluster the user's kubeconfig points to{more}");
    let help = "pass --kubeconfig with a file of its own, or set KUBECONFIG for the whole run".to_owned();
    vec![Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(first.span), message, help)]
}

/// Whether a call changes a cluster by a command line that is known to the end and names none.
fn changes(scene: &Scene, call: &Call) -> bool {
    let Some(argv) = call.argv.as_ref().filter(|_| !call.argv_open && call.env.is_empty()) else { return false };
    let program = argv.first().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
    let names_one = argv.iter().any(|word| {
        ["--kubeconfig", "--context", "--kube-context", "--server", "--dry-run", "${@}", "${*}"]
            .iter()
            .any(|flag| word.starts_with(flag))
    });
    if names_one || !matches!(program, "kubectl" | "helm" | "kind") {
        return false;
    }
    if program == "kind" {
        return argv.get(1).is_some_and(|word| word == "create") && argv.get(2).is_some_and(|word| word == "cluster");
    }
    scene
        .package
        .meaning(call)
        .is_some_and(|meaning| meaning.kind.deploys() || matches!(meaning.kind, Kind::Prepare | Kind::Remove))
}
