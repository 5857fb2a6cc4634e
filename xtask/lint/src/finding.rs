//! What a rule says: where, what, what to do about it.
//! It must not know how findings are printed.

use serde::Serialize;

use crate::source::Span;

/// How bad a finding is. All of them make the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Costs a little, or only sometimes.
    Note,
    /// Costs time in every run.
    Warning,
    /// Breaks runs.
    Error,
}

/// A place in one of the files that were read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// Where in it.
    pub span: Span,
}

/// A second place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// A replacement of text that cannot change what the code means to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced (empty: inserted).
    pub place: Place,
    /// By what.
    pub text: String,
}

/// One thing a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The concrete change.
    pub help: String,
    /// Where.
    pub place: Place,
    /// What belongs to it.
    pub related: Vec<Related>,
    /// The change itself, where it is safe.
    pub fix: Vec<Edit>,
}

impl Finding {
    /// A finding without related places.
    #[must_use]
    pub fn new(rule: &'static str, severity: Severity, file: &str, span: Span, message: String, help: String) -> Self {
        let place = Place { file: file.to_owned(), span };
        Self { rule, severity, message, help, place, related: Vec::new(), fix: Vec::new() }
    }

    /// Adds a place in the same file.
    #[must_use]
    pub fn with_related(mut self, span: Span, message: impl Into<String>) -> Self {
        let place = Place { file: self.place.file.clone(), span };
        self.related.push(Related { place, message: message.into() });
        self
    }

    /// Adds a place in another file.
    #[must_use]
    pub fn with_elsewhere(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { place, message: message.into() });
        self
    }

    /// Adds the change that `--fix` makes.
    #[must_use]
    pub fn with_fix(mut self, edits: Vec<Edit>) -> Self {
        self.fix = edits;
        self
    }
}

impl Severity {
    /// The word used in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
