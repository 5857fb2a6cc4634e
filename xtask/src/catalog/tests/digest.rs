use std::os::unix::fs::PermissionsExt as _;

use fs_err as fs;

use super::workspace::Workspace;
use crate::catalog::{ImageName, ImageRef};

const SCRIPT: &str = "test-infra/images/store/build.sh";

fn reference(workspace: &Workspace) -> ImageRef {
    let catalog = workspace.load();
    catalog.third_party[&ImageName::new("store")].recipe.clone().unwrap().reference
}

#[test]
fn the_tag_of_a_recipe_is_its_content() {
    let first = reference(&Workspace::sound());
    assert_eq!(first, reference(&Workspace::sound()), "the same recipe in another directory");
    let (name, tag) = first.as_str().rsplit_once(':').unwrap();
    assert_eq!(name, "localhost/e2e/store");
    assert_eq!(tag.len(), 12);
}

#[test]
fn whatever_goes_into_a_recipe_changes_its_tag() {
    let base = reference(&Workspace::sound());
    let changed = [
        Workspace::sound().file(SCRIPT, "#!/bin/sh\ntrue\n"),
        Workspace::sound().file("test-infra/images/store/parts/more.txt", ""),
        Workspace::sound().edit("test-infra/images/base/image.yaml", ":13", ":14"),
    ];
    for workspace in &changed {
        assert_ne!(reference(workspace), base);
    }
    let workspace = Workspace::sound();
    fs::set_permissions(workspace.root().join(SCRIPT), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_ne!(reference(&workspace), base);
}

#[test]
fn where_an_image_is_pulled_from_does_not() {
    let moved = Workspace::sound().edit("test-infra/images/store/image.yaml", "docker.io", "quay.io");
    assert_eq!(reference(&moved), reference(&Workspace::sound()));
}
