//! Labels that policies make up. They go into a status and from there to other services, so their number and size are
//! bounded, and the platform's own prefix is kept from them.

use std::collections::BTreeMap;

use crate::policy::PolicyError;

const MOST_LABELS: usize = 10;
const MOST_VALUES: usize = 5;
const LONGEST_KEY: usize = 63;
const LONGEST_VALUE: usize = 100;
const RESERVED_PREFIX: &str = "kubernaut.ai/";

/// What the policy says: a value or several for each label.
pub(super) fn from_answer(answer: serde_json::Value) -> Result<BTreeMap<String, Vec<String>>, PolicyError> {
    let wrong = |what: String| PolicyError::new(format!("labels: {what}"));
    let serde_json::Value::Object(said) = answer else {
        return Err(PolicyError::answer("labels", "an object", &answer));
    };
    if said.len() > MOST_LABELS {
        return Err(wrong(format!("{} of them, at most {MOST_LABELS} are allowed", said.len())));
    }
    let mut labels = BTreeMap::new();
    for (key, value) in said {
        if key.is_empty() || key.len() > LONGEST_KEY || key.starts_with(RESERVED_PREFIX) {
            return Err(wrong(format!("{key:?} is reserved, empty or longer than {LONGEST_KEY}")));
        }
        let values = values(value).ok_or_else(|| wrong(format!("{key}: neither a string nor strings")))?;
        if values.len() > MOST_VALUES || values.iter().any(|value| value.len() > LONGEST_VALUE) {
            return Err(wrong(format!("{key}: more than {MOST_VALUES} values, or one longer than {LONGEST_VALUE}")));
        }
        labels.insert(key, values);
    }
    Ok(labels)
}

fn values(value: serde_json::Value) -> Option<Vec<String>> {
    match value {
        serde_json::Value::String(one) => Some(vec![one]),
        serde_json::Value::Array(several) => several.into_iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_value_or_several() {
        let labels = from_answer(json!({"team": "payments", "risk": ["a", "b"]})).unwrap();
        assert_eq!(labels["team"], ["payments"]);
        assert_eq!(labels["risk"], ["a", "b"]);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let many: serde_json::Map<_, _> = (0..11).map(|n| (format!("k{n}"), json!("v"))).collect();
        let cases = [
            json!("text"),
            json!({"kubernaut.ai/team": "x"}),
            json!({"": "x"}),
            json!({"team": 3}),
            json!({"team": ["a", 3]}),
            json!({"team": ["1", "2", "3", "4", "5", "6"]}),
            json!({"team": "x".repeat(101)}),
            many.into(),
        ];
        for case in cases {
            assert!(from_answer(case.clone()).is_err(), "{case}");
        }
    }
}
