//! All YAML of a run together: service definitions, the manifests that they name, kind configurations.
//! It must not judge.

use std::collections::HashMap;

use crate::front::yaml::Yaml;
use crate::package::Parsed;
use crate::source::{Language, Span};

/// Everything that is written in YAML.
pub struct World<'a> {
    /// Service definitions.
    pub definitions: Vec<Definition<'a>>,
    /// Kubernetes objects.
    pub objects: Vec<Object<'a>>,
    /// kind configurations.
    pub clusters: Vec<(&'a Parsed, &'a Yaml)>,
    /// Containerfiles.
    pub containerfiles: Vec<&'a Parsed>,
    /// Names of images that are built or declared here.
    pub images: Vec<String>,
    /// Image names that a kustomization replaces, by directory.
    pub replaced: Vec<(&'a str, &'a str)>,
    /// Files that only change what others describe.
    patches: Vec<String>,
}

/// One `e2e.yaml`.
pub struct Definition<'a> {
    /// Its file.
    pub file: &'a Parsed,
    /// Its document.
    pub document: &'a Yaml,
    /// Its parts.
    pub parts: Vec<Part<'a>>,
}

/// One part of a definition.
pub struct Part<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its node.
    pub node: &'a Yaml,
    /// What it waits for.
    pub after: Vec<&'a str>,
}

/// One Kubernetes object.
pub struct Object<'a> {
    /// Its file.
    pub file: &'a Parsed,
    /// Its document.
    pub document: &'a Yaml,
    /// Its kind.
    pub kind: &'a str,
    /// The definition and part that apply it, by index.
    pub owner: Option<(usize, usize)>,
}

impl<'a> World<'a> {
    /// Sorts what was parsed; some images are known to be built here.
    #[must_use]
    pub fn new(files: &'a [Parsed], images: Vec<String>) -> Self {
        let mut world = Self {
            definitions: Vec::new(),
            objects: Vec::new(),
            clusters: Vec::new(),
            containerfiles: Vec::new(),
            images,
            replaced: Vec::new(),
            patches: Vec::new(),
        };
        for file in files {
            match file.source.language {
                Language::Yaml => file.unit.documents.iter().for_each(|document| world.document(file, document)),
                Language::Containerfile => world.containerfiles.push(file),
                _ => {}
            }
        }
        world.objects.retain(|object| !world.patches.contains(&object.file.source.path));
        world.own();
        world
    }

    fn document(&mut self, file: &'a Parsed, document: &'a Yaml) {
        let name = file.source.path.rsplit('/').next().unwrap_or_default();
        if name == "e2e.yaml" && document.get("parts").is_some() {
            self.images.extend(
                document.items_at(&["images"]).iter().filter_map(|image| image.text_at(&["name"])).map(str::to_owned),
            );
            let parts = document.items_at(&["parts"]).iter().filter_map(part).collect();
            self.definitions.push(Definition { file, document, parts });
        } else if name == "image.yaml" && document.get("reference").is_some() {
            self.images.extend(document.text_at(&["name"]).map(str::to_owned));
        } else if let (Some(version), Some(kind)) = (document.text_at(&["apiVersion"]), document.text_at(&["kind"])) {
            if version.starts_with("kind.x-k8s.io") {
                self.clusters.push((file, document));
            } else if kind == "Kustomization" {
                let names = document.items_at(&["images"]).iter().filter_map(|image| image.text_at(&["name"]));
                let here = directory(&file.source.path);
                self.replaced.extend(names.map(|name| (here, name)));
                self.patches.extend(patches(document).map(|path| join(here, path)));
            } else if kind.ends_with("List") && document.get("items").is_some() {
                document.items_at(&["items"]).iter().for_each(|item| self.document(file, item));
            } else {
                self.objects.push(Object { file, document, kind, owner: None });
            }
        }
    }

    /// Finds the part that applies each object.
    fn own(&mut self) {
        let mut owners: HashMap<String, (usize, usize)> = HashMap::new();
        for (index, definition) in self.definitions.iter().enumerate() {
            let here = directory(&definition.file.source.path);
            for (at, part) in definition.parts.iter().enumerate() {
                for manifest in part.node.items_at(&["manifests"]).iter().filter_map(Yaml::text) {
                    owners.insert(join(here, manifest), (index, at));
                }
            }
        }
        for object in &mut self.objects {
            let path = object.file.source.path.as_str();
            object.owner = owners.get(path).or_else(|| owners.get(directory(path))).copied();
        }
    }

    /// The objects of a part.
    pub fn of_part(&self, owner: (usize, usize)) -> impl Iterator<Item = &Object<'a>> {
        self.objects.iter().filter(move |object| object.owner == Some(owner))
    }

    /// Whether an image is built or declared here.
    #[must_use]
    pub fn is_ours(&self, image: &str) -> bool {
        self.images.iter().any(|name| name == image)
    }
}

/// A part, by its definition's index and its own.
pub type At = (usize, usize);

impl World<'_> {
    /// Whether a part waits for another, directly or through others.
    #[must_use]
    pub fn waits(&self, from: At, target: At) -> bool {
        let mut seen: Vec<At> = Vec::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            for after in &self.definitions[at.0].parts[at.1].after {
                open.extend(self.named(at.0, after));
            }
            if open.contains(&target) {
                return true;
            }
        }
        false
    }

    /// The parts that an `after` means: a part of its own definition, one of another, or all of another.
    fn named(&self, own: usize, after: &str) -> Vec<At> {
        let of = |index: usize, name: Option<&str>| {
            let parts = self.definitions[index].parts.iter().enumerate();
            parts.filter(|(_, part)| name.is_none_or(|name| part.name == name)).map(|(at, _)| (index, at)).collect()
        };
        let index = |name: &str| self.definitions.iter().position(|definition| definition.name() == name);
        if let Some((definition, part)) = after.split_once('/') {
            return index(definition).map_or_else(Vec::new, |index| of(index, Some(part)));
        }
        let here: Vec<At> = of(own, Some(after));
        if here.is_empty() { index(after).map_or(here, |index| of(index, None)) } else { here }
    }

    /// Whether a definition is set up with another one: it needs it, directly or through others.
    #[must_use]
    pub fn is_with(&self, definition: usize, other: usize) -> bool {
        let mut seen = vec![definition];
        let mut at = 0;
        while let Some(&index) = seen.get(at) {
            let needs = self.definitions[index].document.items_at(&["needs"]).iter().filter_map(Yaml::text);
            let found = needs.filter_map(|name| self.definitions.iter().position(|known| known.name() == name));
            let new: Vec<usize> = found.filter(|index| !seen.contains(index)).collect();
            seen.extend(new);
            at += 1;
        }
        seen.contains(&other)
    }
}

impl<'a> Definition<'a> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.document.text_at(&["name"]).unwrap_or_default()
    }
}

impl<'a> Object<'a> {
    /// The pod template's spec, or the pod's.
    #[must_use]
    pub fn pod(&self) -> Option<&'a Yaml> {
        match self.kind {
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => {
                self.document.at(&["spec", "template", "spec"])
            }
            "Pod" => self.document.get("spec"),
            "CronJob" => self.document.at(&["spec", "jobTemplate", "spec", "template", "spec"]),
            _ => None,
        }
    }

    /// Its containers.
    #[must_use]
    pub fn containers(&self) -> &'a [Yaml] {
        self.pod().map_or(&[], |pod| pod.items_at(&["containers"]))
    }

    /// Containers and init containers.
    pub fn all_containers(&self) -> impl Iterator<Item = &'a Yaml> {
        self.containers().iter().chain(self.pod().map_or(&[][..], |pod| pod.items_at(&["initContainers"])))
    }

    /// The group of its kind; empty for the core's.
    #[must_use]
    pub fn group(&self) -> &'a str {
        let version = self.document.text_at(&["apiVersion"]).unwrap_or_default();
        version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.document.text_at(&["metadata", "name"]).unwrap_or_default()
    }

    /// Whether it is set up for tests: applied by a definition, or kept where tests are. What has no name of its own is
    /// created by a test, over and over, and not applied.
    #[must_use]
    pub fn for_tests(&self) -> bool {
        let parts = || self.file.source.path.split('/');
        let kept = || {
            parts().any(|part| matches!(part, "e2e" | "test" | "tests" | "test-infra" | "testinfra" | "integration"))
        };
        self.owner.is_some() || !self.name().is_empty() && kept()
    }

    /// Whether this is what an API server told of an object, and no manifest.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        let metadata = self.document.get("metadata");
        ["managedFields", "ownerReferences", "uid", "resourceVersion"]
            .iter()
            .any(|key| metadata.is_some_and(|metadata| metadata.get(key).is_some()))
    }

    /// Where it is spoken of: its kind's line.
    #[must_use]
    pub fn head(&self) -> Span {
        self.document.entry("kind").map_or(self.document.span, |(key, value)| Span::new(key.span.start, value.span.end))
    }
}

fn part(node: &Yaml) -> Option<Part<'_>> {
    let after = node.items_at(&["after"]).iter().filter_map(Yaml::text).collect();
    Some(Part { name: node.text_at(&["name"])?, node, after })
}

/// Files that a kustomization patches with.
fn patches(document: &Yaml) -> impl Iterator<Item = &str> {
    let paths = |key: &str| document.items_at(&[key]).iter().filter_map(|patch| patch.text_at(&["path"]));
    let merged = document.items_at(&["patchesStrategicMerge"]).iter().filter_map(Yaml::text);
    paths("patches").chain(paths("patchesJson6902")).chain(merged)
}

/// The directory of a path.
#[must_use]
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The path that a file in a directory means.
#[must_use]
pub fn join(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => _ = parts.pop(),
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if directory.starts_with('/') { format!("/{joined}") } else { joined }
}
