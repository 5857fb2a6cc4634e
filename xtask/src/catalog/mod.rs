//! What there is to set up: the service definitions and the third-party images, read from YAML, validated, located.
//!
//! The only reader of definitions. It runs nothing and looks at nothing but the files of the workspace.

mod build;
mod check;
mod configs;
mod cursor;
mod digest;
mod find;
mod json_schema;
mod mention;
mod names;
mod problem;
mod raw;
mod shape;
mod source;
mod tree;
mod types;
mod validate;

use std::path::Path;

pub use configs::Config;
pub(crate) use digest::hex;
pub use json_schema::{definition_schema, image_schema};
pub use mention::{mentioned_images, replace_images};
pub use names::{ImageName, ImageRef, Name};
pub use problem::{CatalogErrors, Place};
pub use shape::is_label;
pub use types::{
    Build, Catalog, Check, Definition, HostPort, IMAGE_SCHEME, Object, OwnImage, Part, PartRef, Recipe, Scheme,
    TestTarget, ThirdParty,
};

impl Catalog {
    /// Reads all definitions of a workspace: `services/*/e2e.yaml`, `test-infra/backing/*/e2e.yaml`,
    /// `test-infra/stand-ins/*/e2e.yaml` and `test-infra/images/*/image.yaml`, with the manifests that they name. Where
    /// anything is wrong, the error has all of it.
    pub fn load(root: &Path) -> Result<Self, CatalogErrors> {
        let mut reading = find::Reading::of(root);
        let found = check::all(&reading);
        reading.problems.extend(found);
        if !reading.problems.is_empty() {
            return Err(CatalogErrors::new(reading.problems, reading.sources));
        }
        match digest::references(&reading) {
            Ok(recipes) => Ok(build::catalog(&reading, &recipes)),
            Err(error) => Err(CatalogErrors::unreadable(&error, reading.sources)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
