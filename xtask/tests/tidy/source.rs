//! Sources as text: paths, and what of them is code of the product.

use std::{collections::BTreeSet, path::Path};

use fs_err as fs;

/// A file.
pub struct Source {
    /// From the workspace.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Without comments, and without the tests at its end.
    pub code: String,
}

impl Source {
    /// The top module of `xtask/src` that it belongs to.
    pub fn module(&self) -> &str {
        let inside = self.path.strip_prefix("xtask/src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }

    pub fn stem(&self) -> String {
        Path::new(&self.path).file_stem().unwrap().to_string_lossy().into_owned()
    }

    /// Whether all of it is tests.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs")
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every Rust file below a directory of the workspace.
pub fn rust_files(dir: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(dir), &mut found);
    assert!(!found.is_empty(), "no sources in {dir}");
    found
}

/// The names of the directories in one.
pub fn dirs(dir: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(dir)).unwrap().map(Result::unwrap);
    let dirs = entries.filter(|e| e.file_type().unwrap().is_dir());
    dirs.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

/// The modules of this crate that a text imports or names by path.
pub fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(tops(group)),
            None => found.extend(word(rest)),
        }
    }
    found
}

/// A line of the help, which shows what to type.
pub fn is_example(line: &str) -> bool {
    line.trim_start().starts_with("cargo xtask ")
}

/// The first words of the entries of a group that has just been opened.
fn tops(group: &str) -> Vec<String> {
    let (mut depth, mut begin, mut found) = (0, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begin = true,
            c if begin && depth == 0 && !c.is_whitespace() => {
                begin = false;
                found.extend(word(&group[at..]));
            }
            _ => {}
        }
    }
    found
}

fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

fn collect(dir: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = product.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push(Source { path, text, code });
        }
    }
}
