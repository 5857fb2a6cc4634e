//! `docs/json.md` shows what is printed.

use serde_json::Value;

use crate::bench::Bench;

/// Each command of the document with its example.
fn examples() -> Vec<(String, Value)> {
    let document = include_str!("../../../docs/json.md");
    let sections = document.split("\n## `cargo xtask ").skip(1);
    let example = |section: &str| {
        let (command, rest) = section.split_once('`').unwrap();
        let json = rest.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
        (command.to_owned(), serde_json::from_str(json).unwrap())
    };
    sections.map(example).collect()
}

/// What the document shows is there, and of the same type. Of lists the first elements are compared, and of tables, whose
/// keys are names of something, the values that both have.
fn compare(shown: &Value, printed: &Value, at: &str) {
    match (shown, printed) {
        (Value::Object(shown), Value::Object(printed)) => {
            for (key, value) in shown {
                let other = printed.get(key).unwrap_or_else(|| panic!("{at}.{key} is not printed: {printed:?}"));
                compare(value, other, &format!("{at}.{key}"));
            }
        }
        (Value::Array(shown), Value::Array(printed)) if !shown.is_empty() => {
            let first = printed.first().unwrap_or_else(|| panic!("{at} is empty"));
            compare(&shown[0], first, &format!("{at}[0]"));
        }
        _ => {
            let kind = |value: &Value| std::mem::discriminant(value);
            assert_eq!(kind(shown), kind(printed), "{at}: {shown} is shown, {printed} is printed");
        }
    }
}

#[test]
fn the_document_shows_what_is_printed() {
    let bench = Bench::new();
    let examples = examples();
    assert_eq!(examples.len(), 4);
    for (command, shown) in examples {
        let args: Vec<&str> = command.split_whitespace().collect();
        compare(&shown, &bench.json(&args), &command);
    }
}
