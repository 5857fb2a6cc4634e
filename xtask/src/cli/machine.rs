//! Arguments of the verbs that are about the machine and its images, not about a cluster.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;
use crate::tools::engine::EngineKind;

/// `doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Install and start what is missing (Debian and Ubuntu, as root or with sudo).
    #[arg(long)]
    pub fix: bool,
    /// The container engine; without, the one that works.
    #[arg(long, value_name = "docker|podman")]
    pub engine: Option<EngineKind>,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `images`
#[derive(Debug, Args)]
pub struct ImagesArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub verb: ImagesVerb,
    /// The container engine; without, the one that works.
    #[arg(long, global = true, value_name = "docker|podman")]
    pub engine: Option<EngineKind>,
}

/// What to do with images that come from elsewhere.
#[derive(Debug, Subcommand)]
pub enum ImagesVerb {
    /// Show the sources of each image, in the order in which they are tried.
    List {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Make images by their recipes, whatever else there is.
    Build {
        /// The images.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Obtain images and write them to a directory that `E2E_IMAGE_CACHE` can name.
    Export {
        /// The directory; it is made, and what it has already stays.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// The images; all without.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Remove old builds of this workspace's images from the engine; runs that build something do it too.
    Prune {
        /// How many builds of each image stay.
        #[arg(long, value_name = "N", default_value_t = crate::images::prune::KEPT)]
        keep: usize,
        /// Only say which.
        #[arg(long)]
        dry_run: bool,
    },
}
