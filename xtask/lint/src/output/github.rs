//! Commands of GitHub Actions: annotations in the diff.

use std::fmt::Write;

use super::Outcome;
use crate::finding::Severity;

pub(super) fn render(outcome: &Outcome) -> String {
    let mut text = String::new();
    for finding in outcome.findings {
        let Some(source) = outcome.sources.get(finding.place.file.as_str()) else { continue };
        let (start, end) = (source.position(finding.place.span.start), source.position(finding.place.span.end));
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let message = format!("{}\n{}", finding.message, finding.help);
        _ = writeln!(
            text,
            "::{command} file={},line={},col={},endLine={},endColumn={},title={}::{}",
            property(&finding.place.file),
            start.line,
            start.column,
            end.line,
            end.column,
            property(finding.rule),
            data(&message),
        );
    }
    for skipped in outcome.skipped {
        let command = if skipped.broken { "error" } else { "notice" };
        _ = writeln!(text, "::{command} file={}::{}", property(&skipped.file), data(&skipped.reason));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
