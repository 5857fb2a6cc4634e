//! One run: what to read, how to judge it, what to print, how to end.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::analysis::{Report, analyse};
use crate::cli::{Cli, Color};
use crate::config::{Config, FILE};
use crate::files::{self, Read};
use crate::output::{self, Outcome};
use crate::rules::RULES;

/// Does what the command line asks; the number is the exit code.
pub fn run(cli: &Cli) -> anyhow::Result<u8> {
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    if cli.list {
        return list();
    }
    let config = configuration(cli)?;
    let read = read(cli, &config)?;
    let mut report = analyse(read.sources, &config);
    report.skipped.extend(read.skipped);
    report.skipped.sort();
    print(cli, &report)
}

fn list() -> anyhow::Result<u8> {
    let mut out = anstream::stdout();
    for rule in RULES {
        writeln!(out, "{:<34} {:<8} {}", rule.id, rule.severity.word(), rule.summary)?;
    }
    Ok(0)
}

fn print(cli: &Cli, report: &Report) -> anyhow::Result<u8> {
    let sources = report.files.iter().map(|file| (file.source.path.as_str(), &file.source)).collect::<HashMap<_, _>>();
    let outcome = Outcome { findings: &report.findings, skipped: &report.skipped, sources, files: report.files.len() };
    let mut out = anstream::stdout();
    match out.write_all(output::render(&outcome, cli.format).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other?,
    }
    writeln!(anstream::stderr(), "{}", output::summary(&outcome))?;
    Ok(if report.skipped.iter().any(|skipped| skipped.broken) { 2 } else { u8::from(!report.findings.is_empty()) })
}

fn read(cli: &Cli, config: &Config) -> anyhow::Result<Read> {
    let here = [PathBuf::from(".")];
    let paths = if cli.paths.is_empty() { &here[..] } else { &cli.paths };
    files::read(paths, &config.paths.exclude)
}

fn configuration(cli: &Cli) -> anyhow::Result<Config> {
    let start = cli.paths.first().map_or_else(|| PathBuf::from("."), Clone::clone);
    let Some(path) = cli.config.clone().or_else(|| nearest(&start)) else { return Ok(Config::default()) };
    let text = fs_err::read_to_string(&path)?;
    match Config::parse(&text) {
        Ok(config) => {
            if let Some(id) = config.rules.disable.iter().find(|id| crate::rules::find(id).is_none()) {
                bail!("{}: `{id}` is no rule", path.display());
            }
            Ok(config)
        }
        Err(error) => bail!("{}: {error}", path.display()),
    }
}

/// The configuration of the nearest directory upwards.
fn nearest(start: &Path) -> Option<PathBuf> {
    let start = fs_err::canonicalize(start).context("no such path").ok()?;
    start.ancestors().map(|directory| directory.join(FILE)).find(|path| path.is_file())
}
