//! Which files are read, and their text. The only reader of the disk beside `git`.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;
use rayon::prelude::*;

use crate::root::{Root, real, slashed};
use crate::settings::Settings;
use crate::source::{Language, Source};

/// Files larger than this are generated or data.
const HUGE: u64 = 1 << 20;
/// Directories that hold other people's code, or none: Go's tools leave `testdata` alone, too.
const FOREIGN: &[&str] = &["vendor", "node_modules", "third_party", ".git", "target", "testdata"];

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// What it is known by: its path from the root.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its path as the user would write it.
    pub shown: String,
}

/// A file that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// Its path as shown.
    pub shown: String,
    /// Why.
    pub reason: String,
    /// Set when it should have parsed: the exit code is 2.
    pub broken: bool,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// Files with text.
    pub sources: Vec<Source>,
    /// Files without.
    pub skipped: Vec<Skipped>,
}

impl File {
    /// A file below the root that was written as `path`.
    #[must_use]
    pub fn new(root: &Root, real: &Path, path: &Path) -> Self {
        let shown = shown(path);
        Self { name: root.name(real, &shown), path: path.to_path_buf(), shown }
    }
}

/// The files under the paths, honouring ignore files and what configurations exclude.
pub fn find(paths: &[PathBuf], root: &Root, settings: &mut Settings) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.exists() {
            anyhow::bail!("{} does not exist", path.display());
        }
        if path.is_file() {
            let real = real(path)?;
            let file = File::new(root, &real, path);
            // Programs that pass names know nothing of other people's code.
            let foreign = matches!(root, Root::Known(_)) && real.starts_with(root.path("")) && is_foreign(&file.name);
            if !foreign && !settings.excludes(&real)? {
                files.push(file);
            }
            continue;
        }
        files.extend(walked(path, None, root, settings)?);
    }
    files.sort();
    files.dedup_by(|one, two| one.name == two.name);
    Ok(files)
}

/// The files of a directory, down to a depth.
pub fn walked(top: &Path, depth: Option<usize>, root: &Root, settings: &mut Settings) -> anyhow::Result<Vec<File>> {
    let start = real(top)?;
    let mut walk = WalkBuilder::new(top);
    walk.max_depth(depth).hidden(false).filter_entry(|entry| {
        // What was asked for is read, whatever it is called.
        !(entry.depth() > 0
            && entry.file_type().is_some_and(|kind| kind.is_dir())
            && FOREIGN.iter().any(|name| entry.file_name() == *name))
    });
    let mut files = Vec::new();
    for entry in walk.build().filter_map(Result::ok) {
        let real = start.join(entry.path().strip_prefix(top).unwrap_or(entry.path()));
        if entry.file_type().is_some_and(|kind| kind.is_file()) && !settings.excludes(&real)? {
            files.push(File::new(root, &real, entry.path()));
        }
    }
    Ok(files)
}

/// Reads files, on all cores.
#[must_use]
pub fn read(files: &[File]) -> Read {
    let outcomes: Vec<_> = files.par_iter().filter_map(one).collect();
    outcomes.into_iter().collect()
}

/// Whether a file lies where other people's code does.
#[must_use]
pub fn is_foreign(name: &str) -> bool {
    crate::world::directory(name).split('/').any(|part| FOREIGN.contains(&part))
}

/// A source from bytes, which may come from elsewhere (the index of git).
#[must_use]
pub fn from_bytes(name: &str, shown: &str, bytes: Vec<u8>) -> Option<Result<Source, Skipped>> {
    let skip = |reason: &str, broken: bool| {
        Some(Err(Skipped { file: name.to_owned(), shown: shown.to_owned(), reason: reason.to_owned(), broken }))
    };
    let by_name = Language::of_path(name);
    let script = bytes.starts_with(b"#!") && !has_extension(name);
    if by_name.is_none() && !script {
        return None;
    }
    if bytes.len() as u64 > HUGE {
        return skip("larger than 1 MiB", false);
    }
    if bytes.iter().take(8000).any(|byte| *byte == 0) {
        return skip("binary", false);
    }
    let Ok(text) = String::from_utf8(bytes) else { return skip("not UTF-8", true) };
    let language = by_name.or_else(|| Language::of_shebang(&text))?;
    if language == Language::Go && is_generated(&text) {
        return None;
    }
    Some(Ok(Source::new(name, text, language).shown_as(shown)))
}

fn one(file: &File) -> Option<Result<Source, Skipped>> {
    let known = Language::of_path(&file.name);
    if known.is_none() && has_extension(&file.name) {
        return None;
    }
    let skip = |reason: String| {
        Some(Err(Skipped { file: file.name.clone(), shown: file.shown.clone(), reason, broken: false }))
    };
    let length = fs_err::metadata(&file.path).map_or(0, |data| data.len());
    if length > HUGE {
        return if known.is_some() { skip("larger than 1 MiB".to_owned()) } else { None };
    }
    match fs_err::read(&file.path) {
        Ok(bytes) => from_bytes(&file.name, &file.shown, bytes),
        Err(error) if known.is_some() => skip(error.to_string()),
        Err(_) => None,
    }
}

fn is_generated(text: &str) -> bool {
    text.lines().take(20).any(|line| line.starts_with("// Code generated ") && line.ends_with("DO NOT EDIT."))
}

fn has_extension(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.trim_start_matches('.').contains('.'))
}

/// A path as it is shown: with forward slashes, without `./`.
fn shown(path: &Path) -> String {
    let text = slashed(path);
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

/// Globs of paths, wherever they are.
pub fn globs(patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
        set.add(Glob::new(&format!("**/{pattern}"))?);
    }
    Ok(set.build()?)
}

impl FromIterator<Result<Source, Skipped>> for Read {
    fn from_iter<I: IntoIterator<Item = Result<Source, Skipped>>>(outcomes: I) -> Self {
        let mut read = Self::default();
        for outcome in outcomes {
            match outcome {
                Ok(source) => read.sources.push(source),
                Err(skipped) => read.skipped.push(skipped),
            }
        }
        read
    }
}
