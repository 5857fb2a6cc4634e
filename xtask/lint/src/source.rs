//! A file as text with positions: what every finding points into.
//! It must not know any language's grammar, nor read the disk.

use std::ops::Range;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Go, read by tree-sitter.
    Go,
    /// POSIX shell and bash, read by tree-sitter.
    Shell,
    /// Rust, read by syn.
    Rust,
    /// YAML: service definitions, Kubernetes manifests, kind configurations.
    Yaml,
    /// Containerfiles and Dockerfiles.
    Containerfile,
}

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A place as people count: from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from one.
    pub line: usize,
    /// Column, from one.
    pub column: usize,
}

/// One file's text, its names, and its line starts.
#[derive(Debug)]
pub struct Source {
    /// What it is known by: the path from the root, with forward slashes.
    pub path: String,
    /// The path as it is shown.
    pub shown: String,
    /// The text.
    pub text: String,
    /// What it is written in.
    pub language: Language,
    /// Why it is read.
    pub part: Part,
    lines: Vec<usize>,
}

/// Why a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It was asked for: what is found in it is said.
    Asked,
    /// It says what something in the files that were asked for means.
    Context,
}

/// Files by their path.
pub type Sources<'a> = std::collections::HashMap<&'a str, &'a Source>;

impl Span {
    /// The span from `start` to `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Whether `other` lies inside this span.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The same as a range.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl Source {
    /// Takes a file's text and finds its lines.
    #[must_use]
    pub fn new(path: impl Into<String>, text: String, language: Language) -> Self {
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        let path = path.into();
        Self { shown: path.clone(), path, text, language, part: Part::Asked, lines }
    }

    /// The same file with another text.
    #[must_use]
    pub fn with_text(self, text: String) -> Self {
        Self { shown: self.shown, part: self.part, ..Self::new(self.path, text, self.language) }
    }

    /// The same, shown as the user would write it.
    #[must_use]
    pub fn shown_as(mut self, shown: &str) -> Self {
        shown.clone_into(&mut self.shown);
        self
    }

    /// The same, as context of others.
    #[must_use]
    pub fn as_context(mut self) -> Self {
        self.part = Part::Context;
        self
    }

    /// Line and column of a byte offset; offsets past the end are the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.clamp(offset);
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The line (from one) that a byte offset is in.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset.min(self.text.len()))
    }

    /// The bytes of a line (from one), without its end.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        Span::new(start, end.max(start))
    }

    /// How many lines there are.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The text of a span; empty when it is not one.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// A span cut down to its first line: what is underlined for a call of many lines.
    #[must_use]
    pub fn first_line(&self, span: Span) -> Span {
        let end = self.slice(span).find('\n').map_or(span.end, |at| span.start + at);
        Span::new(span.start, end)
    }

    fn clamp(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

impl Language {
    /// The language of a path by its name; `None` for what is not read.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.starts_with("Dockerfile") || name.starts_with("Containerfile") || name.ends_with(".Dockerfile") {
            return Some(Self::Containerfile);
        }
        match name.rsplit_once('.')?.1 {
            "go" => Some(Self::Go),
            "sh" | "bash" => Some(Self::Shell),
            "rs" => Some(Self::Rust),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// A script without an extension says its language in its first line.
    #[must_use]
    pub fn of_shebang(text: &str) -> Option<Self> {
        let line = text.strip_prefix("#!")?.lines().next()?;
        let program = line.split(['/', ' ']).rfind(|word| !word.is_empty() && !word.starts_with('-'))?;
        matches!(program, "sh" | "bash" | "dash" | "ksh").then_some(Self::Shell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a.go", "één\nzwei\n".to_owned(), Language::Go);
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position("één".len()), Position { line: 1, column: 4 });
        assert_eq!(source.position("één\nzw".len()), Position { line: 2, column: 3 });
        assert_eq!(source.position(9999).line, 3);
    }

    #[test]
    fn a_shebang_names_the_shell() {
        assert_eq!(Language::of_shebang("#!/usr/bin/env bash\n"), Some(Language::Shell));
        assert_eq!(Language::of_shebang("#!/bin/sh -e\n"), Some(Language::Shell));
        assert_eq!(Language::of_shebang("#!/usr/bin/python3\n"), None);
    }
}
