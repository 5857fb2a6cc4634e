//! Which sources are worth trying for an image, in order. Pure.

use std::{fmt, path::PathBuf};

use super::Cache;
use crate::{
    catalog::{ImageRef, ThirdParty},
    tools::engine::Present,
};

/// A place where an image can be had.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Source {
    /// The engine has it already.
    Engine {
        /// Under this reference.
        reference: ImageRef,
    },
    /// An archive of the cache.
    Cache {
        /// The file.
        archive: PathBuf,
    },
    /// A registry.
    Pull {
        /// What is pulled.
        reference: ImageRef,
    },
    /// It is made here.
    Recipe {
        /// The directory of the recipe, relative to the workspace.
        dir: PathBuf,
        /// What it makes.
        reference: ImageRef,
    },
}

/// The references that count as this image, the best first: what is pulled, what the recipe of today makes, the others.
pub fn acceptable(image: &ThirdParty) -> impl Iterator<Item = &ImageRef> {
    std::iter::once(&image.reference).chain(image.recipe.as_ref().map(|r| &r.reference)).chain(&image.also)
}

/// Whether an image under this reference counts as this one.
#[must_use]
pub fn is_acceptable(image: &ThirdParty, reference: &ImageRef) -> bool {
    acceptable(image).any(|r| r == reference)
}

/// The sources to try, in order. An image that the engine has needs no other.
#[must_use]
pub fn sources(image: &ThirdParty, present: &Present, cache: Option<&Cache>) -> Vec<Source> {
    if let Some(reference) = acceptable(image).find(|r| present.has(r)) {
        return vec![Source::Engine { reference: reference.clone() }];
    }
    let archives = cache.into_iter().flat_map(|c| c.archives(image)).map(|archive| Source::Cache { archive });
    let pull = is_remote(&image.reference).then(|| Source::Pull { reference: image.reference.clone() });
    let recipe = image.recipe.as_ref().map(|r| Source::Recipe { dir: r.dir.clone(), reference: r.reference.clone() });
    archives.chain(pull).chain(recipe).collect()
}

/// The reference under which an image will be there if the first source serves that is worth trying.
#[must_use]
pub fn expected<'i>(image: &'i ThirdParty, present: &Present, cache: Option<&Cache>) -> &'i ImageRef {
    let has = |r: &&ImageRef| present.has(r);
    let cached = || acceptable(image).find(|r| cache.is_some_and(|cache| cache.has(r)));
    let made = || image.recipe.as_ref().map(|r| &r.reference).filter(|_| !is_remote(&image.reference));
    acceptable(image).find(has).or_else(cached).or_else(made).unwrap_or(&image.reference)
}

/// References under `localhost/` are this machine's own; no registry has them.
fn is_remote(reference: &ImageRef) -> bool {
    !reference.as_str().starts_with("localhost/")
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine { reference } => write!(f, "in the engine ({reference})"),
            Self::Cache { archive } => write!(f, "image cache ({})", archive.display()),
            Self::Pull { reference } => write!(f, "pull {reference}"),
            Self::Recipe { dir, .. } => write!(f, "recipe {}", dir.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{ImageName, Recipe};

    fn image() -> ThirdParty {
        ThirdParty {
            name: ImageName::new("postgres"),
            reference: ImageRef::new("docker.io/library/postgres:15.14"),
            also: vec![ImageRef::new("localhost/postgres:old")],
            recipe: Some(Recipe {
                dir: "test-infra/images/postgres".into(),
                script: "test-infra/images/postgres/build.sh".into(),
                reference: ImageRef::new("localhost/e2e/postgres:0123456789ab"),
                needs: Vec::new(),
            }),
        }
    }

    fn engine_has(reference: &str) -> Present {
        let (name, tag) = reference.rsplit_once(':').unwrap();
        Present::parse(&format!("{name}\t{tag}\t<none>\tsha256:1"))
    }

    #[test]
    fn what_the_engine_has_is_taken_and_nothing_else_tried() {
        for reference in
            ["docker.io/library/postgres:15.14", "localhost/e2e/postgres:0123456789ab", "localhost/postgres:old"]
        {
            let found = sources(&image(), &engine_has(reference), None);
            assert_eq!(found, [Source::Engine { reference: ImageRef::new(reference) }]);
        }
    }

    #[test]
    fn an_image_of_yesterdays_recipe_is_not_taken() {
        let found = sources(&image(), &engine_has("localhost/e2e/postgres:ba9876543210"), None);
        assert!(matches!(found[..], [Source::Pull { .. }, Source::Recipe { .. }]), "{found:?}");
    }

    #[test]
    fn what_no_registry_can_have_is_not_pulled() {
        let local = ThirdParty { reference: ImageRef::new("localhost/postgres:15"), ..image() };
        let recipe = local.recipe.as_ref().unwrap();
        assert_eq!(expected(&local, &Present::default(), None), &recipe.reference);
        assert_eq!(expected(&image(), &Present::default(), None).as_str(), "docker.io/library/postgres:15.14");
        assert_eq!(expected(&image(), &engine_has(recipe.reference.as_str()), None), &recipe.reference);
        let found = sources(&local, &Present::default(), None);
        assert!(matches!(found[..], [Source::Recipe { .. }]), "{found:?}");
    }
}
