//! How findings are printed: people and programs here get paths as they were written, those who look at the whole
//! repository (github, sarif) get them from its root. It must not find anything.

mod github;
mod json;
mod plain;
mod sarif;

use std::collections::HashMap;

use crate::cli::Format;
use crate::files::Skipped;
use crate::finding::Finding;
use crate::source::Source;

/// What is printed.
pub struct Outcome<'a> {
    /// The findings.
    pub findings: &'a [Finding],
    /// Files that were not read.
    pub skipped: &'a [Skipped],
    /// The files by name.
    pub sources: HashMap<&'a str, &'a Source>,
    /// How many files were read.
    pub files: usize,
}

/// The text for standard output; plain text keeps its colours, the stream decides.
#[must_use]
pub fn render(outcome: &Outcome, format: Format) -> String {
    match format {
        Format::Plain => plain::render(outcome),
        Format::Github => github::render(outcome),
        Format::Sarif => sarif::render(outcome),
        Format::Json => json::render(outcome),
    }
}

/// The last line, for standard error.
#[must_use]
pub fn summary(outcome: &Outcome) -> String {
    let count = outcome.findings.len();
    let found = match count {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        _ => format!("{count} findings"),
    };
    let skipped = match outcome.skipped.len() {
        0 => String::new(),
        count => format!(", {count} skipped"),
    };
    let files = if outcome.files == 1 { "1 file".to_owned() } else { format!("{} files", outcome.files) };
    format!("{found} in {files}{skipped}")
}
