//! JSON values as YAML that every reader takes for the same.
//!
//! `serde_yaml` writes the text `yes` without quotes, as YAML 1.2 allows; kubectl, which reads YAML 1.1, takes that for a
//! boolean and refuses the ConfigMap. Here text is written plainly only where nobody can take it for something else.

use std::fmt::Write as _;

use serde_json::Value;

/// A document, without the dashes before it.
pub(super) fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block(&mut out, value, 0),
        Value::Array(items) if !items.is_empty() => block(&mut out, value, 0),
        _ => {
            scalar(&mut out, value, 0);
            out.push('\n');
        }
    }
    out
}

/// A mapping or list that is not empty, on lines of its own.
fn block(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                pad(out, indent);
                out.push_str(&text(key));
                out.push(':');
                child(out, value, indent);
            }
        }
        Value::Array(items) => {
            for item in items {
                pad(out, indent);
                out.push('-');
                entry(out, item, indent);
            }
        }
        _ => {}
    }
}

/// What follows `key:`.
fn child(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(out, value, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(out, value, indent + 2);
        }
        _ => {
            out.push(' ');
            scalar(out, value, indent + 2);
            out.push('\n');
        }
    }
}

/// What follows the dash of a list: a mapping starts on the same line.
fn entry(out: &mut String, value: &Value, indent: usize) {
    let nested = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        let mut inner = String::new();
        block(&mut inner, value, indent + 2);
        out.push(' ');
        out.push_str(&inner[indent + 2..]);
    } else {
        child(out, value, indent);
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        Value::String(value) if is_literal(value) => literal(out, value, indent),
        Value::String(value) => out.push_str(&text(value)),
        // Writing to a String cannot fail.
        plain => drop(write!(out, "{plain}")),
    }
}

/// Whether a text can be written line by line: more than one line, and nothing at the ends that would be lost.
fn is_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let printable =
        |c: char| c == '\n' || c == '\t' || !c.is_control() && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}');
    body.contains('\n') && !body.starts_with([' ', '\n', '\t']) && !body.ends_with('\n') && body.chars().all(printable)
}

fn literal(out: &mut String, text: &str, indent: usize) {
    out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
    }
}

/// Text on one line, in quotes unless it can only be text. Quotes and escapes of JSON are YAML's, too, but to YAML more
/// characters end a line or cannot be printed.
fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::new();
    for c in Value::from(text).to_string().chars() {
        if matches!(c, '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}') {
            // Writing to a String cannot fail.
            let _ = write!(quoted, "\\u{:04x}", u32::from(c));
        } else {
            quoted.push(c);
        }
    }
    quoted
}

fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let inside =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '_' | ' ' | '(' | ')' | ',' | ';');
    // A colon or a hash means something only beside a space.
    let safe = text.chars().all(|c| inside(c) || matches!(c, ':' | '#' | '=' | '+' | '@'))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' ']);
    // Numbers and dates start with a digit, a sign or a full stop.
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    safe && word && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}
