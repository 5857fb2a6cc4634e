//! Obtains images: tries the sources in order, keeps why each one failed, and believes none until the engine has what
//! was wanted.

use std::{collections::BTreeMap, path::PathBuf};

use fs_err as fs;

use super::{
    Cache, Failed, NotObtained, Notice, Obtained, Source,
    recipe::Making,
    source::{acceptable, sources},
    sweep::WORK,
};
use crate::{
    catalog::{ImageName, ImageRef, ThirdParty},
    exec::{Runner, says_disk_full},
    tools::engine::Engine,
};

/// Where images are obtained from and put.
#[derive(Debug)]
pub struct Stock<'a> {
    /// The engine that is to have them.
    pub engine: &'a Engine,
    /// Runs the engine and the recipes.
    pub runner: &'a Runner,
    /// Archives, where there are any.
    pub cache: Option<&'a Cache>,
    /// All third-party images.
    pub images: &'a BTreeMap<ImageName, ThirdParty>,
    /// The workspace.
    pub root: PathBuf,
    /// For the logs of recipes, and their work while it lasts.
    pub scratch: PathBuf,
}

impl Stock<'_> {
    /// Makes sure that the engine has this image, from the first source that serves.
    pub fn obtain(&self, image: &ThirdParty, notify: &dyn Fn(Notice)) -> Result<Obtained, NotObtained> {
        let nowhere = |failed| NotObtained { image: image.name.clone(), failed };
        let present = match self.engine.present(self.runner) {
            Ok(present) => present,
            Err(e) => {
                let source = Source::Engine { reference: image.reference.clone() };
                return Err(nowhere(vec![Failed { source, why: e.to_string() }]));
            }
        };
        let mut failed = Vec::new();
        for source in sources(image, &present, self.cache) {
            if !matches!(source, Source::Engine { .. }) {
                notify(Notice::Trying { image: image.name.clone(), source: source.clone() });
            }
            match self.fetch(image, &source, notify) {
                Ok(reference) => return Ok(Obtained { reference, source, failed }),
                Err(why) => {
                    // No other source makes room, and a recipe would take minutes to find that out.
                    let is_full = says_disk_full(&why);
                    let this = Failed { source, why };
                    notify(Notice::Failed { image: image.name.clone(), failed: this.clone() });
                    failed.push(this);
                    if is_full || self.runner.stopping().is_some() {
                        break;
                    }
                }
            }
        }
        Err(nowhere(failed))
    }

    /// Makes the image by its recipe, whatever else there is.
    pub fn make(&self, image: &ThirdParty, notify: &dyn Fn(Notice)) -> Result<Obtained, NotObtained> {
        let Some(recipe) = &image.recipe else {
            return Err(NotObtained { image: image.name.clone(), failed: Vec::new() });
        };
        let source = Source::Recipe { dir: recipe.dir.clone(), reference: recipe.reference.clone() };
        notify(Notice::Trying { image: image.name.clone(), source: source.clone() });
        match self.fetch(image, &source, notify) {
            Ok(reference) => Ok(Obtained { reference, source, failed: Vec::new() }),
            Err(why) => Err(NotObtained { image: image.name.clone(), failed: vec![Failed { source, why }] }),
        }
    }

    /// Writes the image that the engine has to the cache. Returns the archive, or nothing where it was there already.
    pub fn export(&self, image: &ThirdParty, reference: &ImageRef, to: &mut Cache) -> anyhow::Result<Option<PathBuf>> {
        if to.has(reference) {
            return Ok(None);
        }
        let archive = to.archive_for(image, reference);
        let partial = archive.with_extension(format!("partial{}", std::process::id()));
        let written = self.engine.export(std::slice::from_ref(reference), &partial).run(self.runner);
        if let Err(e) = written {
            // Half an archive is of no use to anyone; that it is there at all is the lesser news.
            let _ = fs::remove_file(&partial);
            return Err(e.into());
        }
        fs::rename(&partial, &archive)?;
        to.enter(&archive, vec![reference.clone()])?;
        Ok(Some(archive))
    }

    /// Fetches from one source. The error says why it did not serve.
    fn fetch(&self, image: &ThirdParty, source: &Source, notify: &dyn Fn(Notice)) -> Result<ImageRef, String> {
        match source {
            Source::Engine { reference } => return Ok(reference.clone()),
            Source::Cache { archive } => {
                self.engine.load(archive, self.runner).map_err(|e| e.to_string())?;
            }
            Source::Pull { reference } => {
                self.engine.pull(reference).run(self.runner).map_err(|e| e.to_string())?;
            }
            Source::Recipe { .. } => self.run_recipe(image, notify)?,
        }
        // What came is believed by its name, not by where it came from.
        let present = self.engine.present(self.runner).map_err(|e| e.to_string())?;
        let wanted: Vec<&ImageRef> = acceptable(image).collect();
        wanted.iter().find(|r| present.has(r)).map(|r| (*r).clone()).ok_or_else(|| {
            let names: Vec<&str> = wanted.iter().map(|r| r.as_str()).collect();
            format!("it brought none of {}", names.join(", "))
        })
    }

    fn run_recipe(&self, image: &ThirdParty, notify: &dyn Fn(Notice)) -> Result<(), String> {
        let Some(recipe) = &image.recipe else { return Err("there is no recipe".to_owned()) };
        let mut needs = Vec::new();
        for name in &recipe.needs {
            let need = self.images.get(name).ok_or_else(|| format!("it needs `{name}`, which nobody declares"))?;
            let obtained = self.obtain(need, notify).map_err(|e| e.to_string())?;
            needs.push((name.clone(), obtained.reference));
        }
        let io = |e: std::io::Error| e.to_string();
        fs::create_dir_all(&self.scratch).map_err(io)?;
        let work = tempfile::Builder::new().prefix(WORK).tempdir_in(&self.scratch).map_err(io)?;
        let log = self.scratch.join(format!("recipe-{}.log", image.name));
        let making =
            Making { engine: self.engine, runner: self.runner, root: &self.root, work: work.path(), log: &log };
        let mut on_step = |step: &str| notify(Notice::Step { image: image.name.clone(), step: step.to_owned() });
        making.make(recipe, &needs, &mut on_step).map_err(|e| e.to_string())
    }
}
