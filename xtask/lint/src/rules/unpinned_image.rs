//! `unpinned-image`: an image whose content may be another one tomorrow.

use super::{Check, Rule};
use crate::finding::{Finding, Severity};
use crate::front::containerfile::instructions;
use crate::package::Parsed;
use crate::source::Span;
use crate::world::{World, directory};

pub(super) const RULE: Rule = Rule {
    id: "unpinned-image",
    severity: Severity::Warning,
    summary: "an image without a tag or digest, or with the tag latest",
    check: Check::Both(super::unpinned_image_code::check, check),
};

fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in world.objects.iter().filter(|object| !object.is_answer()) {
        for container in object.all_containers() {
            let Some(image) = container.get("image") else { continue };
            let text = image.text().unwrap_or_default();
            let name = text.split([':', '@']).next().unwrap_or(text);
            let here = directory(&object.file.source.path);
            let replaced =
                world.replaced.iter().any(|(place, known)| *known == name && place.starts_with(directory(here)));
            if unpinned(text) && !world.is_ours(text) && !is_local(text) && !replaced {
                findings.push(finding(&object.file.source.path, image.span, text));
            }
        }
    }
    for file in &world.containerfiles {
        findings.extend(containerfile(file));
    }
    findings
}

fn containerfile(file: &Parsed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut stages: Vec<String> = Vec::new();
    for words in instructions(&file.source.text) {
        let mut words = words.into_iter();
        if !words.next().is_some_and(|(word, _)| word.eq_ignore_ascii_case("from")) {
            continue;
        }
        let rest: Vec<_> = words.filter(|(word, _)| !word.starts_with("--")).collect();
        // Names of stages are the same in any case.
        if let Some((image, span)) = rest.first().copied()
            && unpinned(image)
            && image != "scratch"
            && !stages.contains(&image.to_lowercase())
        {
            findings.push(finding(&file.source.path, span, image));
        }
        if let [_, (word, _), (name, _), ..] = rest.as_slice()
            && word.eq_ignore_ascii_case("as")
        {
            stages.push(name.to_lowercase());
        }
    }
    findings
}

pub(super) fn finding(file: &str, span: Span, image: &str) -> Finding {
    let message = format!("`{image}` may be another image tomorrow, and another one on the next machine");
    let help = "name a version or a digest".to_owned();
    Finding::new(RULE.id, RULE.severity, file, span, message, help)
}

/// Whether a reference says neither version nor digest. Placeholders are not references.
pub(super) fn unpinned(image: &str) -> bool {
    let placeholder = image.is_empty()
        || image.contains(['$', '{', '<', '('])
        || image.chars().any(char::is_uppercase)
        || image.contains("://");
    let name = image.rsplit('/').next().unwrap_or(image);
    let tag = name.split_once(':').map(|(_, tag)| tag);
    !placeholder
        && !image.contains('@')
        && matches!(tag, None | Some("latest"))
        && !matches!(name, "controller" | "controller:latest" | "auto")
}

/// Images that are built on this machine are not pulled.
pub(super) fn is_local(image: &str) -> bool {
    ["localhost/", "kind.local/", "ko.local/", "dev.local/"].iter().any(|start| image.starts_with(start))
}
