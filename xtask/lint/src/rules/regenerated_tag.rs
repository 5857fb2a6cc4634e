//! `regenerated-tag`: a tag from a clock or a random source, made more than once.

use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::ir::{Node, Value, walk};
use crate::reason::Scene;
use crate::source::{Language, Span};

pub(super) const RULE: Rule = Rule {
    id: "regenerated-tag",
    severity: Severity::Error,
    summary: "an image tag from a clock or a random source, computed more than once",
    check: Check::Function(check),
};

const HELP: &str =
    "compute the tag once, from what goes into the image, and hand it to whoever builds, loads and deploys";

fn check(scene: &Scene) -> Vec<Finding> {
    let mut made: Vec<(String, Span)> = Vec::new();
    walk(&scene.function.body, &mut |node| match node {
        Node::Assign(assign) if assign.targets.iter().any(|name| is_tag(name)) && changing(&assign.value) => {
            made.push((shape(&assign.value), assign.span));
        }
        Node::Call(call) => {
            if call.assigned.iter().any(|name| is_tag(name)) && generator(call.name()) {
                let given = call.args.iter().map(shape).collect::<Vec<_>>().join(",");
                made.push((format!("{}({given})", call.path.join(".")), call.span));
            }
            let text = scene.file.source.slice(call.span);
            if scene.file.source.language == Language::Shell && call.args.iter().any(changing) && image_command(text) {
                let word = call.args.iter().find(|arg| changing(arg));
                made.push((word.map(shape).unwrap_or_default(), call.span));
            }
        }
        _ => {}
    });
    let source = &scene.file.source;
    let mut findings = Vec::new();
    for (at, (shape, span)) in made.iter().enumerate() {
        let first = made[..at].iter().find(|(known, place)| known == shape && place != span);
        if let Some((_, place)) = first {
            let message =
                "this tag is made a second time, and comes out as another one: what is built is not what is deployed"
                    .to_owned();
            findings.push(
                Finding::new(RULE.id, RULE.severity, &source.path, source.first_line(*span), message, HELP.to_owned())
                    .with_related(source.first_line(*place), "made here first"),
            );
        }
    }
    findings
}

/// A value with everything that differs from run to run left as it is written.
fn shape(value: &Value) -> String {
    value.text.clone().unwrap_or_else(|| format!("{:?}{:?}", value.reads, value.calls))
}

fn is_tag(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains("tag") || lower.ends_with("image") || lower.ends_with("imagename")
}

/// Whether a value comes from a clock or a random source.
fn changing(value: &Value) -> bool {
    let by_call = value.calls.iter().any(|call| {
        matches!(
            call.as_str(),
            "Now"
                | "date"
                | "uuidgen"
                | "NewString"
                | "NewV4"
                | "openssl"
                | "Intn"
                | "Int63"
                | "now_v7"
                | "new_v4"
                | "Unix"
                | "UnixNano"
        )
    });
    by_call || value.reads.iter().any(|name| name == "RANDOM")
}

/// Helpers that are named for making a name anew.
fn generator(name: &str) -> bool {
    let lower = name.to_lowercase();
    (lower.starts_with("generate") || lower.starts_with("random") || lower.starts_with("unique"))
        && (lower.contains("tag") || lower.contains("image"))
}

fn image_command(text: &str) -> bool {
    ["docker", "podman", "kind load", "buildah", "kubectl set image"]
        .iter()
        .any(|command| text.trim_start().starts_with(command))
}
