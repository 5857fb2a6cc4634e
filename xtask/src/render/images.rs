//! Logical image names -> references, and the pull policy that goes with them.

use serde_json::{Value, json};

use super::{Context, walk};
use crate::{
    catalog::{IMAGE_SCHEME, ImageName, ImageRef, mentioned_images, replace_images},
    object::{CONTAINERS, pod_template},
};

/// Puts references in place of names. The error is a name that has none.
pub(super) fn put(object: &mut Value, context: &Context<'_>) -> Result<(), String> {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    if let Some(pod) = pod_template(&kind).and_then(|keys| walk(object, keys)) {
        for list in CONTAINERS {
            let containers = walk(pod, &["spec", list]).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                self::container(container, context)?;
            }
        }
    }
    mentions(object, context)
}

fn container(container: &mut Value, context: &Context<'_>) -> Result<(), String> {
    let Some(image) = container["image"].as_str() else { return Ok(()) };
    let name = image.strip_prefix(IMAGE_SCHEME).unwrap_or(image);
    if name.contains('/') {
        // The node has it itself, or fetches it.
        container["imagePullPolicy"] = json!("IfNotPresent");
        return Ok(());
    }
    // Ours are loaded into the node; no registry has them, and one that had the name would have something else.
    let reference = context.images.get(&ImageName::new(name)).ok_or_else(|| name.to_owned())?;
    container["image"] = json!(reference);
    container["imagePullPolicy"] = json!("Never");
    Ok(())
}

fn mentions(value: &mut Value, context: &Context<'_>) -> Result<(), String> {
    match value {
        Value::Object(map) => map.values_mut().try_for_each(|v| mentions(v, context)),
        Value::Array(items) => items.iter_mut().try_for_each(|v| mentions(v, context)),
        Value::String(text) if text.contains(IMAGE_SCHEME) => {
            let reference = |name: &str| context.images.get(&ImageName::new(name)).map(ImageRef::as_str);
            if let Some(name) = mentioned_images(text).into_iter().find(|name| reference(name).is_none()) {
                return Err(name.to_owned());
            }
            *text = replace_images(text, reference);
            Ok(())
        }
        _ => Ok(()),
    }
}
