//! The shapes as JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::shape::{DEFINITION, Need, Record, Shape, THIRD_PARTY};

/// The schema of `e2e.yaml`.
#[must_use]
pub fn definition_schema() -> Value {
    document("e2e.yaml", &DEFINITION)
}

/// The schema of `image.yaml`.
#[must_use]
pub fn image_schema() -> Value {
    document("image.yaml", &THIRD_PARTY)
}

fn document(title: &str, shape: &Record) -> Value {
    let mut schema = record(shape, None);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema
}

fn value(shape: &Shape) -> Value {
    match shape {
        Shape::Text(kind) => json!({"type": "string", "pattern": kind.pattern()}),
        Shape::Integer(min, max) if min == max => json!({"const": min}),
        Shape::Integer(min, max) => json!({"type": "integer", "minimum": min, "maximum": max}),
        Shape::Choice(words) => json!({"enum": words}),
        Shape::List(item) => json!({"type": "array", "items": value(item)}),
        Shape::Record(shape) => record(shape, None),
        Shape::Tagged(tag, variants) => {
            let variants: Vec<Value> =
                variants.iter().map(|(word, shape)| record(shape, Some((*tag, *word)))).collect();
            json!({"oneOf": variants})
        }
    }
}

fn record(shape: &Record, tag: Option<(&str, &str)>) -> Value {
    let mut properties = Map::new();
    let mut required: Vec<&str> = Vec::new();
    if let Some((name, word)) = tag {
        properties.insert(name.to_owned(), json!({"const": word}));
        required.push(name);
    }
    for field in shape.fields {
        let mut property = value(&field.shape);
        property["description"] = json!(field.about);
        properties.insert(field.name.to_owned(), property);
        if field.need == Need::Required {
            required.push(field.name);
        }
    }
    json!({
        "type": "object",
        "description": shape.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
