//! One run: what to read, how to judge it, what to print, how to end.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use crate::analysis::{Report, judge};
use crate::asked::Asked;
use crate::baseline::Baseline;
use crate::cli::{Cli, Color};
use crate::files::Skipped;
use crate::output::{self, Outcome};
use crate::package::Parsed;
use crate::rules::RULES;
use crate::settings::Settings;
use crate::source::{Part, Source};
use crate::{adoption, durations, explain, fix, suppress};

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
    if let Some(rule) = &cli.explain {
        return page(rule);
    }
    let durations = cli.durations.as_deref().map(durations::read).transpose()?.unwrap_or_default();
    let asked = Asked::of(cli)?;
    let mut settings = Settings::new(&asked.root, cli.config.as_deref(), durations)?;
    let read = asked.read(cli, &mut settings)?;
    let mut report = judge(read.sources, &settings);
    report.skipped.extend(read.skipped);
    report.skipped.sort();
    if cli.adoption {
        put(&adoption::table(&report, &settings))?;
        return Ok(ending(&report.skipped, true));
    }
    known(cli, &mut report)?;
    if cli.fix {
        report = mend(cli, &settings, report)?;
    }
    print(cli, &report)
}

fn page(rule: &str) -> anyhow::Result<u8> {
    let Some(page) = explain::page(rule) else {
        bail!("`{rule}` is no rule; `--list` names them");
    };
    put(&format!("{page}\n"))?;
    Ok(0)
}

/// Leaves out what the baseline knows, or writes one.
fn known(cli: &Cli, report: &mut Report) -> anyhow::Result<()> {
    let sources = sources(&report.files);
    if let Some(path) = &cli.write_baseline {
        let text = serde_json::to_string_pretty(&Baseline::of(&report.findings, &sources))?;
        fs_err::write(path, text + "\n")?;
        report.findings.clear();
    } else if let Some(path) = &cli.baseline {
        let baseline: Baseline =
            serde_json::from_str(&fs_err::read_to_string(path)?).with_context(|| path.display().to_string())?;
        report.findings = baseline.new_ones(std::mem::take(&mut report.findings), &sources);
    }
    Ok(())
}

/// Replaces a file whole, so that whatever stops us leaves the old one or the new one, and leaves its permissions.
fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(dir).with_context(|| file.display().to_string())?;
    new.write_all(text.as_bytes())?;
    new.as_file().set_permissions(fs_err::metadata(file)?.permissions())?;
    new.persist(file).with_context(|| file.display().to_string())?;
    Ok(())
}

/// Writes the changes and judges what came out, as long as that takes findings away.
fn mend(cli: &Cli, settings: &Settings, mut report: Report) -> anyhow::Result<Report> {
    loop {
        let sources = sources(&report.files);
        let changed = fix::apply(&report.findings, &sources);
        if changed.is_empty() {
            return Ok(report);
        }
        for (name, text) in &changed {
            let file = sources.get(name.as_str()).map_or(name, |source| &source.shown);
            replace(Path::new(file), text)?;
            writeln!(anstream::stderr(), "fixed {file}")?;
        }
        let before = report.findings.len();
        let skipped = std::mem::take(&mut report.skipped);
        report = judge(fix::texts(report.files, changed), settings);
        report.skipped = skipped;
        known(cli, &mut report)?;
        if report.findings.len() >= before {
            return Ok(report);
        }
    }
}

fn sources(files: &[Parsed]) -> HashMap<&str, &Source> {
    files.iter().map(|file| (file.source.path.as_str(), &file.source)).collect()
}

/// Writes to standard output; a reader that went away is no error.
fn put(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn ending(skipped: &[Skipped], clean: bool) -> u8 {
    if skipped.iter().any(|skipped| skipped.broken) { 2 } else { u8::from(!clean) }
}

fn list() -> anyhow::Result<u8> {
    let mut out = anstream::stdout();
    let own = (suppress::RULE, suppress::SEVERITY, suppress::SUMMARY);
    for (id, severity, summary) in RULES.iter().map(|rule| (rule.id, rule.severity, rule.summary)).chain([own]) {
        writeln!(out, "{id:<34} {:<8} {summary}", severity.word())?;
    }
    Ok(0)
}

fn print(cli: &Cli, report: &Report) -> anyhow::Result<u8> {
    let sources = sources(&report.files);
    let files = report.files.iter().filter(|file| file.source.part == Part::Asked).count();
    let outcome = Outcome { findings: &report.findings, skipped: &report.skipped, sources, files };
    put(&output::render(&outcome, cli.format))?;
    writeln!(anstream::stderr(), "{}", output::summary(&outcome))?;
    Ok(ending(&report.skipped, report.findings.is_empty()))
}
