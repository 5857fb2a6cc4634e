//! Which configuration rules which file: the nearest `xtask-lint.toml` above it, whatever else is read.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use globset::GlobSet;

use crate::config::{Config, FILE};
use crate::files;
use crate::root::Root;

/// The configurations of a run.
#[derive(Debug, Default)]
pub struct Settings {
    root: Option<PathBuf>,
    /// Set when one was named: no other is looked for.
    named: bool,
    durations: BTreeMap<String, f64>,
    /// The first one rules where none is found.
    all: Vec<Loaded>,
    by_directory: HashMap<PathBuf, usize>,
}

/// One configuration and what it leaves out.
#[derive(Debug, Default)]
struct Loaded {
    config: Config,
    exclude: GlobSet,
    directory: PathBuf,
    /// The one above it, which may leave out more.
    above: Option<usize>,
}

impl Settings {
    /// Settings of a run below a root; a file that is named rules everything.
    pub fn new(root: &Root, named: Option<&Path>, durations: BTreeMap<String, f64>) -> anyhow::Result<Self> {
        let root = root.directory().map(Path::to_path_buf);
        let mut settings = Self { root, named: named.is_some(), durations, ..Self::default() };
        let first = match named {
            Some(path) => settings.load(path)?,
            None => settings.with_durations(Loaded::default()),
        };
        settings.all.push(first);
        Ok(settings)
    }

    /// One configuration for everything.
    #[must_use]
    pub fn one(config: Config) -> Self {
        let loaded = Loaded { config, ..Loaded::default() };
        Self { named: true, all: vec![loaded], ..Self::default() }
    }

    /// Whether a file is left out by its configuration, which is read when it was not yet.
    pub fn excludes(&mut self, file: &Path) -> anyhow::Result<bool> {
        let at = self.find(file.parent().unwrap_or(file))?;
        Ok(self.leaves_out(at, file))
    }

    /// The configuration of a file that `excludes` was asked of.
    #[must_use]
    pub fn of(&self, name: &str) -> &Config {
        let path = self.root.as_ref().map_or_else(|| PathBuf::from(name), |root| root.join(name));
        let known = path.parent().and_then(|directory| self.by_directory.get(directory));
        &self.all[known.copied().unwrap_or(0)].config
    }

    /// Names of images that any configuration calls ours.
    #[must_use]
    pub fn images(&self) -> Vec<String> {
        self.all.iter().flat_map(|loaded| loaded.config.images.local.iter().cloned()).collect()
    }

    fn find(&mut self, directory: &Path) -> anyhow::Result<usize> {
        if self.named {
            return Ok(0);
        }
        if let Some(known) = self.by_directory.get(directory) {
            return Ok(*known);
        }
        let file = directory.join(FILE);
        let is_file = file.is_file();
        // What lies above a repository that has one says nothing of it.
        let top = is_file && self.root.as_deref() == Some(directory);
        let above = match directory.parent().filter(|_| !top) {
            Some(parent) => self.find(parent)?,
            None => 0,
        };
        let at = if is_file && !self.leaves_out(above, &file) {
            let loaded = Loaded { above: (above > 0).then_some(above), ..self.load(&file)? };
            self.all.push(loaded);
            self.all.len() - 1
        } else {
            above
        };
        self.by_directory.insert(directory.to_path_buf(), at);
        Ok(at)
    }

    fn leaves_out(&self, at: usize, file: &Path) -> bool {
        let loaded = &self.all[at];
        let inside = file.strip_prefix(&loaded.directory).ok();
        let inside = inside.or_else(|| file.strip_prefix(self.root.as_ref()?).ok()).unwrap_or(file);
        loaded.exclude.is_match(inside) || loaded.above.is_some_and(|above| self.leaves_out(above, file))
    }

    fn load(&self, path: &Path) -> anyhow::Result<Loaded> {
        let shown = || path.display().to_string();
        let config = Config::parse(&fs_err::read_to_string(path)?).map_err(anyhow::Error::msg).with_context(shown)?;
        if let Some(id) = config.rules.disable.iter().find(|id| crate::rules::find(id).is_none()) {
            bail!("{}: `{id}` is no rule", path.display());
        }
        let exclude = files::globs(&config.paths.exclude).with_context(shown)?;
        let directory = crate::root::real(path)?.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(self.with_durations(Loaded { config, exclude, directory, above: None }))
    }

    /// What somebody wrote down counts more than what happened.
    fn with_durations(&self, mut loaded: Loaded) -> Loaded {
        for (name, seconds) in &self.durations {
            loaded.config.durations.entry(name.clone()).or_insert(*seconds);
        }
        loaded
    }
}
