//! Finding and reading the files. The only module of the catalogue that touches the disk, with `digest`.

use std::path::{Component, Path, PathBuf};

use fs_err as fs;

use super::{
    problem::Problem,
    raw::{RawDefinition, RawObject, RawThirdParty},
    shape::{DEFINITION, Record, THIRD_PARTY},
    source::{At, FileId, Sources},
    tree::{self, Node},
    validate::validate,
};

/// Where definitions are: one directory each below these.
const DEFINITIONS: [&str; 3] = ["services", "test-infra/backing", "test-infra/stand-ins"];
const IMAGES: &str = "test-infra/images";

/// What was read, and what is wrong with it so far.
#[derive(Debug)]
pub(super) struct Reading {
    /// The workspace's root.
    pub root: PathBuf,
    pub sources: Sources,
    pub problems: Vec<Problem>,
    pub definitions: Vec<RawDefinition>,
    pub third_party: Vec<RawThirdParty>,
    /// Files that could not be read as YAML: what they define is not known.
    pub unread: usize,
    /// Definitions among them.
    pub unread_definitions: Vec<String>,
}

impl Reading {
    /// Reads all files of the catalogue.
    pub fn of(root: &Path) -> Self {
        let mut reading = Self {
            root: root.to_owned(),
            sources: Sources::default(),
            problems: Vec::new(),
            definitions: Vec::new(),
            third_party: Vec::new(),
            unread: 0,
            unread_definitions: Vec::new(),
        };
        for (dir, id) in DEFINITIONS.iter().flat_map(|parent| directories(root, parent, "e2e.yaml")) {
            if let Some((file, document)) = reading.document(&dir.join("e2e.yaml"), &DEFINITION) {
                let mut definition = RawDefinition::read(file, dir, id, &document);
                reading.manifests(&mut definition);
                reading.definitions.push(definition);
            } else {
                reading.unread_definitions.push(id);
            }
        }
        for (dir, id) in directories(root, IMAGES, "image.yaml") {
            if let Some((file, document)) = reading.document(&dir.join("image.yaml"), &THIRD_PARTY) {
                reading.third_party.push(RawThirdParty::read(file, dir, id, &document));
            }
        }
        reading
    }

    fn document(&mut self, path: &Path, shape: &Record) -> Option<(FileId, Node)> {
        let (file, mut documents) = self.yaml(path)?;
        if let [_, second, ..] = documents.as_slice() {
            let at = At { file, span: second.at.clone(), path: String::new() };
            self.problems.push(Problem::new(at, "this file has one document only"));
        }
        if documents.is_empty() {
            self.unread += 1;
            self.problems.push(Problem::new(At::top(file), "this file is empty"));
            return None;
        }
        let document = documents.swap_remove(0);
        self.problems.extend(validate(file, &document, shape));
        Some((file, document))
    }

    fn yaml(&mut self, path: &Path) -> Option<(FileId, Vec<Node>)> {
        let text = match fs::read_to_string(self.root.join(path)) {
            Ok(text) => text,
            Err(error) => {
                self.unread += 1;
                let file = self.sources.add(path.to_owned(), String::new());
                self.problems.push(Problem::new(At::top(file), error.to_string()));
                return None;
            }
        };
        let parsed = tree::parse(&text);
        let file = self.sources.add(path.to_owned(), text);
        let problem = |flaw: tree::Flaw| Problem::new(At { file, span: flaw.at, path: String::new() }, flaw.message);
        self.problems.extend(parsed.flaws.into_iter().map(problem));
        if let Some(flaw) = parsed.stop {
            self.unread += 1;
            self.problems.push(problem(flaw));
            if parsed.documents.is_empty() {
                return None;
            }
        }
        Some((file, parsed.documents))
    }

    fn manifests(&mut self, definition: &mut RawDefinition) {
        for part in &mut definition.parts {
            for manifest in &part.manifests {
                let path = join(&definition.dir, &manifest.value);
                if path.starts_with("..") || !self.root.join(&path).is_file() {
                    let message = format!("there is no file {}", path.display());
                    let near = siblings(&self.root, &definition.dir, &manifest.value);
                    let problem = Problem::new(manifest.at.clone(), message);
                    self.problems.push(problem.suggest(&manifest.value, near.iter().map(String::as_str)));
                    continue;
                }
                let Some((file, documents)) = self.yaml(&path) else { continue };
                let source = self.sources.get(file);
                part.objects.extend(documents.into_iter().map(|node| RawObject {
                    file,
                    value: node.to_json(),
                    line: source.line_column(node.at.start).0,
                    node,
                }));
            }
        }
    }
}

/// A path that a file in `dir` names, relative to the root, without `.` and `..` as far as they can be resolved.
pub(super) fn join(dir: &Path, relative: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for component in dir.join(relative).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// Directories below `parent` that have such a file, with their names, in the order of the names.
fn directories(root: &Path, parent: &str, file: &str) -> Vec<(PathBuf, String)> {
    let Ok(entries) = fs::read_dir(root.join(parent)) else { return Vec::new() };
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let mut all: Vec<_> = names.map(|name| (Path::new(parent).join(&name), name)).collect();
    all.retain(|(dir, _)| root.join(dir).join(file).is_file());
    all.sort();
    all
}

/// Files that stand where this one was looked for, as the definition would name them.
fn siblings(root: &Path, dir: &Path, wrong: &str) -> Vec<String> {
    let parent = Path::new(wrong).parent().unwrap_or(Path::new(""));
    let Ok(entries) = fs::read_dir(root.join(dir).join(parent)) else { return Vec::new() };
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    names.filter_map(|name| parent.join(name).to_str().map(str::to_owned)).collect()
}
