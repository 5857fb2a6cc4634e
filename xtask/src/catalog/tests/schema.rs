//! The schema files are what the shapes say. `UPDATE_SCHEMA=1 cargo test -p xtask schema` rewrites them.

use std::path::PathBuf;

use fs_err as fs;
use serde_json::Value;

use crate::catalog::{definition_schema, image_schema};

#[test]
#[expect(clippy::disallowed_methods, reason = "a test has no command line")]
fn schema_files_are_current() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../schema");
    for (file, schema) in [("e2e.schema.json", definition_schema()), ("image.schema.json", image_schema())] {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join(file), &text).unwrap();
        }
        let there = fs::read_to_string(dir.join(file)).unwrap_or_default();
        assert!(there == text, "schema/{file} is not current; to mend: UPDATE_SCHEMA=1 cargo test -p xtask schema");
    }
}

#[test]
fn every_record_is_closed_and_every_field_explained() {
    fn walk(schema: &Value) {
        if schema["type"] == "object" {
            assert_eq!(schema["additionalProperties"], false, "{schema:#}");
            for (name, property) in schema["properties"].as_object().unwrap() {
                let explained = property["description"].is_string() || property["const"].is_string();
                assert!(explained, "{name}");
                walk(property);
            }
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            variants.iter().for_each(walk);
        }
        if schema["type"] == "array" {
            walk(&schema["items"]);
        }
    }
    walk(&definition_schema());
    walk(&image_schema());
}
