//! Ties rules, fixtures and pages together: every rule has all three, what must fire fires, and nothing else does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use xtask_lint::analysis::analyse;
use xtask_lint::config::Config;
use xtask_lint::source::{Language, Source};
use xtask_lint::{explain, rules::RULES, suppress};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Files by path; a directory is one fixture of several files.
fn sources(path: &Path) -> Vec<Source> {
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        return entries.iter().flat_map(|entry| sources(entry)).collect();
    }
    let shown = path.strip_prefix(fixtures()).unwrap().to_string_lossy().replace('\\', "/");
    let text = std::fs::read_to_string(path).unwrap();
    let language = Language::of_path(&shown).unwrap();
    vec![Source::new(format!("e2e/{shown}"), text, language)]
}

fn fires(sources: Vec<Source>, rule: &str) -> bool {
    let report = analyse(sources, &Config::default());
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    report.findings.iter().any(|finding| finding.rule == rule)
}

fn each(rule: &str, sort: &str) -> Vec<PathBuf> {
    let directory = fixtures().join(rule).join(sort);
    std::fs::read_dir(&directory)
        .unwrap_or_else(|_| panic!("{} has no fixtures", directory.display()))
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// The blocks of a page that are marked with a word: language and text.
fn blocks(page: &str, mark: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(rest) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        if let Some((language, word)) = rest.split_once(' ')
            && word == mark
        {
            found.push((language.to_owned(), text.join("\n") + "\n"));
        }
    }
    found
}

/// A block may hold several files, each after a line `# file: PATH`.
fn files(language: &str, text: &str) -> Vec<Source> {
    let kind = Language::of_path(&format!("x.{language}")).unwrap();
    if !text.starts_with("# file: ") {
        return vec![Source::new(format!("src/x.{language}"), text.to_owned(), kind)];
    }
    text.split("# file: ")
        .skip(1)
        .map(|part| {
            let (path, text) = part.split_once('\n').unwrap();
            Source::new(path.trim(), text.to_owned(), kind)
        })
        .collect()
}

#[test]
fn every_rule_has_fixtures_that_fire_and_at_least_as_many_that_do_not() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (fire, quiet) = (each(rule.id, "fire"), each(rule.id, "quiet"));
        let pages = explain::page(rule.id).unwrap_or_default();
        let count = |files: &[PathBuf], mark| files.len() + blocks(pages, mark).len();
        if fire.is_empty() || count(&quiet, "good") < count(&fire, "bad") {
            wrong.push(format!("{}: {} fire, {} do not", rule.id, fire.len(), quiet.len()));
        }
        wrong.extend(
            fire.iter().filter(|path| !fires(sources(path), rule.id)).map(|path| format!("silent: {}", path.display())),
        );
        wrong.extend(
            quiet.iter().filter(|path| fires(sources(path), rule.id)).map(|path| format!("fires: {}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_every_page_do_what_the_page_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let Some(page) = explain::page(rule.id) else {
            wrong.push(format!("{} has no page", rule.id));
            continue;
        };
        for part in ["Why:", "When not:"] {
            if !page.contains(part) {
                wrong.push(format!("the page of {} has no {part}", rule.id));
            }
        }
        let (bad, good) = (blocks(page, "bad"), blocks(page, "good"));
        if bad.is_empty() || good.is_empty() {
            wrong.push(format!("the page of {} lacks an example", rule.id));
        }
        for (language, text) in bad {
            if !fires(files(&language, &text), rule.id) {
                wrong.push(format!("the bad example of {} is not found", rule.id));
            }
        }
        for (language, text) in good {
            let report = analyse(files(&language, &text), &Config::default());
            // The good example of one rule is no bad example of another.
            let found: Vec<_> = report
                .findings
                .iter()
                .map(|finding| finding.rule)
                .filter(|found| *found != "user-kubeconfig")
                .collect();
            if !found.is_empty() {
                wrong.push(format!("the good example of {} has {found:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_and_fixtures_are_of_rules() {
    let known = |id: &str| RULES.iter().any(|rule| rule.id == id);
    for heading in explain::PAGES.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(known(heading) || heading == suppress::RULE, "`{heading}` is no rule");
    }
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(known(&name), "`{name}` is no rule");
    }
    let page = explain::page(suppress::RULE).unwrap();
    for (mark, count) in [("bad", 1), ("good", 0)] {
        for (language, text) in blocks(page, mark) {
            let findings = analyse(files(&language, &text), &Config::default()).findings;
            let own = findings.iter().filter(|finding| finding.rule == suppress::RULE);
            assert_eq!(own.count(), count, "{mark}: {findings:?}");
        }
    }
}
