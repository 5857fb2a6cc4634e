//! The command line, and the environment: the only reader of both.

mod machine;

mod args;
mod env;

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};

pub use args::{
    AllArgs, BenchArgs, BuildArgs, CiArgs, ClusterArgs, DownArgs, Format, LogsArgs, PlanArgs, PlanFormat, SetupArgs,
    StatusArgs, TestArgs,
};
pub use env::Env;

use crate::report::terminal::Verbosity;

pub use machine::{DoctorArgs, ImagesArgs, ImagesVerb};

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
