//! A directory of image archives, for machines without a registry: `E2E_IMAGE_CACHE`.
//!
//! `index.json` says which archive holds which references, so that looking one up opens no archive. An archive that no
//! index names counts by its file name, `<image name>.tar.zst`; what it holds is seen when it has been loaded.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use fs_err as fs;
use serde::{Deserialize, Serialize};

use super::source::acceptable;
use crate::catalog::{ImageRef, ThirdParty};

const INDEX: &str = "index.json";
const SCHEMA: u32 = 1;

/// A directory of archives.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
    index: BTreeMap<String, Archive>,
}

/// One archive of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// The references that it holds.
    pub references: Vec<ImageRef>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    schema: u32,
    archives: BTreeMap<String, Archive>,
}

/// A cache that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Files cannot be read or written.
    #[error("image cache: {0}")]
    Io(#[from] std::io::Error),
    /// The index is not what we write.
    #[error("image cache: {file}: {why}; `cargo xtask images export --to {dir}` writes it anew once it is removed", file = .file.display(), dir = .dir.display())]
    Index {
        /// The index.
        file: PathBuf,
        /// Its directory.
        dir: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Cache {
    /// Opens a cache; the directory must exist, its index need not.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let dir = dir.into();
        fs::read_dir(&dir)?;
        let file = dir.join(INDEX);
        if !file.exists() {
            return Ok(Self { dir, index: BTreeMap::new() });
        }
        let bad = |why: String| CacheError::Index { file: file.clone(), dir: dir.clone(), why };
        let index: Index = serde_json::from_slice(&fs::read(&file)?).map_err(|e| bad(e.to_string()))?;
        if index.schema != SCHEMA {
            return Err(bad(format!("schema {} where {SCHEMA} is known", index.schema)));
        }
        Ok(Self { dir, index: index.archives })
    }

    /// Opens a cache to write to; makes the directory.
    pub fn create(dir: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let dir = dir.into();
        fs::create_dir_all(&dir)?;
        Self::open(dir)
    }

    /// Its directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Archives that hold, or may hold, an acceptable reference of this image; those of the index first.
    #[must_use]
    pub fn archives(&self, image: &ThirdParty) -> Vec<PathBuf> {
        let holds = |wanted: &ImageRef| self.index.iter().find(|(_, a)| a.references.contains(wanted)).map(|(f, _)| f);
        let indexed = acceptable(image).filter_map(holds).map(|f| self.dir.join(f));
        let by_name = ["tar.zst", "tar"].map(|ext| format!("{}.{ext}", image.name));
        let by_name = by_name.iter().filter(|f| !self.index.contains_key(*f)).map(|f| self.dir.join(f));
        let mut found: Vec<PathBuf> = indexed.chain(by_name).filter(|f| f.is_file()).collect();
        found.dedup();
        found
    }

    /// The archive file for a reference of this image. The tag is part of it, so that an older one stays usable until
    /// it is removed by its owner.
    #[must_use]
    pub fn archive_for(&self, image: &ThirdParty, reference: &ImageRef) -> PathBuf {
        let name = reference.as_str().split('@').next().unwrap_or_default();
        let tag = name.rsplit_once(':').map_or("untagged", |(_, tag)| tag);
        self.dir.join(format!("{}-{tag}.tar.zst", image.name))
    }

    /// Whether the index has an archive for exactly this reference.
    #[must_use]
    pub fn has(&self, reference: &ImageRef) -> bool {
        self.index.iter().any(|(file, a)| a.references.contains(reference) && self.dir.join(file).is_file())
    }

    /// Enters an archive that is complete on disk, and writes the index: another process sees the old one or the new.
    pub fn enter(&mut self, archive: &Path, references: Vec<ImageRef>) -> Result<(), CacheError> {
        let name = archive.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.index.insert(name, Archive { references });
        let index = Index { schema: SCHEMA, archives: self.index.clone() };
        let text = serde_json::to_vec_pretty(&index).map_err(std::io::Error::other)?;
        let new = self.dir.join(format!(".{INDEX}.{}", std::process::id()));
        fs::write(&new, text)?;
        fs::rename(&new, self.dir.join(INDEX))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ImageName;

    fn image(name: &str, reference: &str) -> ThirdParty {
        ThirdParty { name: ImageName::new(name), reference: ImageRef::new(reference), also: Vec::new(), recipe: None }
    }

    #[test]
    fn an_index_makes_the_lookup_exact() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (image("redis", "docker.io/library/redis:7.0"), image("redis", "docker.io/library/redis:7.2"));
        let mut cache = Cache::create(dir.path()).unwrap();
        let file = cache.archive_for(&old, &old.reference);
        fs::write(&file, "").unwrap();
        cache.enter(&file, vec![old.reference.clone()]).unwrap();

        let cache = Cache::open(dir.path()).unwrap();
        assert_eq!(cache.archives(&old), [dir.path().join("redis-7.0.tar.zst")]);
        assert!(cache.archives(&new).is_empty(), "another tag is another image");
        fs::remove_file(&file).unwrap();
        assert!(cache.archives(&old).is_empty(), "an index entry without its file");
    }

    #[test]
    fn without_an_index_the_file_name_counts() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("kind-node.tar.zst"), "").unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        assert_eq!(cache.archives(&image("kind-node", "localhost/x:1")), [dir.path().join("kind-node.tar.zst")]);
        assert!(cache.archives(&image("redis", "localhost/x:1")).is_empty());
    }

    #[test]
    fn a_broken_index_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(INDEX), r#"{"schema":2,"archives":{}}"#).unwrap();
        let error = Cache::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("index.json: schema 2"), "{error}");
    }
}
