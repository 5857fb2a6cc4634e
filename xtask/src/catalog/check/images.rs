//! Images: everything that a manifest or a recipe names is built or fetched by somebody.

use std::collections::BTreeSet;

use crate::{
    catalog::{
        Build, IMAGE_SCHEME,
        cursor::Cursor,
        find::{Reading, join},
        mention::mentioned_images,
        problem::Problem,
        shape::{is_image, is_reference},
        source::Located,
    },
    object::{CONTAINERS, pod_template},
};

/// Images that nobody provides, and recipes and build contexts that are not there.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let own = reading.definitions.iter().flat_map(|d| &d.images).map(|i| i.name.value.as_str());
    let third_party = reading.third_party.iter().map(|i| i.id.as_str());
    let known: BTreeSet<&str> = own.chain(third_party).collect();
    let mut problems = Vec::new();
    // What a file builds that could not be read is not known.
    if reading.unread == 0 {
        let objects = reading.definitions.iter().flat_map(|d| &d.parts).flat_map(|p| &p.objects);
        problems.extend(objects.flat_map(|o| manifest(&o.cursor(), &known)));
    }
    problems.extend(reading.definitions.iter().flat_map(|d| &d.images).filter_map(|i| {
        let Build::Containerfile { context, file, .. } = &i.build else { return None };
        let missing = [context, file].into_iter().find(|path| !reading.root.join(path).exists())?;
        Some(Problem::new(i.name.at.clone(), format!("there is no {}", missing.display())))
    }));
    problems.extend(recipes(reading));
    problems
}

fn manifest(object: &Cursor<'_>, known: &BTreeSet<&str>) -> Vec<Problem> {
    let kind = object.text_of("kind").map(|k| k.value).unwrap_or_default();
    let pod = pod_template(&kind).and_then(|keys| object.walk(keys)).and_then(|t| t.get("spec"));
    let containers = pod.iter().flat_map(|spec| CONTAINERS.iter().flat_map(|list| spec.list(list)));
    let mut problems: Vec<Problem> =
        containers.filter_map(|c| c.text_of("image")).filter_map(|image| field(&image, known)).collect();
    for text in object.texts() {
        problems.extend(mentioned_images(&text.value).into_iter().filter_map(|name| logical(name, &text, known)));
    }
    problems
}

/// An `image:` field: a logical name, or a reference that the node resolves itself.
fn field(image: &Located<String>, known: &BTreeSet<&str>) -> Option<Problem> {
    let text = image.value.as_str();
    if text.starts_with(IMAGE_SCHEME) {
        return None;
    }
    if is_image(text) {
        return logical(text, image, known);
    }
    if is_reference(text) && !text.starts_with("localhost/") {
        return None;
    }
    let problem =
        Problem::new(image.at.clone(), format!("the image `{text}` is neither a logical name nor a full reference"));
    let base = text.rsplit('/').next().and_then(|last| last.split([':', '@']).next()).unwrap_or(text);
    Some(match known.get(base) {
        Some(name) => problem.help(format!("write `{name}`; its version is said where it is defined")),
        None => problem.help("declare it in test-infra/images and write its name here"),
    })
}

fn logical(name: &str, text: &Located<String>, known: &BTreeSet<&str>) -> Option<Problem> {
    if known.contains(name) {
        return None;
    }
    let problem = Problem::new(text.at.clone(), format!("nobody builds or declares an image `{name}`"));
    Some(problem.suggest(name, known.iter().copied()))
}

fn recipes(reading: &Reading) -> Vec<Problem> {
    let ids: Vec<&str> = reading.third_party.iter().map(|i| i.id.as_str()).collect();
    let mut problems = Vec::new();
    for image in &reading.third_party {
        let Some(recipe) = &image.recipe else { continue };
        if !reading.root.join(join(&image.dir, &recipe.script.value)).is_file() {
            let message = format!("there is no file {}", join(&image.dir, &recipe.script.value).display());
            problems.push(Problem::new(recipe.script.at.clone(), message));
        }
        for need in recipe.needs.iter().filter(|n| !ids.contains(&n.value.as_str())) {
            let problem = Problem::new(need.at.clone(), format!("no image `{}` is declared", need.value));
            problems.push(problem.suggest(&need.value, ids.iter().copied()));
        }
        if let Some(need) = recipe.needs.iter().find(|n| reaches(reading, &n.value, &image.id)) {
            let message = format!("the recipes of `{}` and `{}` need each other", image.id, need.value);
            problems.push(Problem::new(need.at.clone(), message));
        }
    }
    problems
}

/// Whether the recipe of `from` needs `to`, directly or not.
fn reaches(reading: &Reading, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if id == to {
            return true;
        }
        if !seen.insert(id) {
            continue;
        }
        let recipe = reading.third_party.iter().find(|i| i.id == id).and_then(|i| i.recipe.as_ref());
        open.extend(recipe.iter().flat_map(|r| &r.needs).map(|n| n.value.as_str()));
    }
    false
}
