//! One JSON object; its fields are documented in docs/lints.md and only ever added to.

use serde::Serialize;

use super::Outcome;
use crate::finding::Place;

#[derive(Serialize)]
struct Document<'a> {
    findings: Vec<Entry<'a>>,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    related: Vec<Related<'a>>,
    fixable: bool,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Skipped<'a> {
    file: &'a str,
    reason: &'a str,
    broken: bool,
}

pub(super) fn render(outcome: &Outcome) -> String {
    let findings = outcome.findings.iter().map(|finding| Entry {
        rule: finding.rule,
        severity: finding.severity.word(),
        message: &finding.message,
        help: &finding.help,
        at: at(outcome, &finding.place),
        related: finding
            .related
            .iter()
            .map(|related| Related { message: &related.message, at: at(outcome, &related.place) })
            .collect(),
        fixable: !finding.fix.is_empty(),
    });
    let skipped = outcome.skipped.iter().map(|skipped| Skipped {
        file: &skipped.shown,
        reason: &skipped.reason,
        broken: skipped.broken,
    });
    let document = Document { findings: findings.collect(), skipped: skipped.collect() };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn at<'a>(outcome: &Outcome<'a>, place: &'a Place) -> At<'a> {
    let file = place.file.as_str();
    let Some(source) = outcome.sources.get(file) else {
        return At { file, line: 1, column: 1, end_line: 1, end_column: 1 };
    };
    let (start, end) = (source.position(place.span.start), source.position(place.span.end));
    let file = source.shown.as_str();
    At { file, line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}
