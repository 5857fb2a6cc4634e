//! Labels that say whose an object is: what the next run finds, prunes and waits by.

use serde_json::{Value, json};

use super::{Context, set, walk};
use crate::{
    catalog::{Definition, Part},
    object::pod_template,
};

/// The label that tells our objects from others.
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
/// Its value.
pub const MANAGER: &str = "kubernaut-e2e";
/// The label with the definition's name.
pub const DEFINITION_LABEL: &str = "e2e.kubernaut.ai/definition";
/// The label with the part's name.
pub const PART_LABEL: &str = "e2e.kubernaut.ai/part";
/// The label with the instance.
pub const INSTANCE_LABEL: &str = "e2e.kubernaut.ai/instance";
/// The annotation with the object's hash.
pub const HASH_ANNOTATION: &str = "e2e.kubernaut.ai/hash";
/// The annotation of an object that somebody had changed, with the version that it had then: it tells the object as it was
/// applied again from the one before, though both have one hash.
pub const MENDED_ANNOTATION: &str = "e2e.kubernaut.ai/mended";

/// Labels an object and the pods that come of it.
pub(super) fn put(object: &mut Value, definition: &Definition, part: &Part, context: &Context<'_>) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    label(object, definition, part, context);
    // A Pod is its own template.
    if let Some(pod) = pod_template(&kind).filter(|keys| !keys.is_empty()).and_then(|keys| walk(object, keys)) {
        label(pod, definition, part, context);
    }
}

fn label(object: &mut Value, definition: &Definition, part: &Part, context: &Context<'_>) {
    let mut put = |key, value| set(object, &["metadata", "labels"], key, value);
    put(DEFINITION_LABEL, json!(definition.name));
    put(PART_LABEL, json!(part.name));
    instance(object, &context.instance);
}

/// Labels an object with the instance, where there is one.
pub(super) fn instance(object: &mut Value, instance: &str) {
    let mut put = |key, value| set(object, &["metadata", "labels"], key, value);
    put(MANAGED_BY_LABEL, json!(MANAGER));
    if !instance.is_empty() {
        put(INSTANCE_LABEL, json!(instance));
    }
}
