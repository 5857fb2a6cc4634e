//! Manifests -> what is applied. Pure.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::catalog::{Definition, ImageName, ImageRef, Part};

/// The label that says which cluster's run an object belongs to.
pub const INSTANCE_LABEL: &str = "e2e.kubernaut.ai/instance";
/// The annotation with the hash of what was applied.
pub const HASH_ANNOTATION: &str = "e2e.kubernaut.ai/hash";

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// Namespace; none for cluster-scoped objects.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl ObjectKey {
    /// The key of an object as the API gives it.
    #[must_use]
    pub fn of(object: &Value) -> Self {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        Self {
            api_version: text(&object["apiVersion"]),
            kind: text(&object["kind"]),
            namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
            name: text(&object["metadata"]["name"]),
        }
    }

    /// How kubectl names the kind: `deployment.apps`, `service`.
    #[must_use]
    pub fn resource(&self) -> String {
        let kind = self.kind.to_lowercase();
        match self.api_version.split_once('/') {
            Some((group, _)) => format!("{kind}.{group}"),
            None => kind,
        }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// An object as it is applied.
#[derive(Debug, Clone)]
pub struct RenderedObject {
    /// Which.
    pub key: ObjectKey,
    /// The document.
    pub value: Value,
    /// The hash of the document, which it carries as an annotation.
    pub hash: String,
}

/// What rendering needs to know.
#[derive(Debug, Clone)]
pub struct Context {
    /// The namespace of the run.
    pub namespace: String,
    /// The suffix of cluster-scoped names.
    pub instance: String,
    /// References by logical name.
    pub images: BTreeMap<ImageName, ImageRef>,
}

/// A part as it is applied.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Its objects.
    pub objects: Vec<RenderedObject>,
}

/// STUB
pub fn render(_definition: &Definition, part: &Part, context: &Context) -> Result<Rendered, String> {
    let mut objects = Vec::new();
    for object in &part.objects {
        let mut value = object.value.clone();
        let cluster =
            value["kind"].as_str().is_some_and(|k| k.starts_with("Cluster") || k == "CustomResourceDefinition");
        if !cluster {
            value["metadata"]["namespace"] = context.namespace.clone().into();
        }
        images(&mut value, context);
        objects.push(finish(value, &context.instance));
    }
    Ok(Rendered { objects })
}

fn images(value: &mut Value, context: &Context) {
    match value {
        Value::Object(map) => {
            let mut never = false;
            for (k, v) in map.iter_mut() {
                if k == "image" {
                    if let Some(r) = v.as_str().and_then(|s| context.images.get(&ImageName::new(s))) {
                        *v = r.as_str().into();
                        never = true;
                        continue;
                    }
                }
                images(v, context);
            }
            if never {
                map.insert("imagePullPolicy".to_owned(), "Never".into());
            }
        }
        Value::Array(a) => a.iter_mut().for_each(|v| images(v, context)),
        _ => {}
    }
}

fn finish(mut value: Value, instance: &str) -> RenderedObject {
    value["metadata"]["labels"][INSTANCE_LABEL] = instance.into();
    let hash: String = Sha256::digest(value.to_string()).iter().take(6).map(|b| format!("{b:02x}")).collect();
    value["metadata"]["annotations"][HASH_ANNOTATION] = hash.clone().into();
    RenderedObject { key: ObjectKey::of(&value), value, hash }
}

/// The namespace of the run.
#[must_use]
pub fn namespace(name: &str, instance: &str) -> RenderedObject {
    finish(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}), instance)
}

/// Documents for kubectl.
#[must_use]
pub fn yaml(objects: &[RenderedObject]) -> String {
    objects.iter().map(|o| format!("---\n{}\n", o.value)).collect()
}

/// Documents for the evidence.
#[must_use]
pub fn yaml_without_secrets(objects: &[RenderedObject]) -> String {
    let shown: Vec<RenderedObject> = objects.iter().filter(|o| o.key.kind != "Secret").cloned().collect();
    yaml(&shown)
}
