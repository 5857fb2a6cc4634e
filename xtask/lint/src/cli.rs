//! The command line of `xtask-lint`. It must not do anything.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Finds sequential deploys and their kin in Rust, Go, shell and YAML.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line, each by itself")]
#[command(
    name = "xtask-lint",
    version,
    after_help = "Exit codes: 0 clean, 1 findings, 2 usage or a file that does not parse."
)]
pub struct Cli {
    /// Files and directories to read; the current directory without any.
    pub paths: Vec<PathBuf>,
    /// Read the files staged for the next commit, as they are staged.
    #[arg(long, conflicts_with = "changed")]
    pub staged: bool,
    /// Read the files that differ from REF.
    #[arg(long, value_name = "REF")]
    pub changed: Option<String>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value = "plain")]
    pub format: Format,
    /// Print the page of RULE and end.
    #[arg(long, value_name = "RULE")]
    pub explain: Option<String>,
    /// List the rules and end.
    #[arg(long)]
    pub list: bool,
    /// Print a table of set-up functions, their steps, and what could run side by side, instead of findings.
    #[arg(long)]
    pub adoption: bool,
    /// Make the changes that are safe to make, in the working tree.
    #[arg(long, conflicts_with = "staged")]
    pub fix: bool,
    /// Leave out findings that FILE knows.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the findings of this run into FILE, to be left out by `--baseline` later.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
    /// Read this file instead of looking for xtask-lint.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read how long steps took from FILE, and say what is lost: JSON, `{"name": seconds or [seconds, ...]}`.
    #[arg(long, value_name = "FILE")]
    pub durations: Option<PathBuf>,
    /// Colours.
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: source with marks under it.
    Plain,
    /// Commands of GitHub Actions.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// One JSON object.
    Json,
}

/// Whether to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
