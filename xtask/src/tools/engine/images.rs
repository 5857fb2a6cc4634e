//! Images: pulled, loaded, built, exported, and streamed into a node.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Builder, Engine, EngineKind, qualified};
use crate::{
    catalog::ImageRef,
    exec::{Cmd, ExecError, Pipeline, Runner},
};

/// Bounds for what moves whole images: generous, for slow disks and networks, but never without end.
const PULL: Duration = Duration::from_mins(15);
const MOVE: Duration = Duration::from_mins(10);
const BUILD: Duration = Duration::from_mins(20);
/// Window of 2 GiB: archives made with a long window cannot be read with the default one.
const ZSTD_WINDOW: &str = "--long=31";

/// What to build an image from.
#[derive(Debug, Clone, Default)]
pub struct ImageBuild {
    /// The context directory.
    pub context: PathBuf,
    /// The Containerfile; `Containerfile` of the context where there is none.
    pub file: Option<PathBuf>,
    /// All names of the result.
    pub tags: Vec<String>,
    /// Build arguments.
    pub args: Vec<(String, String)>,
    /// Labels of the image.
    pub labels: Vec<(String, String)>,
}

impl Engine {
    /// Pulls exactly this reference.
    #[must_use]
    pub fn pull(&self, reference: &ImageRef) -> Cmd {
        self.cmd().args(["pull", "--quiet", reference.as_str()]).deadline(PULL)
    }

    /// Gives an image another name.
    #[must_use]
    pub fn tag(&self, from: &str, to: &ImageRef) -> Cmd {
        self.cmd().args(["tag", from, to.as_str()])
    }

    /// Removes names, and the images that have none left.
    #[must_use]
    pub fn remove_images(&self, references: &[ImageRef]) -> Cmd {
        self.cmd().args(["rmi", "--force"]).args(references.iter().map(ImageRef::as_str))
    }

    /// Removes names, where nobody uses the image under it.
    #[must_use]
    pub fn untag(&self, references: &[ImageRef]) -> Cmd {
        self.cmd().arg("rmi").args(references.iter().map(ImageRef::as_str)).deadline(Duration::from_mins(2))
    }

    /// Lists the references of images that carry a label, the newest first, one a line.
    #[must_use]
    pub fn list_labelled(&self, label: &str) -> Cmd {
        let filter = format!("label={label}");
        let list = ["images", "--filter", &filter, "--format", "{{.Repository}}:{{.Tag}}"];
        self.cmd().args(list).deadline(Duration::from_secs(30))
    }

    /// Builds an image into the engine's own store.
    #[must_use]
    pub fn build(&self, build: &ImageBuild) -> Cmd {
        let verb: &[&str] = match self.builder {
            Builder::BuildKit => &["buildx", "build", "--load", "--progress=plain", "--provenance=false"],
            Builder::Classic | Builder::Buildah => &["build"],
        };
        let file = build.file.clone().unwrap_or_else(|| build.context.join("Containerfile"));
        let pairs = |flag: &'static str, list: &[(String, String)]| -> Vec<String> {
            list.iter().flat_map(|(k, v)| [flag.to_owned(), format!("{k}={v}")]).collect()
        };
        let mut cmd = self.cmd().args(verb).arg("--file").arg(&file);
        cmd = cmd.args(build.tags.iter().flat_map(|t| ["--tag", t]));
        cmd = cmd.args(pairs("--build-arg", &build.args)).args(pairs("--label", &build.labels));
        cmd.arg(&build.context).deadline(BUILD)
    }

    /// Loads an archive, compressed with zstd if its name says so. Returns the names that it brought, fully qualified.
    pub fn load(&self, archive: &Path, runner: &Runner) -> Result<Vec<ImageRef>, ExecError> {
        let load = self.cmd().arg("load").deadline(MOVE);
        let output = if archive.extension().is_some_and(|e| e == "zst") {
            Cmd::new("zstd").args(["-dcq", ZSTD_WINDOW]).arg(archive).deadline(MOVE).pipe(load).run(runner)?
        } else {
            load.arg("--input").arg(archive).run(runner)?
        };
        Ok(loaded(&output.text()))
    }

    /// Writes images to standard output as one archive.
    #[must_use]
    pub fn save(&self, references: &[ImageRef]) -> Cmd {
        let multi: &[&str] = match self.kind {
            EngineKind::Docker => &["save"],
            // Without it podman keeps one image of several, and says nothing.
            EngineKind::Podman => &["save", "--multi-image-archive"],
        };
        self.cmd().args(multi).args(references.iter().map(ImageRef::as_str)).deadline(MOVE)
    }

    /// Writes images to a zstd archive.
    #[must_use]
    pub fn export(&self, references: &[ImageRef], archive: &Path) -> Pipeline {
        let zstd = Cmd::new("zstd").args(["-qf", "-T0", "-9", "--long=27", "-o"]).arg(archive).deadline(MOVE);
        self.save(references).pipe(zstd)
    }

    /// Streams images into a node: one archive, no file. The platform is pinned, because an engine that keeps images of
    /// several platforms exports an index whose other members it does not have.
    #[must_use]
    pub fn import_into_node(&self, node: &str, references: &[ImageRef]) -> Pipeline {
        let platform = self.platform();
        let import = ["ctr", "--namespace", "k8s.io", "images", "import", "--platform", &platform, "-"];
        self.save(references).pipe(self.exec_with_input(node, import).deadline(MOVE))
    }

    /// Whether a line that the import prints says that this image is unpacked. A containerd that says it in other words
    /// costs the time until the end of the stream, and nothing else.
    #[must_use]
    pub fn has_imported(line: &str, reference: &ImageRef) -> bool {
        let words = line.strip_prefix("unpacking ").and_then(|rest| rest.strip_prefix(reference.as_str()));
        words.is_some_and(|rest| rest.starts_with(' ') && rest.ends_with("...done"))
    }

    /// Lists the names of the images that a node has, one a line; read by [`Engine::node_image_names`].
    #[must_use]
    pub fn list_node_images(&self, node: &str) -> Cmd {
        self.exec(node, ["ctr", "--namespace", "k8s.io", "images", "ls", "-q"]).deadline(Duration::from_secs(30))
    }

    /// The names of the images that a node has.
    #[must_use]
    pub fn node_image_names(text: &str) -> Vec<ImageRef> {
        text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("sha256:")).map(ImageRef::new).collect()
    }
}

/// Names in the answer of `load`: docker says `Loaded image: NAME`, podman `Loaded image: NAME` or, with several,
/// `Loaded image(s): A,B`.
fn loaded(text: &str) -> Vec<ImageRef> {
    let names = text.lines().filter_map(|l| l.strip_prefix("Loaded image: ").or(l.strip_prefix("Loaded image(s): ")));
    names.flat_map(|l| l.split(',')).map(|n| ImageRef::new(qualified(n.trim()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_tells_of_each_image() {
        // `ctr images import` of containerd 1.6.
        let line = "unpacking localhost/e2e/redis:74678a794230 (sha256:3b49d64d8999)...done";
        assert!(Engine::has_imported(line, &ImageRef::new("localhost/e2e/redis:74678a794230")));
        assert!(!Engine::has_imported(line, &ImageRef::new("localhost/e2e/redis:7467")));
        assert!(!Engine::has_imported("saved", &ImageRef::new("localhost/e2e/redis:74678a794230")));
    }

    fn refs(names: &[&str]) -> Vec<ImageRef> {
        names.iter().map(|n| ImageRef::new(*n)).collect()
    }

    #[test]
    fn argument_lists() {
        let docker = Engine::assumed(EngineKind::Docker, "amd64");
        let podman = Engine::assumed(EngineKind::Podman, "arm64");
        let images = refs(&["localhost/a:1", "localhost/b:2"]);
        assert_eq!(podman.save(&images).pasteable(), "podman save --multi-image-archive localhost/a:1 localhost/b:2");
        let build = ImageBuild {
            context: "ctx".into(),
            tags: vec!["localhost/a:1".to_owned()],
            args: vec![("BASE".to_owned(), "x y".to_owned())],
            labels: vec![("k".to_owned(), "v".to_owned())],
            ..ImageBuild::default()
        };
        assert_eq!(
            docker.build(&build).pasteable(),
            "docker buildx build --load --progress=plain --provenance=false --file ctx/Containerfile --tag localhost/a:1 \
             --build-arg 'BASE=x y' --label k=v ctx"
        );
        assert!(podman.build(&build).pasteable().starts_with("podman build --file ctx/Containerfile --tag"));
    }

    #[test]
    fn what_load_says() {
        assert_eq!(loaded("Loaded image: localhost/kind-node:v1.34.4\n"), refs(&["localhost/kind-node:v1.34.4"]));
        assert_eq!(loaded("Loaded image: redis:7\nLoaded image ID: sha256:ab"), refs(&["docker.io/library/redis:7"]));
        assert_eq!(loaded("Loaded image(s): localhost/a:1,localhost/b:2"), refs(&["localhost/a:1", "localhost/b:2"]));
    }

    #[test]
    fn digests_in_a_node_are_no_names() {
        // From `ctr -n k8s.io images ls -q` in a node.
        let text = "registry.k8s.io/pause:3.10\nsha256:0c21cc5e\nregistry.k8s.io/etcd:3.6.5-0\n";
        assert_eq!(
            Engine::node_image_names(text),
            refs(&["registry.k8s.io/pause:3.10", "registry.k8s.io/etcd:3.6.5-0"])
        );
    }
}
