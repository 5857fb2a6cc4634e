//! The container engine, docker or podman: what it is asked to do, as argument lists, and what it answers.
//!
//! Methods that return a [`Cmd`] or a pipeline only say what to run; those that take a [`Runner`](crate::exec::Runner) run it.

mod containers;
mod detect;
mod images;
mod listing;

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

pub use containers::Container;
pub use detect::{NoEngine, WhyNot};
pub use images::ImageBuild;
pub use listing::{Present, qualified};

use crate::exec::Cmd;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
}

/// What builds images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builder {
    /// `docker buildx build`.
    BuildKit,
    /// `docker build` without the buildx plugin.
    Classic,
    /// `podman build`.
    Buildah,
}

/// An engine that was seen to answer.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Which one.
    pub kind: EngineKind,
    /// The client program.
    pub program: PathBuf,
    /// The server's version.
    pub version: String,
    /// The server's architecture as OCI names it: `amd64`, `arm64`.
    pub arch: String,
    /// How it builds images.
    pub builder: Builder,
    /// PATH for programs that look for the client themselves.
    search_path: OsString,
}

impl EngineKind {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 2] = [Self::Docker, Self::Podman];

    /// The client program's name, which is also what kind calls the provider.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for EngineKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|k| k.name() == text).ok_or_else(|| format!("`{text}` is neither docker nor podman"))
    }
}

impl Engine {
    /// The client, ready for arguments.
    #[must_use]
    pub fn cmd(&self) -> Cmd {
        Cmd::new(&self.program)
    }

    /// Variables that make kind use this very engine.
    #[must_use]
    pub fn kind_env(&self) -> [(&'static str, OsString); 2] {
        [("KIND_EXPERIMENTAL_PROVIDER", self.kind.name().into()), ("PATH", self.search_path.clone())]
    }

    /// The platform of its images and containers.
    #[must_use]
    pub fn platform(&self) -> String {
        format!("linux/{}", self.arch)
    }

    /// An engine that nobody has asked; for plans that are only printed and for tests of argument lists.
    #[must_use]
    pub fn assumed(kind: EngineKind, arch: &str) -> Self {
        Self {
            kind,
            program: Path::new(kind.name()).to_owned(),
            version: "unknown".to_owned(),
            arch: arch.to_owned(),
            builder: if kind == EngineKind::Docker { Builder::BuildKit } else { Builder::Buildah },
            search_path: OsString::new(),
        }
    }
}
