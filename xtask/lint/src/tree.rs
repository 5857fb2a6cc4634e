//! The files that a run over everything would read: those of the working tree, or those of the index.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::files::{self, File};
use crate::git::{self, Entry};
use crate::root::Root;
use crate::settings::Settings;
use crate::source::{Language, Source};

/// Where files are listed and read.
pub struct Tree<'a> {
    root: &'a Root,
    settings: &'a mut Settings,
    state: State,
}

/// Which state of the files counts.
pub enum State {
    /// As they are on the disk.
    Work,
    /// As they are staged; what the index lists is read when it is asked for.
    Index(Option<Vec<Entry>>),
}

/// A file of a tree.
pub struct Leaf {
    /// Its name.
    pub name: String,
    origin: Origin,
}

enum Origin {
    Disk(PathBuf),
    Object(String),
}

impl<'a> Tree<'a> {
    /// The tree below a root.
    pub const fn new(root: &'a Root, settings: &'a mut Settings, state: State) -> Self {
        Self { root, settings, state }
    }

    /// The files of one directory.
    pub fn beside(&mut self, directory: &str) -> anyhow::Result<Vec<Leaf>> {
        match &self.state {
            State::Work => self.walked(directory, Some(1)),
            State::Index(_) => self.staged(&|name| crate::world::directory(name) == directory),
        }
    }

    /// All YAML files, where it is known that they belong together; else the files of some directories.
    pub fn all_yaml(&mut self, directories: &BTreeSet<&str>) -> anyhow::Result<Vec<Leaf>> {
        match (&self.state, self.root) {
            (State::Index(_), _) => self.staged(&|name| Language::of_path(name) == Some(Language::Yaml)),
            (State::Work, Root::Known(_)) => self.walked("", None),
            (State::Work, _) => {
                let mut leaves = Vec::new();
                for directory in directories {
                    leaves.extend(self.beside(directory)?);
                }
                Ok(leaves)
            }
        }
    }

    /// Their text, as far as it is read at all.
    pub fn read(&self, leaves: &[&Leaf]) -> anyhow::Result<Vec<Source>> {
        let mut on_disk = Vec::new();
        let mut objects = Vec::new();
        for leaf in leaves {
            let name = leaf.name.clone();
            match &leaf.origin {
                Origin::Disk(path) => on_disk.push(File { name, path: path.clone(), shown: shown(path) }),
                Origin::Object(object) => objects.push(Entry { name, object: object.clone() }),
            }
        }
        let mut sources = files::read(&on_disk).sources;
        let texts = git::contents(self.root.directory().unwrap_or(Path::new(".")), &objects)?;
        let staged = objects.iter().zip(texts);
        let staged = staged.filter_map(|(entry, bytes)| files::from_bytes(&entry.name, &entry.name, bytes));
        sources.extend(staged.filter_map(Result::ok));
        Ok(sources)
    }

    fn walked(&mut self, directory: &str, depth: Option<usize>) -> anyhow::Result<Vec<Leaf>> {
        let path = self.root.path(directory);
        let top = if path.as_os_str().is_empty() { Path::new(".") } else { &path };
        let files = files::walked(top, depth, self.root, self.settings)?;
        Ok(files.into_iter().map(|file| Leaf { name: file.name, origin: Origin::Disk(file.path) }).collect())
    }

    fn staged(&mut self, wanted: &dyn Fn(&str) -> bool) -> anyhow::Result<Vec<Leaf>> {
        let top = self.root.directory().unwrap_or(Path::new("."));
        let State::Index(known) = &mut self.state else { return Ok(Vec::new()) };
        let entries = match known {
            Some(entries) => entries,
            None => known.insert(git::index(top)?),
        };
        let mut leaves = Vec::new();
        for entry in entries.iter().filter(|entry| wanted(&entry.name)) {
            if !files::is_foreign(&entry.name) && !self.settings.excludes(&top.join(&entry.name))? {
                leaves.push(Leaf { name: entry.name.clone(), origin: Origin::Object(entry.object.clone()) });
            }
        }
        Ok(leaves)
    }
}

fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let inside = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    crate::root::slashed(inside.as_deref().unwrap_or(path))
}
