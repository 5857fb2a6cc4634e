//! SARIF 2.1.0, for code scanning.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Outcome;
use crate::finding::{Place, Severity};
use crate::rules::RULES;
use crate::{explain, suppress};

pub(super) fn render(outcome: &Outcome) -> String {
    let own = (suppress::RULE, suppress::SEVERITY, suppress::SUMMARY);
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| (rule.id, rule.severity, rule.summary))
        .chain([own])
        .map(|(id, severity, summary)| {
            json!({
                "id": id,
                "shortDescription": { "text": summary },
                "help": { "text": summary, "markdown": explain::page(id) },
                "defaultConfiguration": { "level": level(severity) },
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
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(&place.file) }, "region": region } })
}

/// A path as a reference of RFC 3986; one from the root of the file system has to say so.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a dir/x%y.sh"), "a%20dir/x%25y.sh");
        assert_eq!(uri("e2e/ü:1.go"), "e2e/%C3%BC%3A1.go");
        assert_eq!(uri("/srv/e2e/a.go"), "file:///srv/e2e/a.go");
    }
}
