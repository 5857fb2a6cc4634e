//! The texts that were read, and places in them. It knows nothing of what the texts mean.

use std::{ops::Range, path::PathBuf};

/// One file, as it was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Relative to the workspace's root.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Which of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId(usize);

/// A place in a file.
#[derive(Debug, Clone)]
pub(super) struct At {
    /// The file.
    pub file: FileId,
    /// Bytes of its text.
    pub span: Range<usize>,
    /// The path inside the document, such as `parts[0].after[1]`; empty for the document itself.
    pub path: String,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: At,
}

/// All files of one reading.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// Keeps a text.
    pub fn add(&mut self, path: PathBuf, text: String) -> FileId {
        self.0.push(Source { path, text });
        FileId(self.0.len() - 1)
    }

    /// The file behind an id of these sources.
    pub fn get(&self, id: FileId) -> &Source {
        &self.0[id.0]
    }
}

impl Source {
    /// Line and column, both from 1 and the column in characters, of a byte of the text.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

impl At {
    /// The start of a file.
    pub fn top(file: FileId) -> Self {
        Self { file, span: 0..0, path: String::new() }
    }
}
