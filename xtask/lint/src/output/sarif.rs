//! SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use super::Outcome;
use crate::finding::{Place, Severity};
use crate::rules::RULES;

pub(super) fn render(outcome: &Outcome) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.summary },
                "helpUri": format!("docs/lints.md#{}", rule.id),
                "defaultConfiguration": { "level": level(rule.severity) },
            })
        })
        .collect();
    let results: Vec<Value> = outcome
        .findings
        .iter()
        .map(|finding| {
            let related: Vec<Value> = finding
                .related
                .iter()
                .enumerate()
                .map(|(id, related)| {
                    let mut place = location(outcome, &related.place);
                    place["id"] = json!(id);
                    place["message"] = json!({ "text": related.message });
                    place
                })
                .collect();
            json!({
                "ruleId": finding.rule,
                "level": level(finding.severity),
                "message": { "text": format!("{}. {}", finding.message, finding.help) },
                "locations": [location(outcome, &finding.place)],
                "relatedLocations": related,
            })
        })
        .collect();
    let notes: Vec<Value> = outcome
        .skipped
        .iter()
        .map(|skipped| {
            json!({
                "level": if skipped.broken { "error" } else { "note" },
                "message": { "text": format!("{}: {}", skipped.file, skipped.reason) },
            })
        })
        .collect();
    let broken = outcome.skipped.iter().any(|skipped| skipped.broken);
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "xtask-lint", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": !broken, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

const fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn location(outcome: &Outcome, place: &Place) -> Value {
    let region = outcome.sources.get(place.file.as_str()).map(|source| {
        let (start, end) = (source.position(place.span.start), source.position(place.span.end));
        json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
    });
    json!({ "physicalLocation": { "artifactLocation": { "uri": place.file }, "region": region } })
}
