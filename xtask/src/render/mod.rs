//! Manifests -> the objects that are applied: image references, namespace, names, labels, hashes.
//!
//! A typed transform, no templates. Pure: it reads no file and no clock, and the same input gives the same text.

mod config;
mod foundation;
mod hash;
mod images;
mod labels;
mod patience;
mod place;
mod yaml;

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use serde_json::{Value, json};

pub use labels::{
    DEFINITION_LABEL, HASH_ANNOTATION, INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER, MENDED_ANNOTATION, PART_LABEL,
};
use place::Known;

pub use crate::object::ObjectKey;

use crate::catalog::{Catalog, Definition, ImageName, ImageRef, Object, Part};

/// What rendering depends on besides the manifests.
#[derive(Debug, Clone)]
pub struct Context<'c> {
    /// Everything that there is to set up.
    pub catalog: &'c Catalog,
    /// The one namespace of the run.
    pub namespace: String,
    /// Ends the names of what belongs to no namespace, so that two runs can share a cluster; nothing ends them when it is
    /// empty.
    pub instance: String,
    /// The reference of each logical name.
    pub images: BTreeMap<ImageName, ImageRef>,
    /// What the whole catalogue has that has no namespace.
    known: Known,
}

/// A part as it is applied.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// In the order in which they are best applied.
    pub objects: Vec<RenderedObject>,
    /// Changes when any object does.
    pub hash: String,
}

/// An object as it is applied.
#[derive(Debug, Clone)]
pub struct RenderedObject {
    /// Which object of the cluster it is.
    pub key: ObjectKey,
    /// The object, with its hash as annotation.
    pub value: Value,
    /// Changes when the object does.
    pub hash: String,
    /// The manifest's file, relative to the root, and line from 1; none for what no manifest has.
    pub source: (PathBuf, usize),
}

impl RenderedObject {
    /// The same, to be applied over what somebody made of it; `version` is the one that is replaced.
    #[must_use]
    pub fn mended(&self, version: &str) -> Self {
        let mut mended = self.clone();
        set(&mut mended.value, &["metadata", "annotations"], MENDED_ANNOTATION, json!(version));
        mended
    }

    /// The annotation, and its value, by which the object as it is applied is told from the one before.
    #[must_use]
    pub fn mark(&self) -> (&'static str, String) {
        match self.value["metadata"]["annotations"][MENDED_ANNOTATION].as_str() {
            Some(version) => (MENDED_ANNOTATION, version.to_owned()),
            None => (HASH_ANNOTATION, self.hash.clone()),
        }
    }
}

/// Why a part cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The plan has no reference for an image.
    #[error("{file}:{line}: the image `{name}` has no reference in this run", file = .source_file.display())]
    Image {
        /// The manifest.
        source_file: PathBuf,
        /// The line where the object starts.
        line: usize,
        /// The logical name.
        name: String,
    },
}

impl<'c> Context<'c> {
    /// For a run that puts everything into one namespace.
    #[must_use]
    pub fn new(catalog: &'c Catalog, namespace: &str, instance: &str, images: BTreeMap<ImageName, ImageRef>) -> Self {
        let known = Known::of(catalog);
        Self { catalog, namespace: namespace.to_owned(), instance: instance.to_owned(), images, known }
    }
}

/// Renders a part of a definition.
pub fn render(definition: &Definition, part: &Part, context: &Context<'_>) -> Result<Rendered, RenderError> {
    let mut objects = Vec::with_capacity(part.objects.len());
    for object in &part.objects {
        objects.push(render_object(object, definition, part, context)?);
    }
    objects.sort_by_key(|o| rank(&o.key.kind));
    let hashes: Value = objects.iter().map(|o| o.hash.as_str()).collect();
    Ok(Rendered { hash: hash::of(&hashes), objects })
}

/// The namespace of the run.
#[must_use]
pub fn namespace(name: &str, instance: &str) -> RenderedObject {
    let mut value = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    labels::instance(&mut value, instance);
    finish(value, (PathBuf::new(), 0))
}

/// Objects as documents for kubectl.
#[must_use]
pub fn yaml(objects: &[RenderedObject]) -> String {
    documents(objects.iter())
}

/// The same for the evidence.
#[must_use]
pub fn yaml_without_secrets(objects: &[RenderedObject]) -> String {
    documents(objects.iter().filter(|o| o.key.kind != "Secret"))
}

fn documents<'o>(objects: impl Iterator<Item = &'o RenderedObject>) -> String {
    let mut text = String::new();
    for object in objects {
        let (file, line) = &object.source;
        text.push_str("---\n");
        if *line > 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# {}:{line}", file.display());
        }
        text.push_str(&yaml::document(&object.value));
    }
    text
}

fn render_object(
    object: &Object,
    definition: &Definition,
    part: &Part,
    context: &Context<'_>,
) -> Result<RenderedObject, RenderError> {
    let mut value = object.value.clone();
    images::put(&mut value, context).map_err(|name| RenderError::image(object, name))?;
    place::put(&mut value, context);
    labels::put(&mut value, definition, part, context);
    patience::put(&mut value);
    config::put(&mut value, object, definition, context)?;
    if object.kind() == "Job" {
        foundation::put(&mut value, definition, part, context)?;
        name_by_content(&mut value);
    }
    Ok(finish(value, object.source.clone()))
}

impl RenderError {
    fn image(object: &Object, name: String) -> Self {
        Self::Image { source_file: object.source.0.clone(), line: object.source.1, name }
    }
}

fn finish(mut value: Value, source: (PathBuf, usize)) -> RenderedObject {
    let hash = hash::of(&value);
    set(&mut value, &["metadata", "annotations"], HASH_ANNOTATION, json!(hash));
    RenderedObject { key: ObjectKey::of(&value), value, hash, source }
}

/// A Job cannot be changed, so another content is another Job; the old one is pruned. What it stands on is content too.
fn name_by_content(job: &mut Value) {
    // The pods' names get up to six more characters, and a label holds 63.
    const LONGEST: usize = 63 - 6 - 1 - 8;
    let digest = hash::of(job);
    let name = job["metadata"]["name"].as_str().unwrap_or_default();
    let stem: String = name.chars().take(LONGEST).collect();
    let name = format!("{}-{}", stem.trim_end_matches(['-', '.']), &digest[..8]);
    job["metadata"]["name"] = json!(name);
}

/// What lies at the end of these keys, where everything on the way is a mapping.
fn walk<'v>(value: &'v mut Value, keys: &[&str]) -> Option<&'v mut Value> {
    keys.iter().try_fold(value, |value, key| value.get_mut(*key))
}

/// Sets a key of the mapping at the end of these keys, and makes mappings of what is none on the way.
fn set(value: &mut Value, keys: &[&str], key: &str, to: Value) {
    let mut at = value;
    for key in keys {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[*key];
    }
    if !at.is_object() {
        *at = json!({});
    }
    at[key] = to;
}

/// What others use goes first, or their pods would start with an error; what intercepts requests goes last.
fn rank(kind: &str) -> usize {
    const ORDER: [&[&str]; 7] = [
        &["Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "RuntimeClass"],
        &["ServiceAccount", "ClusterRole", "Role"],
        &["ClusterRoleBinding", "RoleBinding", "Secret", "ConfigMap", "ResourceQuota", "LimitRange"],
        &["PersistentVolume", "PersistentVolumeClaim", "Service", "NetworkPolicy"],
        &[],
        &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"],
        &["APIService", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
    ];
    const OTHERS: usize = 4;
    ORDER.iter().position(|kinds| kinds.contains(&kind)).unwrap_or(OTHERS)
}

#[cfg(test)]
mod tests;
