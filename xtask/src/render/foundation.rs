//! What a Job stands on. It did its work in what was there then: where that is replaced, as a database by an empty one, the
//! work is to be done again, though the Job itself is the same.

use serde_json::{Value, json};

use super::{Context, RenderError, hash, images, set};
use crate::catalog::{Definition, Part};

/// The annotation of a Job.
const FOUNDATION_HASH: &str = "e2e.kubernaut.ai/foundation-hash";

/// Annotates a Job with what its part depends on, directly or not, by the manifests and the images that they run.
pub(super) fn put(
    job: &mut Value,
    definition: &Definition,
    part: &Part,
    context: &Context<'_>,
) -> Result<(), RenderError> {
    let mut all = Vec::new();
    for (definition, part) in context.catalog.foundation(definition, part) {
        let part = context.catalog.definitions.get(&definition).and_then(|d| d.part(&part));
        for object in part.into_iter().flat_map(|p| &p.objects) {
            let mut value = object.value.clone();
            images::put(&mut value, context).map_err(|name| RenderError::image(object, name))?;
            all.push(value);
        }
    }
    if !all.is_empty() {
        set(job, &["metadata", "annotations"], FOUNDATION_HASH, json!(hash::of(&json!(all))));
    }
    Ok(())
}
