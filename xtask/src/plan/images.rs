//! Which images an object runs.

use std::collections::BTreeSet;

use crate::catalog::{ImageName, Object};

/// Names of images that an object runs or mentions.
#[must_use]
pub fn images_of(object: &Object, known: &dyn Fn(&ImageName) -> bool) -> BTreeSet<ImageName> {
    let mut found = BTreeSet::new();
    collect_images(&object.value, known, &mut found);
    found
}

fn collect_images(value: &serde_json::Value, known: &dyn Fn(&ImageName) -> bool, found: &mut BTreeSet<ImageName>) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().map(ImageName::new) {
                    Some(name) if key == "image" && known(&name) => {
                        found.insert(name);
                    }
                    _ => collect_images(value, known, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| collect_images(v, known, found)),
        Value::String(text) => {
            if let Some(name) = text.strip_prefix("image://") {
                found.insert(ImageName::new(name));
            }
        }
        _ => {}
    }
}
