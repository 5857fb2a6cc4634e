//! `missing-edge` in definitions and manifests: a schema, a CRD, a namespace or a webhook, and who needs it.

use super::insert;
use super::missing_edge::RULE;
use crate::finding::{Finding, Place};
use crate::front::yaml::Yaml;
use crate::world::{Definition, Object, Part, World};

/// Findings of both sorts.
pub(super) fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, definition) in world.definitions.iter().enumerate() {
        for (at, part) in definition.parts.iter().enumerate() {
            for (other, provider) in definition.parts.iter().enumerate() {
                if other == at
                    || definition.waits(part.name, provider.name)
                    || definition.waits(provider.name, part.name)
                {
                    continue;
                }
                let need = world.of_part((index, at)).find_map(|object| {
                    world
                        .of_part((index, other))
                        .find_map(|provided| needs(object, provided).map(|what| (what, provided)))
                });
                if let Some((what, provided)) = need {
                    findings.push(missing(definition, part, provider.name, &what, provided));
                }
            }
        }
    }
    findings.extend(one_file(world));
    findings
}

/// Why an object needs what another provides.
fn needs(object: &Object, provided: &Object) -> Option<String> {
    match provided.kind {
        "Job" if migrates(provided) => {
            let consumes =
                matches!(object.kind, "Deployment" | "StatefulSet" | "DaemonSet") && shares_image(object, provided);
            consumes.then(|| format!("the schema that Job `{}` makes", provided.name()))
        }
        "CustomResourceDefinition" => {
            let kind = provided.document.text_at(&["spec", "names", "kind"])?;
            let group = provided.document.text_at(&["spec", "group"])?;
            let same = object.kind == kind
                && object.document.text_at(&["apiVersion"]).is_some_and(|version| version.starts_with(group));
            same.then(|| format!("the CRD of {kind}"))
        }
        "Namespace" => {
            let inside = object.document.text_at(&["metadata", "namespace"]) == Some(provided.name());
            inside.then(|| format!("namespace `{}`", provided.name()))
        }
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            let plural = format!("{}s", object.kind.to_lowercase());
            let rules =
                provided.document.items_at(&["webhooks"]).iter().flat_map(|webhook| webhook.items_at(&["rules"]));
            let admits = rules
                .flat_map(|rule| rule.items_at(&["resources"]))
                .any(|resource| resource.text() == Some(plural.as_str()));
            admits.then(|| format!("the webhook `{}` that admits {plural}", provided.name()))
        }
        _ => None,
    }
}

fn migrates(object: &Object) -> bool {
    let speaks = |text: &str| {
        let lower = text.to_lowercase();
        lower.contains("migrat") || lower.contains("schema")
    };
    let container = |container: &Yaml| {
        let words = container.items_at(&["args"]).iter().chain(container.items_at(&["command"]));
        words.filter_map(Yaml::text).any(speaks) || container.text_at(&["name"]).is_some_and(speaks)
    };
    speaks(object.name()) || object.containers().iter().any(container)
}

fn shares_image(one: &Object, other: &Object) -> bool {
    let images = |object: &Object| {
        object
            .containers()
            .iter()
            .filter_map(|container| container.text_at(&["image"]).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let theirs = images(other);
    images(one).iter().any(|image| theirs.contains(image))
}

fn missing(definition: &Definition, part: &Part, other: &str, what: &str, provided: &Object) -> Finding {
    let file = definition.file.source.path.as_str();
    let name = part.node.get("name").map_or(part.node.span, |name| name.span);
    let message =
        format!("part `{}` needs {what}, but does not wait for part `{other}`: it may be applied first", part.name);
    let help = format!("add `after: [{other}]`");
    let place = Place { file: provided.file.source.path.clone(), span: provided.head() };
    let source = &definition.file.source;
    let edit = match part.node.get("after") {
        Some(after) => insert::item(source, after, other),
        None => insert::entry_behind(source, part.node, "name", &format!("after: [{other}]")),
    };
    Finding::new(RULE.id, RULE.severity, file, name, message, help)
        .with_elsewhere(place, "provided here")
        .with_fix(edit.into_iter().collect())
}

/// A CRD and its resource in one file are one apply: the second is refused until the first is established.
fn one_file(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in &world.objects {
        let provided = world.objects.iter().find(|other| {
            std::ptr::eq(other.file, object.file)
                && other.kind == "CustomResourceDefinition"
                && needs(object, other).is_some()
        });
        if let Some(provided) = provided {
            let message = format!(
                "this {} is applied together with its CRD: the API refuses it until the CRD is established",
                object.kind
            );
            let help = "apply the CRD first and wait until it is established, then the resource".to_owned();
            findings.push(
                Finding::new(RULE.id, RULE.severity, &object.file.source.path, object.head(), message, help)
                    .with_related(provided.head(), "the CRD"),
            );
        }
    }
    findings
}
