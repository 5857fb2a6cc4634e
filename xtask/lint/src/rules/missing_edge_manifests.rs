//! `missing-edge` in definitions and manifests: a schema, a CRD, a namespace or a webhook, and who needs it.

use super::insert;
use super::missing_edge::RULE;
use crate::finding::{Finding, Place};
use crate::front::yaml::Yaml;
use crate::world::{At, Object, World};

/// Findings of both sorts.
pub(super) fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    let parts: Vec<At> = (0..world.definitions.len())
        .flat_map(|index| (0..world.definitions[index].parts.len()).map(move |at| (index, at)))
        .collect();
    // Most objects provide nothing; those that do are looked at from every part.
    let mut provided: Vec<(At, &Object)> = world
        .objects
        .iter()
        .filter(|object| provides(object))
        .filter_map(|object| Some((object.owner?, object)))
        .collect();
    provided.sort_by_key(|(at, _)| *at);
    for part in parts {
        let mut told = Vec::new();
        for (other, provided) in &provided {
            if *other == part || told.contains(other) || world.waits(part, *other) {
                continue;
            }
            let Some(what) = world.of_part(part).find_map(|object| missed(world, object, part, provided, *other))
            else {
                continue;
            };
            told.push(*other);
            findings.push(missing(world, part, *other, &what, provided));
        }
    }
    findings.extend(one_file(world));
    findings
}

fn provides(object: &Object) -> bool {
    is_webhook(object) || matches!(object.kind, "Job" | "CustomResourceDefinition" | "Namespace")
}

fn is_webhook(object: &Object) -> bool {
    matches!(object.kind, "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration")
}

/// What an object of one part needs of another part, where no order is given otherwise.
fn missed(world: &World, object: &Object, part: At, provided: &Object, other: At) -> Option<String> {
    let elsewhere = part.0 != other.0;
    match provided.kind {
        // An image belongs to one definition.
        "Job" if elsewhere => return None,
        // What is set up together has its custom resource definitions first.
        "CustomResourceDefinition" if elsewhere && world.is_with(part.0, other.0) => return None,
        // A webhook's configuration may come after what serves it; and what another definition runs is not its business.
        _ if is_webhook(provided) && (world.waits(other, part) || serves(world, part, provided)) => return None,
        _ if is_webhook(provided) && elsewhere && object.pod().is_some() => return None,
        _ => {}
    }
    needs(world, object, provided)
}

/// Whether a part has the Service that a webhook calls.
fn serves(world: &World, part: At, webhook: &Object) -> bool {
    let called = webhook.document.items_at(&["webhooks"]).iter();
    let names: Vec<&str> = called.filter_map(|hook| hook.text_at(&["clientConfig", "service", "name"])).collect();
    world.of_part(part).any(|object| names.contains(&object.name()))
}

/// Why an object needs what another provides.
fn needs(world: &World, object: &Object, provided: &Object) -> Option<String> {
    match provided.kind {
        "Job" if migrates(provided) => {
            let consumes =
                matches!(object.kind, "Deployment" | "StatefulSet" | "DaemonSet") && shares_image(object, provided);
            consumes.then(|| format!("the schema that Job `{}` makes", provided.name()))
        }
        "CustomResourceDefinition" => {
            let kind = provided.document.text_at(&["spec", "names", "kind"])?;
            let same = object.kind == kind && object.group() == provided.document.text_at(&["spec", "group"])?;
            same.then(|| format!("the CRD of {kind}"))
        }
        "Namespace" => {
            let inside = object.document.text_at(&["metadata", "namespace"]) == Some(provided.name());
            inside.then(|| format!("namespace `{}`", provided.name()))
        }
        _ if is_webhook(provided) => {
            let hooks = provided.document.items_at(&["webhooks"]).iter();
            let resource = hooks.into_iter().find_map(|hook| admitted(world, hook, object))?;
            Some(format!("the webhook `{}` that admits {resource}", provided.name()))
        }
        _ => None,
    }
}

/// What of an object a webhook admits: itself, or the pods that come of it.
fn admitted(world: &World, hook: &Yaml, object: &Object) -> Option<String> {
    let plural = plural(world, object);
    let chosen = hook.get("namespaceSelector").is_some() || hook.get("objectSelector").is_some();
    // What is part of Kubernetes and starts no pods is let in by whoever admits everything.
    let own = object.pod().is_some() || object.group().contains('.') && !object.group().ends_with(".k8s.io");
    let admits = |rule: &Yaml, resource: &str| {
        let groups = rule.items_at(&["apiGroups"]);
        let group = |name: &str| {
            groups.is_empty()
                || groups.iter().any(|group| matches!(group.text(), Some(text) if text == "*" || text == name))
        };
        match resource {
            "*" | "*/*" => (own && !chosen && group(object.group())).then(|| plural.clone()),
            "pods" if object.pod().is_some() && object.kind != "Pod" => {
                (!chosen && group("")).then(|| "its pods".to_owned())
            }
            _ => (resource == plural && group(object.group())).then(|| plural.clone()),
        }
    };
    hook.items_at(&["rules"]).iter().find_map(|rule| {
        rule.items_at(&["resources"]).iter().filter_map(Yaml::text).find_map(|resource| admits(rule, resource))
    })
}

/// An object's kind as the API's paths have it: the name that its CRD gives, or by the rules of English.
fn plural(world: &World, object: &Object) -> String {
    let given = world.objects.iter().filter(|other| other.kind == "CustomResourceDefinition").find_map(|other| {
        let names = other.document.at(&["spec", "names"])?;
        (names.text_at(&["kind"]) == Some(object.kind)).then(|| names.text_at(&["plural"]))?
    });
    let kind = object.kind.to_lowercase();
    match given {
        Some(plural) => plural.to_owned(),
        None if kind.ends_with('y') && !kind.ends_with("ay") && !kind.ends_with("ey") => {
            format!("{}ies", &kind[..kind.len() - 1])
        }
        None if ["s", "x", "ch", "sh"].iter().any(|end| kind.ends_with(end)) => format!("{kind}es"),
        None => format!("{kind}s"),
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

fn missing(world: &World, at: At, other: At, what: &str, provided: &Object) -> Finding {
    let (definition, theirs) = (&world.definitions[at.0], &world.definitions[other.0]);
    let part = &definition.parts[at.1];
    let mut target = theirs.parts[other.1].name.to_owned();
    if at.0 != other.0 {
        target = format!("{}/{target}", theirs.name());
    }
    let source = &definition.file.source;
    let name = part.node.get("name").map_or(part.node.span, |name| name.span);
    let place = Place { file: provided.file.source.path.clone(), span: provided.head() };
    let new = |message: String, help: String| {
        Finding::new(RULE.id, RULE.severity, &source.path, name, message, help)
            .with_elsewhere(place.clone(), "provided here")
    };
    if world.waits(other, at) {
        let message = format!(
            "part `{}` needs {what}, but part `{target}` waits for it: the edge is the wrong way round",
            part.name
        );
        return new(message, format!("take it out of the `after` of `{target}`, and add `after: [{target}]` here"));
    }
    let message =
        format!("part `{}` needs {what}, but does not wait for part `{target}`: it may be applied first", part.name);
    let edit = match part.node.get("after") {
        Some(after) => insert::item(source, after, &target),
        None => insert::entry_behind(source, part.node, "name", &format!("after: [{target}]")),
    };
    new(message, format!("add `after: [{target}]`")).with_fix(edit.into_iter().collect())
}

/// A CRD and its resource in one file are one apply: the second is refused until the first is established.
fn one_file(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in &world.objects {
        let provided = world.objects.iter().find(|other| {
            std::ptr::eq(other.file, object.file)
                && other.kind == "CustomResourceDefinition"
                && needs(world, object, other).is_some()
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
