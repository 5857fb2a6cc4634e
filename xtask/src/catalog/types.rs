//! The domain types: valid by construction once [`Catalog`] exists.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use serde_json::Value;

use super::{ImageName, ImageRef, Name};

/// How a text that is no `image:` field starts when it names an image: `image://NAME`.
pub const IMAGE_SCHEME: &str = "image://";

/// All definitions and third-party images of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The workspace's root; every other path here is relative to it.
    pub root: PathBuf,
    /// Services, backing parts and stand-ins by name.
    pub definitions: BTreeMap<Name, Definition>,
    /// Images that are not built from this workspace.
    pub third_party: BTreeMap<ImageName, ThirdParty>,
}

/// One `e2e.yaml`.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its name, that of its directory.
    pub name: Name,
    /// Its directory, relative to the root.
    pub dir: PathBuf,
    /// One line for people.
    pub about: String,
    /// Images built from this workspace.
    pub images: Vec<OwnImage>,
    /// Definitions that are set up too, in no order.
    pub needs: Vec<Name>,
    /// What is applied, each part on its own.
    pub parts: Vec<Part>,
    /// What is reached from the host.
    pub ports: Vec<HostPort>,
    /// What must answer once everything is Ready.
    pub checks: Vec<Check>,
    /// Its end-to-end tests.
    pub test: Option<TestTarget>,
    /// Definitions that its tests break on purpose: they share no cluster with who needs those.
    pub breaks: Vec<Name>,
}

/// An image built from this workspace.
#[derive(Debug, Clone)]
pub struct OwnImage {
    /// What manifests call it.
    pub name: ImageName,
    /// How it is built.
    pub build: Build,
}

/// How an image is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// One static service binary, in an image with nothing else.
    Cargo {
        /// The cargo package.
        package: String,
        /// The binary of that package.
        binary: String,
    },
    /// Whatever a Containerfile says.
    Containerfile {
        /// Build context, relative to the root.
        context: PathBuf,
        /// The Containerfile, relative to the root.
        file: PathBuf,
        /// How many cores' worth of the machine its build takes.
        weight: usize,
    },
}

/// Objects that are applied together.
#[derive(Debug, Clone)]
pub struct Part {
    /// Unique within its definition.
    pub name: Name,
    /// In the order of the files.
    pub objects: Vec<Object>,
    /// Hard edges: all of these must be Ready before this part is applied.
    pub after: Vec<PartRef>,
    /// How long its objects may take from being applied to being Ready.
    pub timeout: Duration,
}

/// A part, or a whole definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartRef {
    /// The definition.
    pub definition: Name,
    /// The part; all parts where there is none.
    pub part: Option<Name>,
}

/// One Kubernetes object as its manifest has it.
#[derive(Debug, Clone)]
pub struct Object {
    /// The document.
    pub value: Value,
    /// The file, relative to the root, and the line (from 1) where the document starts.
    pub source: (PathBuf, usize),
}

/// A port of a Service, reachable on 127.0.0.1.
#[derive(Debug, Clone)]
pub struct HostPort {
    /// Unique in the whole catalogue; tests get `E2E_URL_<NAME>`.
    pub name: Name,
    /// How its URL starts.
    pub scheme: Scheme,
    /// The Kubernetes Service.
    pub service: String,
    /// The Service's port.
    pub port: u16,
    /// The port on the node.
    pub node_port: u16,
    /// The wanted port on the host.
    pub host_port: u16,
}

/// How the URL of a port starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `http://`
    Http,
    /// `postgres://`
    Postgres,
    /// `redis://`
    Redis,
    /// `tcp://`
    Tcp,
}

/// An HTTP request from the host that must be answered as said.
#[derive(Debug, Clone)]
pub struct Check {
    /// One of the definition's ports.
    pub port: Name,
    /// Path and query.
    pub path: String,
    /// The wanted status code.
    pub status: u16,
}

/// A test target of a cargo package.
#[derive(Debug, Clone)]
pub struct TestTarget {
    /// The cargo package.
    pub package: String,
    /// The `[[test]]` target.
    pub target: String,
}

/// One `image.yaml`: an image that comes from elsewhere.
#[derive(Debug, Clone)]
pub struct ThirdParty {
    /// What manifests call it.
    pub name: ImageName,
    /// What is pulled where a registry can be reached.
    pub reference: ImageRef,
    /// Further references that count as this image when an engine or a cache has them.
    pub also: Vec<ImageRef>,
    /// How it is made where none can be reached.
    pub recipe: Option<Recipe>,
}

/// How a third-party image is made on this machine.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Its directory, relative to the root; everything in it goes into the tag.
    pub dir: PathBuf,
    /// What makes it, relative to the root.
    pub script: PathBuf,
    /// The reference of what it makes: the tag is a digest of the recipe and of those that it needs.
    pub reference: ImageRef,
    /// Third-party images that it starts from.
    pub needs: Vec<ImageName>,
}

impl Object {
    /// `apiVersion`, or nothing.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.value["apiVersion"].as_str().unwrap_or_default()
    }

    /// `kind`, or nothing.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.value["kind"].as_str().unwrap_or_default()
    }

    /// `metadata.name`, or nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        self.value["metadata"]["name"].as_str().unwrap_or_default()
    }
}

impl Scheme {
    /// The part of a URL before the host.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Postgres => "postgres://",
            Self::Redis => "redis://",
            Self::Tcp => "tcp://",
        }
    }
}

impl Definition {
    /// The part with this name.
    #[must_use]
    pub fn part(&self, name: &Name) -> Option<&Part> {
        self.parts.iter().find(|p| p.name == *name)
    }
}

impl Catalog {
    /// The parts that a part declares to depend on, by `needs` of its definition or its own `after`.
    #[must_use]
    pub fn dependencies(&self, definition: &Definition, part: &Part) -> BTreeSet<(Name, Name)> {
        let whole = definition.needs.iter().map(|name| PartRef { definition: name.clone(), part: None });
        let mut all = BTreeSet::new();
        for reference in whole.chain(part.after.iter().cloned()) {
            let parts = self.definitions.get(&reference.definition).into_iter().flat_map(|d| &d.parts);
            let meant = parts.filter(|p| reference.part.as_ref().is_none_or(|name| *name == p.name));
            all.extend(meant.map(|p| (reference.definition.clone(), p.name.clone())));
        }
        all
    }

    /// All that a part stands on: what it depends on, directly or not.
    #[must_use]
    pub fn foundation(&self, definition: &Definition, part: &Part) -> BTreeSet<(Name, Name)> {
        let mut all = BTreeSet::new();
        let mut open = self.dependencies(definition, part);
        while let Some(next) = open.pop_first() {
            if let Some(definition) = self.definitions.get(&next.0)
                && let Some(part) = definition.part(&next.1)
                && all.insert(next)
            {
                open.extend(self.dependencies(definition, part));
            }
        }
        all
    }

    /// Every package that cargo makes an image from, by name.
    #[must_use]
    pub fn packages(&self) -> BTreeSet<&str> {
        let images = self.definitions.values().flat_map(|d| &d.images);
        let builds = images.filter_map(|image| match &image.build {
            Build::Cargo { package, .. } => Some(package.as_str()),
            Build::Containerfile { .. } => None,
        });
        builds.collect()
    }

    /// These definitions and everything that they need, directly or not; what is needed comes first.
    #[must_use]
    pub fn closure(&self, roots: &[Name]) -> Vec<Name> {
        let mut all = Vec::new();
        for root in roots {
            self.needed_first(root, &mut BTreeSet::new(), &mut all);
        }
        all
    }

    fn needed_first(&self, name: &Name, seen: &mut BTreeSet<Name>, all: &mut Vec<Name>) {
        let Some(definition) = self.definitions.get(name) else { return };
        if all.contains(name) || !seen.insert(name.clone()) {
            return;
        }
        let hard = definition.parts.iter().flat_map(|p| &p.after).map(|r| &r.definition);
        for needed in definition.needs.iter().chain(hard) {
            self.needed_first(needed, seen, all);
        }
        all.push(name.clone());
    }
}
