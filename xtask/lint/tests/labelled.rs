//! Measures the rules against a reader: precision over all findings, recall of the sequential-deploy family.

use std::fmt::Write;
use std::path::PathBuf;

use xtask_lint::analysis::analyse;
use xtask_lint::config::Config;
use xtask_lint::files;
use xtask_lint::root::Root;
use xtask_lint::settings::Settings;
use xtask_lint::source::Source;

/// The rules that are about steps one after another.
const FAMILY: &[&str] = &[
    "sequential-deploy",
    "wait-between-deploys",
    "build-in-sequence",
    "load-per-image",
    "apply-per-file",
    "wait-per-service",
];

/// What a reader said.
struct Label {
    file: String,
    line: usize,
    rule: String,
    /// A finding is right, its absence is no miss.
    may: bool,
}

/// What was found, with every line it touches.
struct Found {
    file: String,
    lines: Vec<usize>,
    rule: &'static str,
}

fn same_family(one: &str, two: &str) -> bool {
    one == two || (FAMILY.contains(&one) && FAMILY.contains(&two))
}

fn labels(source: &Source) -> Vec<Label> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut labels = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((before, label)) = line.split_once("label: ") else { continue };
        let alone = before.trim_matches([' ', '\t', '/', '#']).is_empty();
        let (rule, may) = label.strip_suffix(" ?").map_or((label, false), |rule| (rule, true));
        let line = index + 1 + usize::from(alone);
        labels.push(Label { file: source.path.clone(), line, rule: rule.trim().to_owned(), may });
    }
    labels
}

#[test]
fn precision_and_recall_are_what_is_promised() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/labelled");
    let read = files::read(&files::find(&[root], &Root::Nowhere, &mut Settings::one(Config::default())).unwrap());
    let lines: usize = read.sources.iter().map(Source::line_count).sum();
    let labels: Vec<Label> = read.sources.iter().flat_map(labels).collect();
    let report = analyse(read.sources, &Config::default());
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);

    let found: Vec<Found> = report
        .findings
        .iter()
        .filter(|finding| LABELLED.contains(&finding.rule) || FAMILY.contains(&finding.rule))
        .map(|finding| {
            let source = &report.files.iter().find(|file| file.source.path == finding.place.file).unwrap().source;
            let places = std::iter::once(&finding.place).chain(finding.related.iter().map(|related| &related.place));
            let lines = places.map(|place| source.line(place.span.start)).collect();
            Found { file: finding.place.file.clone(), lines, rule: finding.rule }
        })
        .collect();

    let touches = |label: &Label, found: &Found| {
        label.file == found.file
            && same_family(&label.rule, found.rule)
            && found.lines.iter().any(|line| *line == label.line || *line == label.line + 1)
    };
    let right = found.iter().filter(|found| labels.iter().any(|label| touches(label, found))).count();
    let wanted: Vec<&Label> =
        labels.iter().filter(|label| FAMILY.contains(&label.rule.as_str()) && !label.may).collect();
    let hit = wanted.iter().filter(|label| found.iter().any(|found| touches(label, found))).count();
    let others: Vec<&Label> =
        labels.iter().filter(|label| !FAMILY.contains(&label.rule.as_str()) && !label.may).collect();
    let others_hit = others.iter().filter(|label| found.iter().any(|found| touches(label, found))).count();

    let mut wrong = String::new();
    for found in found.iter().filter(|found| !labels.iter().any(|label| touches(label, found))) {
        _ = writeln!(wrong, "not labelled: {} at {}:{}", found.rule, found.file, found.lines[0]);
    }
    for label in wanted.iter().chain(&others).filter(|label| !found.iter().any(|found| touches(label, found))) {
        _ = writeln!(wrong, "not found: {} at {}:{}", label.rule, label.file, label.line);
    }
    let number = |count: usize| f64::from(u32::try_from(count).unwrap());
    let share = |part: usize, whole: usize| number(part) / number(whole.max(1));
    let (precision, recall) = (share(right, found.len()), share(hit, wanted.len()));
    println!(
        "{lines} lines; precision {right}/{} = {precision:.3}; recall of the family {hit}/{} = {recall:.3}; other rules {others_hit}/{}\n{wrong}",
        found.len(),
        wanted.len(),
        others.len(),
    );
    assert!(wanted.len() >= 35, "too few labels to measure anything: {}", wanted.len());
    assert!(precision >= 0.95, "precision {precision:.3}\n{wrong}");
    assert!(recall >= 0.95, "recall {recall:.3}\n{wrong}");
}

/// Rules beside the family that the reader looked for.
const LABELLED: &[&str] =
    &["sleep-as-readiness", "first-error-return", "missing-edge", "regenerated-tag", "fixed-temp-path"];
