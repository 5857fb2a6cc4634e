//! The command line, and the environment: the only reader of both.

mod machine;

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

pub use machine::{DoctorArgs, ImagesArgs, ImagesVerb};

use crate::{
    catalog::{ImageName, ImageRef},
    doctor::Ctx,
    plan::Mode,
    report::terminal::Verbosity,
    state::PortPolicy,
    tools::engine::EngineKind,
};

/// Sets up real Kubernetes clusters for end-to-end tests: in parallel, with one wait.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 110, arg_required_else_help = true, after_help = START)]
pub struct Cli {
    #[command(subcommand)]
    /// What to do.
    pub command: Command,
    /// Print failures and the result only.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print everything, also what is waited for and what was up to date.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value_t, value_enum)]
    pub color: Color,
}

const START: &str = "\
Start with:
  cargo xtask e2e-setup signalprocessing --bootstrap   a cluster with the service and all that it needs
  cargo xtask e2e-test signalprocessing                its end-to-end tests, on that cluster
  cargo xtask e2e-down --all                           removes it";

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Arguments of `install-hooks`.
#[derive(Debug, Args)]
pub struct InstallHooksArgs {
    /// Remove the hook; one that was there before comes back.
    #[arg(long)]
    pub uninstall: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up services in a cluster: build, create, load, apply, wait once.
    E2eSetup(SetupArgs),
    /// Build the images of services, without a cluster.
    E2eBuild(BuildArgs),
    /// Set a service up if needed, and run its end-to-end tests.
    E2eTest(TestArgs),
    /// Set up and test every service of the catalogue.
    E2eAll(AllArgs),
    /// Remove clusters; what their runs recorded stays.
    E2eDown(DownArgs),
    /// Show clusters, what runs in them, URLs and kubeconfigs.
    E2eStatus(StatusArgs),
    /// Show the logs of a service's pods.
    E2eLogs(LogsArgs),
    /// Show what a set-up would do, and do nothing.
    E2ePlan(PlanArgs),
    /// Compare the modes, and a bare `kind create cluster --wait`.
    E2eBench(BenchArgs),
    /// Check this machine: engine, tools, images, room; `--fix` mends what is missing.
    Doctor(DoctorArgs),
    /// The images that come from elsewhere: where each comes from, make one, fill a cache.
    Images(ImagesArgs),
    /// Everything that a change must pass: style, lints, unit tests, documents, then `e2e-all` on real clusters.
    Ci(CiArgs),
    /// Find sequential deploys and their kin in Rust, Go, shell and YAML, here or in any repository.
    #[command(disable_help_flag = true)]
    Lint {
        /// Arguments of the lint; `--help` shows them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
    /// Let git run the lint before each commit.
    InstallHooks(InstallHooksArgs),
    /// Print a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// What every verb with a cluster takes.
#[derive(Debug, Clone, Args)]
pub struct ClusterArgs {
    /// The container engine; without, the one that works.
    #[arg(long, value_name = "docker|podman")]
    pub engine: Option<EngineKind>,
    /// The cluster's name; without, it is named after the services.
    #[arg(long, value_name = "NAME")]
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
    /// Clusters, as `e2e-status` names them.
    #[arg(value_name = "CLUSTER")]
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
    #[arg(long, value_name = "NAME")]
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

/// What is read from the environment.
#[derive(Debug, Clone)]
pub struct Env {
    /// `$PATH`
    pub path: OsString,
    /// `$XDG_STATE_HOME`, or `~/.local/state`.
    pub state_home: PathBuf,
    /// `$XDG_DATA_HOME`, or `~/.local/share`.
    pub data_home: PathBuf,
    /// `$HOME`
    pub home: PathBuf,
    /// Those variables, where they are set, that change what an engine does.
    pub engine_vars: BTreeMap<String, String>,
    /// `$E2E_IMAGE_CACHE`: a directory of image archives.
    pub image_cache: Option<PathBuf>,
}

impl Env {
    /// Reads the environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Result<Self, String> {
        let dir = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let home = || dir("HOME").ok_or("neither the XDG directories nor HOME are set; set HOME");
        let below_home = |name: &str, rest: &str| match dir(name) {
            Some(dir) => Ok(dir),
            None => home().map(|h| h.join(rest)),
        };
        Ok(Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            state_home: below_home("XDG_STATE_HOME", ".local/state")?,
            data_home: below_home("XDG_DATA_HOME", ".local/share")?,
            home: dir("HOME").unwrap_or_else(|| PathBuf::from("/")),
            engine_vars: Ctx::VARS
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
                .collect(),
            image_cache: dir("E2E_IMAGE_CACHE"),
        })
    }
}

impl From<Format> for PlanFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

impl Cli {
    /// How much is said.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
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
