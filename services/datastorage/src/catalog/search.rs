//! What a search asks for.

use std::collections::BTreeMap;

use kit::problem::FieldError;
use serde_json::Value;

use super::definition::{ANY, Labels};

const KNOWN: [&str; 8] =
    ["signalType", "severity", "component", "environment", "priority", "customLabels", "correlationId", "limit"];
const DEFAULT_LIMIT: u64 = 10;
const MAX_LIMIT: u64 = 100;

/// The labels of a signal, for which workflows are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchQuery {
    pub(crate) labels: Labels,
    pub(crate) custom_labels: BTreeMap<String, String>,
    /// What the search belongs to, for the audit trail.
    pub(crate) correlation_id: Option<String>,
    pub(crate) limit: usize,
}

impl SearchQuery {
    /// The query in one line.
    pub(crate) fn summary(&self) -> String {
        let labels = self.labels.named().map(|(name, value)| format!("{name}={value}"));
        let custom = self.custom_labels.iter().map(|(name, value)| format!("{name}={value}"));
        labels.into_iter().chain(custom).collect::<Vec<_>>().join(" ")
    }
}

/// Reads a search, or says everything that is wrong with it.
pub(crate) fn parse(body: &Value) -> Result<SearchQuery, Vec<FieldError>> {
    let mut errors = Vec::new();
    let Some(fields) = body.as_object() else {
        return Err(vec![error("", "must be an object")]);
    };
    errors.extend(fields.keys().filter(|name| !KNOWN.contains(&name.as_str())).map(|name| error(name, "is unknown")));
    let mut label = |name: &'static str| match fields.get(name).and_then(Value::as_str) {
        None | Some("" | ANY) => {
            errors.push(error(name, "is mandatory and must name one value"));
            String::new()
        }
        Some(text) if text.contains('\0') => {
            errors.push(error(name, "must not contain the character U+0000"));
            String::new()
        }
        Some(text) => text.to_owned(),
    };
    let labels = Labels {
        signal_type: label("signalType"),
        severity: label("severity"),
        component: label("component"),
        environment: label("environment"),
        priority: label("priority"),
    };
    let custom_labels = match fields.get("customLabels").map(|value| serde_json::from_value(value.clone())) {
        None => BTreeMap::new(),
        Some(Ok(custom)) => custom,
        Some(Err(_)) => {
            errors.push(error("customLabels", "must be an object of strings"));
            BTreeMap::new()
        }
    };
    let correlation_id = fields.get("correlationId").map(|value| value.as_str().unwrap_or_default().to_owned());
    let fits = |id: &String| (1..=api::audit::MAX_TEXT).contains(&id.len()) && !id.contains('\0');
    if correlation_id.as_ref().is_some_and(|id| !fits(id)) {
        errors.push(error("correlationId", "must be a string of 1 to 255 bytes"));
    }
    let limit = fields.get("limit").map_or(Some(DEFAULT_LIMIT), Value::as_u64);
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit)).and_then(|limit| usize::try_from(limit).ok());
    if limit.is_none() {
        errors.push(error("limit", "must be a number from 1 to 100"));
    }
    match limit {
        Some(limit) if errors.is_empty() => Ok(SearchQuery { labels, custom_labels, correlation_id, limit }),
        _ => Err(errors),
    }
}

fn error(field: &str, detail: &str) -> FieldError {
    FieldError { field: field.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::catalog) fn sample() -> Value {
        json!({"signalType": "OOMKilled", "severity": "critical", "component": "pod", "environment": "production",
            "priority": "P0"})
    }

    #[test]
    fn every_missing_label_is_named_at_once() {
        let errors = parse(&json!({})).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["signalType", "severity", "component", "environment", "priority"]);
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (name, value) in [
            ("severity", json!("*")),
            ("priority", json!("\0")),
            ("customLabels", json!({"team": 1})),
            ("correlationId", json!("")),
            ("limit", json!(0)),
            ("limit", json!(101)),
            ("colour", json!("red")),
        ] {
            let mut body = sample();
            body[name] = value.clone();
            let errors = parse(&body).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [name], "{value}");
        }
    }

    #[test]
    fn the_summary_names_every_label() {
        let mut body = sample();
        body["customLabels"] = json!({"team": "payments"});
        let summary = parse(&body).unwrap().summary();
        let wanted =
            "signalType=OOMKilled severity=critical component=pod environment=production priority=P0 team=payments";
        assert_eq!(summary, wanted);
    }
}
