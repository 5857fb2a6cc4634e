//! The arguments of each verb.

use std::path::PathBuf;

use clap::Args;

use crate::{
    catalog::{ImageName, ImageRef},
    plan::Mode,
    state::{PortPolicy, cluster_name},
    tools::engine::EngineKind,
};

/// What every verb with a cluster takes.
#[derive(Debug, Clone, Args)]
pub struct ClusterArgs {
    /// The container engine; without, the one that works.
    #[arg(long, value_name = "docker|podman")]
    pub engine: Option<EngineKind>,
    /// The cluster's name; without, it is named after the services.
    #[arg(long, value_name = "NAME", value_parser = cluster_name)]
    pub cluster: Option<String>,
    /// What to do when a wanted port of the host is taken.
    #[arg(long, value_enum, default_value_t)]
    pub ports: PortPolicy,
    /// Delete the cluster first, if there is one.
    #[arg(long)]
    pub recreate: bool,
    /// Fail instead of waiting for another run that works on this cluster.
    #[arg(long)]
    pub no_wait: bool,
    /// Install and start first what this run needs and the machine lacks.
    #[arg(long)]
    pub bootstrap: bool,
    /// Use an image that was built elsewhere (repeatable).
    #[arg(long, value_name = "NAME=REF", value_parser = image)]
    pub image: Vec<(ImageName, ImageRef)>,
    /// How to order the work.
    #[arg(long, value_enum, default_value_t)]
    pub mode: Mode,
}

/// `e2e-setup`
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// Services, as named in `services/`.
    #[arg(required = true, value_name = "SERVICE")]
    pub services: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub cluster: ClusterArgs,
    /// Only print what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `e2e-build`
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// Services; all of the catalogue without.
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// The container engine; without, the one that works.
    #[arg(long, value_name = "docker|podman")]
    pub engine: Option<EngineKind>,
}

/// `e2e-test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The service.
    pub service: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub cluster: ClusterArgs,
    /// Remove the cluster when the tests have passed.
    #[arg(long)]
    pub down: bool,
    /// Only tests with this in their name; after `--`, arguments for the test binary.
    #[arg(value_name = "FILTER")]
    pub filter: Option<String>,
    /// Arguments for the test binary.
    #[arg(last = true, value_name = "ARG")]
    pub args: Vec<String>,
}

/// `e2e-all`
#[derive(Debug, Args)]
pub struct AllArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub cluster: ClusterArgs,
    /// Keep the clusters of services whose tests passed.
    #[arg(long)]
    pub keep: bool,
}

/// `e2e-down`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["clusters", "all"]))]
pub struct DownArgs {
    /// Clusters, as `e2e-status` names them, or services.
    #[arg(value_name = "CLUSTER", value_parser = cluster_name)]
    pub clusters: Vec<String>,
    /// All clusters that this tool created.
    #[arg(long)]
    pub all: bool,
}

/// `e2e-status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `e2e-logs`
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// The service, or any other definition.
    pub service: String,
    /// The cluster; without, the one named after the service.
    #[arg(long, value_name = "NAME", value_parser = cluster_name)]
    pub cluster: Option<String>,
    /// Go on showing what comes.
    #[arg(short, long)]
    pub follow: bool,
}

/// `e2e-plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Services, as named in `services/`.
    #[arg(required = true, value_name = "SERVICE")]
    pub services: Vec<String>,
    /// How to order the work.
    #[arg(long, value_enum, default_value_t)]
    pub mode: Mode,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: PlanFormat,
    /// Write the rendered manifests into this directory.
    #[arg(long, value_name = "DIR")]
    pub render: Option<PathBuf>,
    /// Use an image that was built elsewhere (repeatable).
    #[arg(long, value_name = "NAME=REF", value_parser = image)]
    pub image: Vec<(ImageName, ImageRef)>,
}

/// `e2e-bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The service.
    pub service: String,
    /// Runs of each.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// The container engine; without, the one that works.
    #[arg(long, value_name = "docker|podman")]
    pub engine: Option<EngineKind>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `ci`
#[derive(Debug, Args)]
pub struct CiArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub cluster: ClusterArgs,
}

/// How to print a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// How to print a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum PlanFormat {
    /// One line a task.
    #[default]
    Text,
    /// `{"tasks":[...]}`
    Json,
    /// A flow chart.
    Mermaid,
}

impl From<Format> for PlanFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

fn image(text: &str) -> Result<(ImageName, ImageRef), String> {
    match text.split_once('=') {
        Some((name, reference)) if !name.is_empty() && reference.contains('/') && !reference.ends_with('/') => {
            Ok((ImageName::new(name), ImageRef::new(reference)))
        }
        _ => Err("expected NAME=REF with a fully qualified reference, as in gateway=localhost/me/gateway:1".to_owned()),
    }
}
