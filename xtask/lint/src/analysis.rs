//! From sources to findings: parse, group into packages, run every rule, drop what is suppressed.
//! It must not read the disk nor print.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use crate::config::Config;
use crate::files::Skipped;
use crate::finding::Finding;
use crate::front::{self, ParseError};
use crate::ir::Unit;
use crate::package::{Package, Parsed};
use crate::reason::Scene;
use crate::rules::{Check, RULES};
use crate::settings::Settings;
use crate::source::{Language, Part, Source};
use crate::steps::steps;
use crate::suppress;
use crate::world::World;

/// What came out.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings, by file and place.
    pub findings: Vec<Finding>,
    /// Files that do not parse.
    pub skipped: Vec<Skipped>,
    /// The files, for those who print.
    pub files: Vec<Parsed>,
}

/// Analyses files that one configuration rules.
#[must_use]
pub fn analyse(sources: Vec<Source>, config: &Config) -> Report {
    judge(sources, &Settings::one(config.clone()))
}

/// Analyses files, each by its configuration.
#[must_use]
pub fn judge(sources: Vec<Source>, settings: &Settings) -> Report {
    let (files, skipped) = parse(sources);
    let mut findings: Vec<Finding> =
        packages(&files).into_par_iter().flat_map_iter(|group| functions(group, settings)).collect();
    let world = World::new(&files, settings.images());
    for rule in RULES {
        if let Check::World(check) | Check::Both(_, check) = rule.check {
            findings.extend(check(&world));
        }
    }
    let off = |finding: &Finding| &settings.of(&finding.place.file).rules.disable;
    findings.retain(|finding| !off(finding).iter().any(|id| id == finding.rule));
    let mut findings = suppressed(&files, findings);
    let asked = files.iter().filter(|file| file.source.part == Part::Asked);
    let asked: HashSet<&str> = asked.map(|file| file.source.path.as_str()).collect();
    findings.retain(|finding| touches(finding, &asked));
    findings.sort_by(|one, two| (&one.place, one.rule).cmp(&(&two.place, two.rule)));
    // What several aliases stand for is found once.
    findings.dedup();
    Report { findings, skipped, files }
}

/// Parses every file, on all cores. Context that does not parse is none.
#[must_use]
pub fn parse(sources: Vec<Source>) -> (Vec<Parsed>, Vec<Skipped>) {
    let (files, skipped): (Vec<_>, Vec<_>) = sources.into_par_iter().map(parse_one).unzip();
    (files.into_iter().flatten().collect(), skipped.into_iter().flatten().collect())
}

/// Whether a finding is in a file that was asked for, or about something there.
fn touches(finding: &Finding, asked: &HashSet<&str>) -> bool {
    let related = finding.related.iter().map(|related| &related.place);
    std::iter::once(&finding.place).chain(related).any(|place| asked.contains(place.file.as_str()))
}

/// The file as far as it parses, and what does not.
fn parse_one(source: Source) -> (Option<Parsed>, Option<Skipped>) {
    let skip = |source: &Source, reason: String, broken| {
        let skipped = Skipped { file: source.path.clone(), shown: source.shown.clone(), reason, broken };
        (source.part == Part::Asked).then_some(skipped)
    };
    let unit = match source.language {
        Language::Go => front::go::parse(&source.text),
        Language::Shell => front::shell::parse(&source.text),
        Language::Yaml => {
            let unit = front::yaml::parse(&source.text);
            if unit.is_err() && source.text.contains("{{") {
                let skipped = skip(&source, "a template, not YAML".to_owned(), false);
                return (None, skipped);
            }
            unit
        }
        Language::Containerfile => Ok(Unit { comments: front::yaml::comments(&source.text), ..Unit::default() }),
        Language::Rust => front::rust::parse(&source.text),
    };
    let why = |error: &ParseError| {
        let at = source.position(error.span.start);
        format!("line {}, column {}: {}", at.line, at.column, error.message)
    };
    match unit {
        Ok(mut unit) => {
            unit.comments.sort_by_key(|comment| comment.span.start);
            let skipped = unit.unread.as_ref().and_then(|unread| {
                let what = if unread.broken { "does not parse" } else { "is read in part" };
                skip(&source, format!("{what}: {}", why(&unread.error)), unread.broken)
            });
            (Some(Parsed { source, unit }), skipped)
        }
        Err(error) => {
            let skipped = skip(&source, format!("does not parse: {}", why(&error)), true);
            (None, skipped)
        }
    }
}

/// Files that see each other: the Go files of one directory, every other file by itself.
#[must_use]
pub fn packages(files: &[Parsed]) -> Vec<Vec<&Parsed>> {
    let mut groups: BTreeMap<&str, Vec<&Parsed>> = BTreeMap::new();
    for file in files {
        let path = file.source.path.as_str();
        let key = match file.source.language {
            Language::Go => path.rsplit_once('/').map_or("", |(directory, _)| directory),
            _ => path,
        };
        groups.entry(key).or_default().push(file);
    }
    groups.into_values().collect()
}

fn functions(group: Vec<&Parsed>, settings: &Settings) -> Vec<Finding> {
    // Files that see each other lie in one directory.
    let config = settings.of(group.first().map_or("", |file| &file.source.path));
    let package = Package::new(group, config);
    let mut findings = Vec::new();
    // What is in context is looked through, and not judged.
    for file in package.files.clone().into_iter().filter(|file| file.source.part == Part::Asked) {
        for function in &file.unit.functions {
            let sequence = steps(&package, file, function);
            if function.body.is_empty() {
                continue;
            }
            let scene = Scene { package: &package, file, function, steps: &sequence, config };
            for rule in RULES {
                match rule.check {
                    Check::Function(check) | Check::Both(check, _) => findings.extend(check(&scene)),
                    Check::World(_) => {}
                }
            }
        }
    }
    findings
}

fn suppressed(files: &[Parsed], findings: Vec<Finding>) -> Vec<Finding> {
    let mut by_file: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        by_file.entry(finding.place.file.clone()).or_default().push(finding);
    }
    let mut kept = Vec::new();
    for file in files {
        let own = by_file.remove(&file.source.path).unwrap_or_default();
        kept.extend(suppress::apply(&file.source, &file.unit, own));
    }
    kept.extend(by_file.into_values().flatten());
    kept
}
