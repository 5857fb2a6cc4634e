//! Whether an object still has what was applied. The API server keeps account, for each manager, of the fields that it
//! applied last; who sets one to something else takes it away from those who had it.

use serde_json::Value;

/// Whether everything in `applied` still belongs to `manager`, by the metadata of the object as it is.
#[must_use]
pub fn owns_all(metadata: &Value, manager: &str, applied: &Value) -> bool {
    let entries = metadata["managedFields"].as_array();
    let is_ours = |entry: &&Value| entry["manager"] == manager && entry["operation"] == "Apply";
    let Some(entry) = entries.and_then(|all| all.iter().find(is_ours)) else { return false };
    let fields = &entry["fieldsV1"];
    applied.as_object().into_iter().flatten().all(|(key, value)| match key.as_str() {
        "apiVersion" | "kind" => true,
        "metadata" => ["labels", "annotations"].iter().all(|key| owns(&fields["f:metadata"], key, &value[*key])),
        key => owns(fields, key, value),
    })
}

fn owns(fields: &Value, key: &str, value: &Value) -> bool {
    value.is_null() || fields.get(format!("f:{key}")).is_some_and(|field| owns_value(field, value))
}

fn owns_value(field: &Value, value: &Value) -> bool {
    let Some(children) = field.as_object().filter(|children| !children.is_empty()) else {
        // A field that belongs to one manager as a whole.
        return true;
    };
    match value {
        Value::Object(map) => map.iter().all(|(key, value)| owns(field, key, value)),
        Value::Array(items) => items.iter().all(|item| {
            let mut found = children.iter().filter(|(name, _)| names(name, item));
            found.any(|(_, child)| owns_value(child, item))
        }),
        _ => true,
    }
}

/// Whether this is the name of an item of a list: `k:` and the fields that tell items apart, or `v:` and the item. What
/// the item does not say itself has its default there.
fn names(name: &str, item: &Value) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    match (name.strip_prefix("k:").map(parsed), name.strip_prefix("v:").map(parsed)) {
        (Some(Value::Object(keys)), _) => keys.iter().all(|(k, v)| item[k].is_null() || item[k] == *v),
        (_, Some(value)) => value == *item,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(spec: &Value) -> Value {
        let labels = json!({"f:labels": {"f:app": {}}});
        let ours = json!({"manager": "us", "operation": "Apply", "fieldsV1": {"f:metadata": labels, "f:spec": spec}});
        json!({"managedFields": [{"manager": "us", "operation": "Update", "fieldsV1": {}}, ours]})
    }

    #[test]
    fn a_field_that_somebody_else_set_is_not_ours_any_more() {
        let container = json!({"name": "main", "ports": [{"containerPort": 80}], "args": ["a", "b"], "command": null});
        let spec = json!({"replicas": 1, "finalizers": ["x"], "containers": [container]});
        let metadata_applied = json!({"name": "a", "namespace": "n", "labels": {"app": "a"}});
        let applied =
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata_applied, "spec": spec});
        let port = json!({r#"k:{"containerPort":80,"protocol":"TCP"}"#: {".": {}, "f:containerPort": {}}});
        let main = json!({".": {}, "f:name": {}, "f:args": {}, "f:ports": port});
        let containers = json!({r#"k:{"name":"main"}"#: main});
        let all = json!({"f:replicas": {}, "f:finalizers": {r#"v:"x""#: {}}, "f:containers": containers});
        assert!(owns_all(&metadata(&all), "us", &applied));
        assert!(!owns_all(&metadata(&all), "them", &applied));
        for (path, field) in [
            ("", "f:replicas"),
            ("/f:finalizers", r#"v:"x""#),
            ("/f:containers", r#"k:{"name":"main"}"#),
            (r#"/f:containers/k:{"name":"main"}"#, "f:args"),
            (r#"/f:containers/k:{"name":"main"}/f:ports"#, r#"k:{"containerPort":80,"protocol":"TCP"}"#),
        ] {
            let mut less = all.clone();
            let at = less.pointer_mut(path).and_then(Value::as_object_mut).unwrap();
            assert!(at.remove(field).is_some());
            // Something of somebody else is there, so that the field is no leaf.
            at.insert("f:other".to_owned(), json!({}));
            assert!(!owns_all(&metadata(&less), "us", &applied), "{path}/{field}");
        }
    }
}
