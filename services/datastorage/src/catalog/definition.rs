//! A workflow as it is registered.

use std::collections::BTreeMap;

use kit::problem::FieldError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::version::Version;

/// A label value of a workflow that fits every search.
pub(crate) const ANY: &str = "*";

/// One version of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WorkflowDefinition {
    /// A DNS label.
    pub(crate) workflow_id: String,
    pub(crate) version: Version,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The pipeline bundle.
    pub(crate) container_image: String,
    pub(crate) labels: Labels,
    #[serde(default)]
    pub(crate) custom_labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) parameters: Vec<Parameter>,
}

/// What a workflow is for. All but the signal type may be [`ANY`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Labels {
    pub(crate) signal_type: String,
    pub(crate) severity: String,
    pub(crate) component: String,
    pub(crate) environment: String,
    pub(crate) priority: String,
}

/// Something that a workflow has to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) type_: ParameterType,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) description: String,
}

/// What kind of value a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ParameterType {
    String,
    Integer,
    Boolean,
}

impl Labels {
    /// Each label with its name.
    pub(crate) fn named(&self) -> [(&'static str, &str); 5] {
        [
            ("signalType", &self.signal_type),
            ("severity", &self.severity),
            ("component", &self.component),
            ("environment", &self.environment),
            ("priority", &self.priority),
        ]
    }
}

/// Reads a definition, or says what is wrong with it.
pub(crate) fn parse(body: Value) -> Result<WorkflowDefinition, Vec<FieldError>> {
    let definition: WorkflowDefinition = serde_json::from_value(body)
        .map_err(|error| vec![FieldError { field: String::new(), detail: error.to_string() }])?;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: &str| {
        errors.push(FieldError { field: field.to_owned(), detail: detail.to_owned() });
    };
    if !is_dns_label(&definition.workflow_id) || definition.workflow_id == "search" {
        wrong("workflowId", "must be a DNS label, and not `search`");
    }
    if definition.title.trim().is_empty() {
        wrong("title", "must not be empty");
    }
    if definition.container_image.is_empty() || definition.container_image.contains(char::is_whitespace) {
        wrong("containerImage", "must be an image reference");
    }
    for (name, value) in definition.labels.named() {
        if value.is_empty() || value.len() > 63 {
            wrong(&format!("labels.{name}"), "must have 1 to 63 bytes");
        }
    }
    if definition.labels.signal_type == ANY {
        wrong("labels.signalType", "must name one signal type");
    }
    if definition.parameters.iter().any(|parameter| parameter.name.is_empty()) {
        wrong("parameters", "must all have names");
    }
    if serde_json::to_string(&definition).unwrap_or_default().contains("\\u0000") {
        wrong("", "must not contain the character U+0000");
    }
    if errors.is_empty() { Ok(definition) } else { Err(errors) }
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::catalog) fn sample() -> Value {
        json!({
            "workflowId": "raise-memory", "version": "1.0.0", "title": "Raise the memory limit",
            "containerImage": "registry.local/raise-memory:1.0.0",
            "labels": {"signalType": "OOMKilled", "severity": "critical", "component": "pod",
                "environment": "production", "priority": "P0"},
            "parameters": [{"name": "LIMIT", "type": "string", "required": true}]
        })
    }

    #[test]
    fn a_right_definition_is_read() {
        let definition = parse(sample()).unwrap();
        assert_eq!(definition.workflow_id, "raise-memory");
        assert_eq!(definition.labels.priority, "P0");
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (path, value, field) in [
            ("/workflowId", json!("Raise Memory"), "workflowId"),
            ("/workflowId", json!("search"), "workflowId"),
            ("/title", json!(" "), "title"),
            ("/title", json!("a\0b"), ""),
            ("/containerImage", json!("a b"), "containerImage"),
            ("/version", json!("1"), ""),
            ("/labels/severity", json!(""), "labels.severity"),
            ("/labels/signalType", json!("*"), "labels.signalType"),
            ("/parameters/0/name", json!(""), "parameters"),
        ] {
            let mut body = sample();
            *body.pointer_mut(path).unwrap() = value.clone();
            let errors = parse(body).unwrap_err();
            let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, [field], "{path} = {value}");
        }
    }

    #[test]
    fn every_label_is_mandatory() {
        for name in ["signalType", "severity", "component", "environment", "priority"] {
            let mut body = sample();
            body["labels"].as_object_mut().unwrap().remove(name);
            let detail = parse(body).unwrap_err().remove(0).detail;
            assert!(detail.contains(name), "{detail}");
        }
    }
}
