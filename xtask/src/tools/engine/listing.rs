//! Which images an engine has, by every name that it knows them by.

use std::collections::BTreeMap;

use super::Engine;
use crate::{
    catalog::ImageRef,
    exec::{Cmd, ExecError, Runner},
};

/// All images of an engine at one moment.
#[derive(Debug, Clone, Default)]
pub struct Present {
    /// Fully qualified name with tag or digest -> image id.
    ids: BTreeMap<String, String>,
}

impl Engine {
    /// Lists every image with tag, digest and id.
    #[must_use]
    pub fn list_images(&self) -> Cmd {
        let format = "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}";
        self.cmd().args(["images", "--digests", "--no-trunc", "--format", format])
    }

    /// What the engine has now.
    pub fn present(&self, runner: &Runner) -> Result<Present, ExecError> {
        Ok(Present::parse(&self.list_images().run(runner)?.text()))
    }
}

impl Present {
    /// Reads the answer to [`Engine::list_images`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut ids = BTreeMap::new();
        for line in text.lines() {
            let mut fields = line.split('\t');
            let (Some(repository), Some(tag), Some(digest), Some(id)) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let name = qualified(repository);
            for (mark, value) in [(':', tag), ('@', digest)] {
                if !value.is_empty() && value != "<none>" {
                    ids.insert(format!("{name}{mark}{value}"), id.to_owned());
                }
            }
        }
        Self { ids }
    }

    /// The image's id, if the engine has exactly this reference. Of `name:tag@digest` the digest decides: an engine that
    /// pulled it keeps no tag.
    #[must_use]
    pub fn id(&self, reference: &ImageRef) -> Option<&str> {
        let reference = reference.as_str();
        let key = match reference.split_once('@') {
            Some((name, digest)) => format!("{}@{digest}", without_tag(name)),
            None => reference.to_owned(),
        };
        self.ids.get(&key).map(String::as_str)
    }

    /// Whether the engine has exactly this reference.
    #[must_use]
    pub fn has(&self, reference: &ImageRef) -> bool {
        self.id(reference).is_some()
    }

    /// Every tagged name, fully qualified.
    pub fn tagged(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str).filter(|n| !n.contains('@'))
    }
}

/// The full form of a name that docker shows in its short form: `postgres` is `docker.io/library/postgres`.
#[must_use]
pub fn qualified(name: &str) -> String {
    match name.split_once('/') {
        None => format!("docker.io/library/{name}"),
        Some((host, _)) if host == "localhost" || host.contains(['.', ':']) => name.to_owned(),
        Some(_) => format!("docker.io/{name}"),
    }
}

fn without_tag(name: &str) -> &str {
    // A colon before the last slash belongs to the registry's port.
    match name.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `docker images` 28.2.2 and `podman images` 4.3.1, digests and ids shortened.
    const DOCKER: &str = "localhost/kind-node\tv1.34.4\t<none>\tsha256:57b7\npostgres\t15.14\tsha256:aaaa\tsha256:1111\n\
        kindest/node\t<none>\tsha256:7416\tsha256:2222\n<none>\t<none>\t<none>\tsha256:3333";
    const PODMAN: &str = "docker.io/library/postgres\t15.14\tsha256:aaaa\tsha256:1111";

    fn reference(text: &str) -> ImageRef {
        ImageRef::new(text)
    }

    #[test]
    fn docker_and_podman_name_the_same_image_alike() {
        for listing in [DOCKER, PODMAN] {
            let present = Present::parse(listing);
            assert_eq!(present.id(&reference("docker.io/library/postgres:15.14")), Some("sha256:1111"));
            assert!(!present.has(&reference("docker.io/library/postgres:15")), "another tag is another image");
        }
    }

    #[test]
    fn a_digest_counts_without_its_tag() {
        let present = Present::parse(DOCKER);
        assert!(present.has(&reference("docker.io/kindest/node:v1.34.0@sha256:7416")));
        assert!(!present.has(&reference("docker.io/kindest/node:v1.34.0@sha256:9999")));
        assert!(!present.has(&reference("docker.io/kindest/node:v1.34.0")));
        assert_eq!(present.tagged().count(), 2);
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(without_tag("localhost:5000/a/b"), "localhost:5000/a/b");
        assert_eq!(qualified("localhost:5000/a"), "localhost:5000/a");
        assert_eq!(qualified("a/b"), "docker.io/a/b");
    }
}
