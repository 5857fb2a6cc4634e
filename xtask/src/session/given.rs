//! Images built elsewhere, by `--image NAME=REF`: looked at before anything starts.

use std::collections::{BTreeMap, BTreeSet};

use super::{CommandError, Options, Session, unknown};
use crate::{
    catalog::{ImageName, ImageRef, Name},
    plan,
    report::terminal,
    tools::engine::Engine,
};

/// Where given images get a name of their own.
const REPOSITORY: &str = "localhost/e2e-given";
/// So much of an image's id tells it from others.
const DIGITS: usize = 12;

/// The reference of a given image that has this id.
pub(super) fn reference(name: &ImageName, id: &str) -> ImageRef {
    let digits: String = id.trim_start_matches("sha256:").chars().take(DIGITS).collect();
    ImageRef::new(format!("{REPOSITORY}/{name}:{digits}"))
}

impl Session {
    /// Fails if one of the given images is none that any pod runs.
    pub(super) fn check_given(&self, options: &Options) -> Result<(), CommandError> {
        let definitions = || self.catalog.definitions.values();
        let is_image = |name: &ImageName| {
            definitions().any(|d| d.images.iter().any(|i| i.name == *name))
                || self.catalog.third_party.contains_key(name)
        };
        let objects = definitions().flat_map(|d| &d.parts).flat_map(|p| &p.objects);
        let run: BTreeSet<ImageName> = objects.flat_map(|o| plan::images_of(o, &is_image)).collect();
        let Some(name) = options.given.keys().find(|name| !run.contains(name)) else { return Ok(()) };
        let known: Vec<&str> = run.iter().map(ImageName::as_str).collect();
        Err(CommandError::usage(unknown("image", name.as_str(), &known)))
    }

    /// The options with references that say what is in the given images: under a tag that is used again, a node would keep
    /// the image that it has, and pods would not roll.
    pub(super) fn resolve_given(&self, roots: &[Name], options: &Options) -> Result<Options, CommandError> {
        if options.given.is_empty() {
            return Ok(options.clone());
        }
        let engine = self.engine(self.decided_engine(roots, options))?;
        let mut given = BTreeMap::new();
        for (name, reference) in &options.given {
            given.insert(name.clone(), self.resolve(name, reference, &engine)?);
        }
        Ok(Options { given, ..options.clone() })
    }

    fn resolve(&self, name: &ImageName, reference: &ImageRef, engine: &Engine) -> Result<ImageRef, CommandError> {
        let mut present = engine.present(&self.runner)?;
        if !present.has(reference) {
            terminal::status("Pulling", reference.as_str());
            let pulled = engine.pull(reference).run(&self.runner);
            let lacks = |why: &dyn std::fmt::Display| {
                let message = format!("--image {name}={reference}: {} does not have it: {why}", engine.kind);
                CommandError::usage(message)
            };
            match pulled {
                Err(e) if e.is_cancelled() => return Err(e.into()),
                Err(e) => return Err(lacks(&e)),
                Ok(_) => present = engine.present(&self.runner)?,
            }
            if !present.has(reference) {
                return Err(lacks(&"it was pulled under another name"));
            }
        }
        let id = present.id(reference).unwrap_or_default();
        let unmistakable = self::reference(name, id);
        if !present.has(&unmistakable) {
            engine.tag(reference.as_str(), &unmistakable).run(&self.runner)?;
        }
        Ok(unmistakable)
    }
}
