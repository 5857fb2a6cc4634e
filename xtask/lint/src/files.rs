//! Which files are read, and their text. The only reader of the disk beside `git`.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;
use rayon::prelude::*;

use crate::source::{Language, Source};

/// Files larger than this are generated or data.
const HUGE: u64 = 1 << 20;
/// Directories that hold other people's code, or none: Go's tools leave `testdata` alone, too.
const FOREIGN: &[&str] = &["vendor", "node_modules", "third_party", ".git", "target", "testdata"];

/// A file that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its path as shown.
    pub file: String,
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

/// Reads what is under the paths, honouring ignore files.
pub fn read(paths: &[PathBuf], exclude: &GlobSet) -> anyhow::Result<Read> {
    let mut files: Vec<(PathBuf, bool)> = Vec::new();
    for path in paths {
        if !path.exists() {
            anyhow::bail!("{} does not exist", path.display());
        }
        if path.is_file() {
            files.push((path.clone(), true));
            continue;
        }
        let mut walk = WalkBuilder::new(path);
        walk.hidden(false).filter_entry(|entry| {
            // What was asked for is read, whatever it is called.
            !(entry.depth() > 0
                && entry.file_type().is_some_and(|kind| kind.is_dir())
                && FOREIGN.iter().any(|name| entry.file_name() == *name))
        });
        for entry in walk.build().filter_map(Result::ok) {
            if entry.file_type().is_some_and(|kind| kind.is_file()) && !exclude.is_match(entry.path()) {
                files.push((entry.into_path(), false));
            }
        }
    }
    files.sort();
    files.dedup_by(|one, two| one.0 == two.0);
    let outcomes: Vec<_> = files.par_iter().filter_map(|(path, named)| one(path, *named)).collect();
    let mut read = Read::default();
    for outcome in outcomes {
        match outcome {
            Ok(source) => read.sources.push(source),
            Err(skipped) => read.skipped.push(skipped),
        }
    }
    Ok(read)
}

/// A source from bytes that came from elsewhere (the index of git).
#[must_use]
pub fn from_bytes(path: &str, bytes: Vec<u8>) -> Option<Result<Source, Skipped>> {
    let skip =
        |reason: &str, broken: bool| Some(Err(Skipped { file: path.to_owned(), reason: reason.to_owned(), broken }));
    let by_name = Language::of_path(path);
    let script = bytes.starts_with(b"#!") && !has_extension(path);
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
    Some(Ok(Source::new(path, text, language)))
}

fn one(path: &Path, named: bool) -> Option<Result<Source, Skipped>> {
    let shown = shown(path);
    let known = Language::of_path(&shown);
    if known.is_none() && has_extension(&shown) && !named {
        return None;
    }
    let skip = |reason: String| Some(Err(Skipped { file: shown.clone(), reason, broken: false }));
    let length = fs_err::metadata(path).map_or(0, |data| data.len());
    if length > HUGE {
        return if known.is_some() { skip("larger than 1 MiB".to_owned()) } else { None };
    }
    match fs_err::read(path) {
        Ok(bytes) => from_bytes(&shown, bytes),
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
#[must_use]
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
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
