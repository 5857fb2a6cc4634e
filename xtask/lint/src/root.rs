//! What the names of files are counted from: the repository, else the directory of the configuration, else where we are.
//! So nothing that is found depends on where one stands. It must not read files.

use std::path::{Path, PathBuf};

use crate::config::FILE;

/// The directory that names are counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// A repository, or the directory of a configuration: what is in it belongs together.
    Known(PathBuf),
    /// Where we are: what lies here may have nothing to do with each other.
    Here(PathBuf),
    /// What is read lies elsewhere; it is called as it was written.
    Nowhere,
}

impl Root {
    /// The root of what is common to all paths.
    #[must_use]
    pub fn above(paths: &[PathBuf]) -> Self {
        let directory = |path: &PathBuf| {
            let real = real(path).ok()?;
            if real.is_dir() { Some(real) } else { real.parent().map(Path::to_path_buf) }
        };
        let Some(common) = paths.iter().filter_map(directory).reduce(|one, other| common(&one, &other)) else {
            return Self::Nowhere;
        };
        let with = |name: &str| common.ancestors().find(|directory| directory.join(name).exists());
        if let Some(found) = with(".git").or_else(|| with(FILE)) {
            return Self::Known(found.to_path_buf());
        }
        match fs_err::canonicalize(".") {
            Ok(here) if common.starts_with(&here) => Self::Here(here),
            _ => Self::Nowhere,
        }
    }

    /// The directory, when there is one.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Known(directory) | Self::Here(directory) => Some(directory),
            Self::Nowhere => None,
        }
    }

    /// The name of a file; one that is not below the root is called as it is shown.
    #[must_use]
    pub fn name(&self, real: &Path, shown: &str) -> String {
        let inside = self.directory().and_then(|directory| real.strip_prefix(directory).ok());
        inside.map_or_else(|| shown.to_owned(), slashed)
    }

    /// Where the file of a name is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory().map_or_else(|| PathBuf::from(name), |directory| directory.join(name))
    }
}

/// The path without links on the way to it. A link itself stays one: it is called what it is called.
pub fn real(path: &Path) -> std::io::Result<PathBuf> {
    match (path.is_dir(), path.file_name()) {
        (false, Some(name)) => {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Ok(fs_err::canonicalize(parent)?.join(name))
        }
        _ => fs_err::canonicalize(path),
    }
}

/// A path with forward slashes.
#[must_use]
pub fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn common(one: &Path, other: &Path) -> PathBuf {
    one.components().zip(other.components()).take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_counts_before_the_configuration() {
        let place = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(place.path()).unwrap();
        let inner = root.join("team/e2e");
        fs_err::create_dir_all(&inner).unwrap();
        fs_err::write(inner.join("a.go"), "").unwrap();
        fs_err::write(root.join("team/xtask-lint.toml"), "").unwrap();
        assert_eq!(Root::above(std::slice::from_ref(&inner)), Root::Known(root.join("team")));
        fs_err::create_dir(root.join(".git")).unwrap();
        let known = Root::above(&[inner.join("a.go"), root.join("team")]);
        assert_eq!(known, Root::Known(root.clone()));
        assert_eq!(known.name(&inner.join("a.go"), "x"), "team/e2e/a.go");
        assert_eq!(known.name(Path::new("/elsewhere/a.go"), "../a.go"), "../a.go");
    }
}
