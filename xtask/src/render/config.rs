//! Pods whose configuration changes are replaced: their template carries a hash of the ConfigMaps and Secrets that they
//! read. Without it a changed ConfigMap would be applied, and nobody would read it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Context, RenderError, hash, images, set, walk};
use crate::{
    catalog::{Definition, Object},
    object::pod_template,
};

/// The annotation of a pod template.
const CONFIG_HASH: &str = "e2e.kubernaut.ai/config-hash";

/// Annotates the pod template of an object that reads any.
pub(super) fn put(
    value: &mut Value,
    object: &Object,
    definition: &Definition,
    context: &Context<'_>,
) -> Result<(), RenderError> {
    let Some(pod) = pod_template(object.kind()).and_then(|keys| walk(value, keys)) else { return Ok(()) };
    let mut read = BTreeMap::new();
    for config in context.catalog.configs_of(definition, object) {
        let mut held = config.object.value.clone();
        images::put(&mut held, context).map_err(|name| RenderError::image(config.object, name))?;
        let held = json!([held["data"], held["binaryData"], held["stringData"]]);
        read.insert(format!("{}/{}", config.object.kind(), config.object.name()), hash::of(&held));
    }
    if !read.is_empty() {
        set(pod, &["metadata", "annotations"], CONFIG_HASH, json!(hash::of(&json!(read))));
    }
    Ok(())
}
