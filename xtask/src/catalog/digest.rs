//! The references of what recipes make: a recipe that changes makes another image, with another name.

use std::{
    collections::BTreeMap,
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use fs_err as fs;
use sha2::{Digest as _, Sha256};

use super::{ImageName, ImageRef, find::Reading, raw::RawThirdParty};

/// The image's own declaration. It is no ingredient, but for what it says of the recipe: another place to pull from must
/// not have everybody make the image anew.
const DECLARATION: &str = "image.yaml";

/// The reference of each image that has a recipe, `localhost/e2e/NAME:DIGEST`.
pub(super) fn references(reading: &Reading) -> io::Result<BTreeMap<ImageName, ImageRef>> {
    let mut known = BTreeMap::new();
    for image in &reading.third_party {
        reference(reading, image, &mut known)?;
    }
    Ok(known)
}

/// Needs that no recipe makes count by what is pulled. There are no cycles: that was checked.
fn reference(
    reading: &Reading,
    image: &RawThirdParty,
    known: &mut BTreeMap<ImageName, ImageRef>,
) -> io::Result<Option<ImageRef>> {
    let name = ImageName::new(&image.id);
    let Some(recipe) = &image.recipe else { return Ok(None) };
    if let Some(reference) = known.get(&name) {
        return Ok(Some(reference.clone()));
    }
    let mut hash = Sha256::new();
    field(&mut hash, recipe.script.value.as_bytes());
    directory(&mut hash, &reading.root.join(&image.dir))?;
    for need in &recipe.needs {
        let Some(other) = reading.third_party.iter().find(|i| i.id == need.value) else { continue };
        let made = reference(reading, other, known)?;
        let pulled = || other.reference.as_ref().map(|r| r.value.clone());
        let needed = made.map(|r| r.as_str().to_owned()).or_else(pulled).unwrap_or_default();
        field(&mut hash, need.value.as_bytes());
        field(&mut hash, needed.as_bytes());
    }
    let reference = ImageRef::new(format!("localhost/e2e/{}:{}", image.id, hex(&hash.finalize(), 12)));
    known.insert(name, reference.clone());
    Ok(Some(reference))
}

/// Every file: its path, whether it is executable, and what is in it.
fn directory(hash: &mut Sha256, dir: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    collect(dir, Path::new(""), &mut files)?;
    files.sort();
    for file in files.iter().filter(|f| **f != Path::new(DECLARATION)) {
        let path = dir.join(file);
        let executable = fs::metadata(&path)?.permissions().mode() & 0o100 != 0;
        field(hash, file.to_string_lossy().as_bytes());
        field(hash, if executable { b"x" } else { b"-" });
        field(hash, &fs::read(&path)?);
    }
    Ok(())
}

fn collect(dir: &Path, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Each with its length, so that no two sequences of fields look alike.
fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// The first `digits` of a digest in hexadecimal.
pub(crate) fn hex(digest: &[u8], digits: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(digits);
    text
}
