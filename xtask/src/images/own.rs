//! Images of this workspace: their reference is a digest of what goes into them, so equal inputs are never built twice
//! and different ones never share a name.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    catalog::{Build, ImageName, ImageRef, OwnImage, hex},
    tools::engine::ImageBuild,
};

/// Where references of our own images live: no registry has them.
const REPOSITORY: &str = "localhost/e2e";

/// The label that says which of our images an image is.
pub(super) const LABEL: &str = "e2e.kubernaut.ai/image";

/// What a build needs: where its files are, and what it will be called.
#[derive(Debug)]
pub struct Prepared {
    /// The reference, from the digest of all inputs.
    pub reference: ImageRef,
    /// The build.
    pub build: ImageBuild,
}

/// Gets an image ready to be built. `binary` is the compiled program of a cargo image; `scratch` a directory of ours.
pub fn prepare(image: &OwnImage, root: &Path, binary: Option<&Path>, scratch: &Path) -> io::Result<Prepared> {
    match (&image.build, binary) {
        (Build::Cargo { binary: name, .. }, Some(binary)) => from_binary(&image.name, name, binary, scratch),
        (Build::Cargo { package, .. }, None) => {
            Err(io::Error::other(format!("cargo built no binary for image `{}` (package {package})", image.name)))
        }
        (Build::Containerfile { context, file, .. }, _) => {
            from_context(&image.name, &root.join(context), &root.join(file))
        }
    }
}

/// One static program and nothing else: no shell, no package, nobody's root.
fn from_binary(name: &ImageName, binary: &str, path: &Path, scratch: &Path) -> io::Result<Prepared> {
    let recipe = format!("FROM scratch\nCOPY {binary} /{binary}\nUSER 65532:65532\nENTRYPOINT [\"/{binary}\"]\n");
    let mut digest = Sha256::new();
    digest.update(&recipe);
    add_file(&mut digest, path)?;
    let context = scratch.join(name.as_str());
    fs_err::create_dir_all(&context)?;
    let target = context.join(binary);
    let _ = fs_err::remove_file(&target);
    // A link costs nothing; across file systems there is none.
    if std::fs::hard_link(path, &target).is_err() {
        fs_err::copy(path, &target)?;
    }
    let file = context.join("Containerfile");
    fs_err::write(&file, recipe)?;
    Ok(prepared(name, digest, context, file))
}

fn from_context(name: &ImageName, context: &Path, file: &Path) -> io::Result<Prepared> {
    let mut digest = Sha256::new();
    add_file(&mut digest, file)?;
    // What git ignores is no input: a target directory in a context would make every build a new one.
    let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(context)
        .hidden(false)
        .build()
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_some_and(|t| t.is_file()))
        .map(ignore::DirEntry::into_path)
        .collect();
    files.sort();
    for path in files {
        digest.update(path.strip_prefix(context).unwrap_or(&path).as_os_str().as_encoded_bytes());
        digest.update([0]);
        add_file(&mut digest, &path)?;
    }
    Ok(prepared(name, digest, context.to_owned(), file.to_owned()))
}

fn prepared(name: &ImageName, digest: Sha256, context: PathBuf, file: PathBuf) -> Prepared {
    let tag = hex(&digest.finalize(), 12);
    let reference = ImageRef::new(format!("{REPOSITORY}/{name}:{tag}"));
    let labels = vec![(LABEL.to_owned(), name.to_string())];
    let tags = vec![reference.to_string()];
    Prepared { reference, build: ImageBuild { context, file: Some(file), tags, labels, ..ImageBuild::default() } }
}

fn add_file(digest: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = fs_err::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => digest.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_follows_the_binary() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("program");
        let image = OwnImage {
            name: ImageName::new("store"),
            build: Build::Cargo { package: "store".to_owned(), binary: "store".to_owned() },
        };
        let reference = |content: &str| {
            fs_err::write(&program, content).unwrap();
            prepare(&image, dir.path(), Some(&program), &dir.path().join("scratch")).unwrap().reference
        };
        let (one, other, one_again) = (reference("1"), reference("2"), reference("1"));
        assert_ne!(one, other);
        assert_eq!(one, one_again);
        assert!(prepare(&image, dir.path(), None, dir.path()).is_err());
    }
}
