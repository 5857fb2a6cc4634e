//! What a run was asked to read: paths, what is staged, or what differs from a reference.

use std::path::{Path, PathBuf};

use crate::cli::Cli;
use crate::context::around;
use crate::files::{self, File, Read};
use crate::git;
use crate::root::{Root, real};
use crate::settings::Settings;
use crate::tree::{State, Tree};

/// What was asked for.
pub struct Asked {
    /// What names are counted from.
    pub root: Root,
    paths: Vec<PathBuf>,
}

impl Asked {
    /// Finds the root of what the command line asks for.
    pub fn of(cli: &Cli) -> anyhow::Result<Self> {
        if cli.staged || cli.changed.is_some() {
            return Ok(Self { root: Root::Known(git::root()?), paths: cli.paths.clone() });
        }
        let paths = if cli.paths.is_empty() { vec![PathBuf::from(".")] } else { cli.paths.clone() };
        Ok(Self { root: Root::above(&paths), paths })
    }

    /// Reads it, and what it is judged by.
    pub fn read(&self, cli: &Cli, settings: &mut Settings) -> anyhow::Result<Read> {
        let mut read = self.alone(cli, settings)?;
        let whole = if cli.staged || cli.changed.is_some() { Vec::new() } else { self.whole()? };
        if !whole.iter().any(String::is_empty) {
            let state = if cli.staged { State::Index(None) } else { State::Work };
            let context = around(&read.sources, &whole, &mut Tree::new(&self.root, settings, state))?;
            read.sources.extend(context);
        }
        Ok(read)
    }

    /// The names of the directories that are read as a whole.
    fn whole(&self) -> anyhow::Result<Vec<String>> {
        let directories = self.paths.iter().filter(|path| path.is_dir());
        directories
            .map(|path| Ok(File::new(&self.root, &real(path)?, path).name.trim_end_matches('/').to_owned()))
            .collect()
    }

    fn alone(&self, cli: &Cli, settings: &mut Settings) -> anyhow::Result<Read> {
        let top = self.root.directory().unwrap_or(Path::new("."));
        if cli.staged {
            return self.staged(top, settings);
        }
        let Some(reference) = &cli.changed else {
            return Ok(files::read(&files::find(&self.paths, &self.root, settings)?));
        };
        let here = std::env::current_dir()?;
        let mut changed = Vec::new();
        for name in git::changed(top, reference, &self.paths)? {
            let path = top.join(&name);
            if !files::is_foreign(&name) && !settings.excludes(&path)? {
                let shown = path.strip_prefix(&here).unwrap_or(&path).to_path_buf();
                changed.push(File::new(&self.root, &path, &shown));
            }
        }
        Ok(files::read(&changed))
    }

    /// What is staged, with the text that is staged.
    fn staged(&self, top: &Path, settings: &mut Settings) -> anyhow::Result<Read> {
        let mut entries = Vec::new();
        for entry in git::staged(top, &self.paths)? {
            if !files::is_foreign(&entry.name) && !settings.excludes(&top.join(&entry.name))? {
                entries.push(entry);
            }
        }
        let texts = git::contents(top, &entries)?;
        let read = entries.iter().zip(texts);
        Ok(read.filter_map(|(entry, bytes)| files::from_bytes(&entry.name, &entry.name, bytes)).collect())
    }
}
