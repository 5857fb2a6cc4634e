//! From what was written, and found to be right, to the domain types.

use std::collections::BTreeMap;

use super::{
    Catalog, Check, Definition, HostPort, ImageName, ImageRef, Name, Object, OwnImage, Part, PartRef, Recipe,
    ThirdParty,
    find::{Reading, join},
    raw::{RawDefinition, RawPart, RawPort, RawThirdParty},
    source::Located,
};

/// The catalogue of a reading without problems.
pub(super) fn catalog(reading: &Reading, recipes: &BTreeMap<ImageName, ImageRef>) -> Catalog {
    let definitions = reading.definitions.iter().map(|raw| (Name::new(&raw.id), definition(raw, reading)));
    let third_party = reading.third_party.iter().map(|raw| (ImageName::new(&raw.id), image(raw, recipes)));
    Catalog { root: reading.root.clone(), definitions: definitions.collect(), third_party: third_party.collect() }
}

fn names(all: &[Located<String>]) -> Vec<Name> {
    all.iter().map(|name| Name::new(&name.value)).collect()
}

fn definition(raw: &RawDefinition, reading: &Reading) -> Definition {
    let image = |i: &super::raw::RawImage| OwnImage { name: ImageName::new(&i.name.value), build: i.build.clone() };
    let check =
        |c: &super::raw::RawCheck| Check { port: Name::new(&c.port.value), path: c.path.clone(), status: c.status };
    Definition {
        name: Name::new(&raw.id),
        dir: raw.dir.clone(),
        about: raw.about.clone(),
        images: raw.images.iter().map(image).collect(),
        needs: names(&raw.needs),
        parts: raw.parts.iter().map(|p| part(p, raw, reading)).collect(),
        ports: raw.ports.iter().map(port).collect(),
        checks: raw.checks.iter().map(check).collect(),
        test: raw.test.clone(),
        breaks: names(&raw.breaks),
    }
}

fn part(raw: &RawPart, definition: &RawDefinition, reading: &Reading) -> Part {
    let object = |o: &super::raw::RawObject| {
        let source = (reading.sources.get(o.file).path.clone(), o.line);
        Object { value: o.value.clone(), source }
    };
    Part {
        name: Name::new(&raw.name.value),
        objects: raw.objects.iter().map(object).collect(),
        after: raw.after.iter().map(|a| part_ref(&a.value, definition)).collect(),
        timeout: raw.timeout,
    }
}

/// A part of the definition itself goes before a definition of that name.
fn part_ref(text: &str, own: &RawDefinition) -> PartRef {
    if let Some((definition, part)) = text.split_once('/') {
        return PartRef { definition: Name::new(definition), part: Some(Name::new(part)) };
    }
    if own.parts.iter().any(|p| p.name.value == text) {
        return PartRef { definition: Name::new(&own.id), part: Some(Name::new(text)) };
    }
    PartRef { definition: Name::new(text), part: None }
}

fn port(raw: &RawPort) -> HostPort {
    HostPort {
        name: Name::new(&raw.name.value),
        scheme: raw.scheme,
        service: raw.service.value.clone(),
        port: raw.port.value,
        node_port: raw.node_port.value,
        host_port: raw.host_port.value,
    }
}

fn image(raw: &RawThirdParty, recipes: &BTreeMap<ImageName, ImageRef>) -> ThirdParty {
    let name = ImageName::new(&raw.id);
    let recipe = raw.recipe.as_ref().zip(recipes.get(&name)).map(|(recipe, reference)| Recipe {
        dir: raw.dir.clone(),
        script: join(&raw.dir, &recipe.script.value),
        reference: reference.clone(),
        needs: recipe.needs.iter().map(|n| ImageName::new(&n.value)).collect(),
    });
    let reference = raw.reference.as_ref().map(|r| r.value.clone()).unwrap_or_default();
    let also = raw.also.iter().map(|r| ImageRef::new(&r.value)).collect();
    ThirdParty { name, reference: ImageRef::new(reference), also, recipe }
}
