use std::path::{Path, PathBuf};

use super::workspace::{STORE, STORE_MANIFEST, Workspace};
use crate::catalog::{Catalog, ImageName, Name, PartRef};

#[test]
fn a_sound_workspace_is_read() {
    let catalog = Workspace::sound().load();
    let web = &catalog.definitions[&Name::new("web")];
    assert_eq!(web.dir, Path::new("services/web"));
    assert_eq!(web.needs, [Name::new("store")]);
    assert_eq!(web.parts[0].after, [PartRef { definition: Name::new("store"), part: None }]);
    assert_eq!(web.parts[0].timeout.as_secs(), 180);
    assert_eq!(web.checks[0].status, 200);
    let objects: Vec<_> = web.parts[0].objects.iter().map(|o| (o.kind(), o.name(), o.source.1)).collect();
    assert_eq!(objects, [("Service", "web", 1), ("Deployment", "web", 10)]);
    assert_eq!(web.parts[0].objects[0].source.0, Path::new("services/web/deploy/web.yaml"));
    let store = &catalog.third_party[&ImageName::new("store")];
    assert_eq!(store.recipe.as_ref().unwrap().script, Path::new("test-infra/images/store/build.sh"));
}

/// The promise to whoever adds the tenth service: two files, and not a line of the tool.
#[test]
fn a_service_is_added_by_its_files_alone() {
    let before = Workspace::sound();
    assert_eq!(before.load().definitions.len(), 2);
    let definition = STORE.replace("store", "tenth") + "needs: [web]\n";
    let manifest = STORE_MANIFEST.replace("name: store", "name: tenth");
    let after = before.file("services/tenth/e2e.yaml", &definition).file("services/tenth/deploy/tenth.yaml", &manifest);
    let catalog = after.load();
    let tenth = Name::new("tenth");
    assert_eq!(catalog.definitions[&tenth].parts[0].objects[0].name(), "tenth");
    let all: Vec<String> = catalog.closure(&[tenth]).iter().map(Name::to_string).collect();
    assert_eq!(all, ["store", "web", "tenth"]);
}

#[test]
fn parts_are_named_in_three_ways() {
    let parts = "\
parts:
  - {name: first, manifests: []}
  - {name: second, manifests: [], after: [first, store, store/server]}
";
    let definition = format!("schema: 1\nname: other\nabout: Other\n{parts}");
    let catalog = Workspace::sound().file("services/other/e2e.yaml", &definition).load();
    let part =
        |definition: &str, part: Option<&str>| PartRef { definition: Name::new(definition), part: part.map(Name::new) };
    let wanted = [part("other", Some("first")), part("store", None), part("store", Some("server"))];
    assert_eq!(catalog.definitions[&Name::new("other")].parts[1].after, wanted);
}

#[test]
fn a_part_depends_on_what_its_definition_needs_and_on_what_it_comes_after() {
    let parts = "parts:\n  - {name: a, manifests: []}\n  - {name: b, manifests: [], after: [a]}\n";
    let definition = format!("schema: 1\nname: other\nabout: Other\nneeds: [store]\n{parts}");
    let catalog = Workspace::sound().file("services/other/e2e.yaml", &definition).load();
    let other = &catalog.definitions[&Name::new("other")];
    let of = |part: usize| {
        let all = catalog.dependencies(other, &other.parts[part]);
        all.iter().map(|(definition, part)| format!("{definition}/{part}")).collect::<Vec<_>>()
    };
    assert_eq!(of(0), ["store/server"]);
    assert_eq!(of(1), ["other/a", "store/server"]);
}

#[test]
fn a_directory_without_definition_is_none() {
    let catalog = Workspace::empty().file("services/kit/src/lib.rs", "").load();
    assert!(catalog.definitions.is_empty());
}

#[test]
fn the_catalogue_of_this_workspace_is_sound() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let catalog = Catalog::load(&root).unwrap_or_else(|errors| panic!("{}\n{errors}", errors.report()));
    assert!(catalog.definitions.contains_key(&Name::new("postgres")));
}
