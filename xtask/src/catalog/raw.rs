//! Definitions as they were written, each value with its place: what the checks of meaning look at.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use super::{
    cursor::Cursor,
    source::{At, FileId, Located},
    tree::Node,
    types::{Build, Scheme, TestTarget},
};

/// How long a part may take to be Ready, where it does not say.
const TIMEOUT: Duration = Duration::from_mins(3);

/// An `e2e.yaml`.
#[derive(Debug)]
pub(super) struct RawDefinition {
    pub at: At,
    /// Relative to the root.
    pub dir: PathBuf,
    /// What others call it: its directory's name.
    pub id: String,
    /// What it calls itself.
    pub name: Option<Located<String>>,
    pub about: String,
    pub images: Vec<RawImage>,
    pub needs: Vec<Located<String>>,
    pub parts: Vec<RawPart>,
    pub ports: Vec<RawPort>,
    pub checks: Vec<RawCheck>,
    pub test: Option<TestTarget>,
    pub breaks: Vec<Located<String>>,
}

#[derive(Debug)]
pub(super) struct RawImage {
    pub name: Located<String>,
    pub build: Build,
}

#[derive(Debug)]
pub(super) struct RawPart {
    pub name: Located<String>,
    pub manifests: Vec<Located<String>>,
    /// Filled when the manifests are read.
    pub objects: Vec<RawObject>,
    pub after: Vec<Located<String>>,
    pub timeout: Duration,
}

/// A document of a manifest.
#[derive(Debug)]
pub(super) struct RawObject {
    pub file: FileId,
    pub node: Node,
    pub value: Value,
    /// From 1.
    pub line: usize,
}

#[derive(Debug)]
pub(super) struct RawPort {
    pub name: Located<String>,
    pub scheme: Scheme,
    pub service: Located<String>,
    pub port: Located<u16>,
    pub node_port: Located<u16>,
    pub host_port: Located<u16>,
}

#[derive(Debug)]
pub(super) struct RawCheck {
    pub port: Located<String>,
    pub path: String,
    pub status: u16,
}

/// An `image.yaml`.
#[derive(Debug)]
pub(super) struct RawThirdParty {
    /// Relative to the root.
    pub dir: PathBuf,
    pub id: String,
    pub name: Option<Located<String>>,
    pub reference: Option<Located<String>>,
    pub also: Vec<Located<String>>,
    pub recipe: Option<RawRecipe>,
}

#[derive(Debug)]
pub(super) struct RawRecipe {
    pub script: Located<String>,
    pub needs: Vec<Located<String>>,
}

impl RawObject {
    /// At its first line.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self.file, &self.node)
    }
}

impl RawDefinition {
    /// Reads what can be read.
    pub fn read(file: FileId, dir: PathBuf, id: String, document: &Node) -> Self {
        let root = Cursor::new(file, document);
        let list = |key| root.list(key);
        Self {
            at: At::top(file),
            name: root.text_of("name"),
            about: root.text_of("about").map(|t| t.value).unwrap_or_default(),
            images: list("images").iter().filter_map(|c| RawImage::read(c, &dir)).collect(),
            needs: root.texts_of("needs"),
            parts: list("parts").iter().filter_map(RawPart::read).collect(),
            ports: list("ports").iter().filter_map(RawPort::read).collect(),
            checks: list("checks").iter().filter_map(RawCheck::read).collect(),
            test: root.get("test").and_then(|c| test(&c)),
            breaks: root.texts_of("breaks"),
            dir,
            id,
        }
    }
}

fn test(cursor: &Cursor<'_>) -> Option<TestTarget> {
    Some(TestTarget { package: cursor.text_of("package")?.value, target: cursor.text_of("target")?.value })
}

impl RawImage {
    fn read(cursor: &Cursor<'_>, dir: &std::path::Path) -> Option<Self> {
        let text = |key| cursor.text_of(key).map(|t| t.value);
        let build = match text("build")?.as_str() {
            "cargo" => Build::Cargo { package: text("package")?, binary: text("binary")? },
            "containerfile" => {
                let context = super::find::join(dir, &text("context")?);
                let file = super::find::join(&context, text("file").as_deref().unwrap_or("Containerfile"));
                let weight = cursor.number_of("weight").map_or(1, |n| n.value);
                Build::Containerfile { context, file, weight }
            }
            _ => return None,
        };
        Some(Self { name: cursor.text_of("name")?, build })
    }
}

impl RawPart {
    fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let timeout = cursor.text_of("timeout").and_then(|t| humantime::parse_duration(&t.value).ok());
        Some(Self {
            name: cursor.text_of("name")?,
            manifests: cursor.texts_of("manifests"),
            objects: Vec::new(),
            after: cursor.texts_of("after"),
            timeout: timeout.unwrap_or(TIMEOUT),
        })
    }
}

impl RawPort {
    fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let scheme = match cursor.text_of("scheme").map(|t| t.value).as_deref() {
            None | Some("http") => Scheme::Http,
            Some("postgres") => Scheme::Postgres,
            Some("redis") => Scheme::Redis,
            Some("tcp") => Scheme::Tcp,
            Some(_) => return None,
        };
        Some(Self {
            name: cursor.text_of("name")?,
            scheme,
            service: cursor.text_of("service")?,
            port: cursor.number_of("port")?,
            node_port: cursor.number_of("node_port")?,
            host_port: cursor.number_of("host_port")?,
        })
    }
}

impl RawCheck {
    fn read(cursor: &Cursor<'_>) -> Option<Self> {
        Some(Self {
            port: cursor.text_of("port")?,
            path: cursor.text_of("path")?.value,
            status: cursor.number_of("status").map_or(200, |n| n.value),
        })
    }
}

impl RawThirdParty {
    /// Reads what can be read.
    pub fn read(file: FileId, dir: PathBuf, id: String, document: &Node) -> Self {
        let root = Cursor::new(file, document);
        let recipe = root.get("recipe").and_then(|cursor| {
            let script = cursor.text_of("script")?;
            Some(RawRecipe { script, needs: cursor.texts_of("needs") })
        });
        Self {
            name: root.text_of("name"),
            reference: root.text_of("reference"),
            also: root.texts_of("also"),
            recipe,
            dir,
            id,
        }
    }
}
