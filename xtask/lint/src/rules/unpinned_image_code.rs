//! `unpinned-image` in code: images in manifests that a program or a script holds as text, in what it runs, and in
//! constants that are called an image.

use super::unpinned_image::{finding, is_local, unpinned};
use crate::classify::command;
use crate::classify::subject::split;
use crate::finding::Finding;
use crate::ir::{Call, Node, Value, walk};
use crate::reason::Scene;
use crate::source::Span;

/// The images that a function names without a version.
pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let source = &scene.file.source;
    if scene.is_case() {
        return Vec::new(); // What a test only reads is never pulled.
    }
    let mut named: Vec<String> = Vec::new();
    walk(&scene.function.body, &mut |node| match node {
        Node::Call(call) => {
            named.extend(call.stdin.iter().flat_map(|text| manifest(text)));
            call.args.iter().for_each(|value| texts(value, &mut named));
            named.extend(run(call));
        }
        Node::Assign(assign) => texts(&assign.value, &mut named),
        _ => {}
    });
    if scene.file.unit.functions.first().is_some_and(|first| first.span == scene.function.span) {
        let images =
            scene.file.unit.constants.iter().filter(|(name, _)| split(name).iter().any(|word| word == "image"));
        // A constant may well be the first half of a reference.
        named.extend(images.map(|(_, text)| text.clone()).filter(|text| text.ends_with(":latest")));
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for image in named {
        // Without a registry's or an owner's name, it may well be built here.
        if findings.len() == MOST
            || image.contains(char::is_whitespace)
            || !image.contains('/')
            || !unpinned(&image)
            || is_local(&image)
            || seen.contains(&image)
        {
            continue;
        }
        if let Some(place) = place(&source.text, &image) {
            findings.push(finding(&source.path, place, &image));
        }
        seen.push(image);
    }
    findings
}

/// More images of one function are no more news.
const MOST: usize = 40;

/// The images of a value's texts.
fn texts(value: &Value, named: &mut Vec<String>) {
    named.extend(value.text.iter().flat_map(|text| manifest(text)));
    value.items.iter().for_each(|item| texts(item, named));
}

/// The images of a manifest that may be pulled.
fn manifest(text: &str) -> Vec<String> {
    if !text.contains("kind:") || !text.contains('\n') || text.contains("imagePullPolicy: Never") {
        return Vec::new();
    }
    let image = |line: &str| {
        let value = line.trim().trim_start_matches("- ").strip_prefix("image:")?;
        let value = value.split(" #").next().unwrap_or(value);
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    };
    // A custom resource may have the version in a field of its own.
    let (kinds, _) = command::manifest(text);
    let is_workload = kinds.iter().any(|kind| command::WORKLOADS.contains(&kind.as_str()));
    text.lines().filter_map(image).filter(|image| is_workload || image.ends_with(":latest")).collect()
}

/// The image of `kubectl run --image=x`, unless it is never pulled.
fn run(call: &Call) -> Option<String> {
    let argv = command::argv(call)
        .filter(|argv| argv.first().is_some_and(|program| program == "kubectl" || program == "oc"))?;
    let never = argv.iter().any(|word| word == "--image-pull-policy=Never");
    let at = argv.iter().position(|word| word == "--image" || word.starts_with("--image="))?;
    let value = argv[at].strip_prefix("--image=").map(str::to_owned).or_else(|| argv.get(at + 1).cloned());
    value.filter(|value| !never && !value.starts_with('-'))
}

/// Where an image is named, unless a line that names it builds, loads or pushes it.
fn place(text: &str, image: &str) -> Option<Span> {
    let mut found = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = ["//", "#", "*"].iter().any(|mark| line.trim_start().starts_with(mark));
        let ends = |at: usize| {
            let next = line[at + image.len()..].chars().next();
            next.is_none_or(|next| !next.is_alphanumeric() && !matches!(next, '-' | '_' | '/' | '.' | ':' | '@'))
        };
        if let Some(at) = line.find(image).filter(|at| !is_comment && ends(*at)) {
            let words = split(line);
            if words.iter().any(|word| matches!(word.as_str(), "build" | "load" | "push" | "tag" | "import" | "save")) {
                return None;
            }
            let span = Span { start: start + at, end: start + at + image.len() };
            found = found.or(Some(span));
        }
        start += line.len();
    }
    found
}
