//! Makes the changes that findings propose. Overlapping ones wait for the next round.

use std::collections::BTreeMap;

use crate::analysis;
use crate::finding::{Edit, Finding};
use crate::package::Parsed;
use crate::source::{Source, Sources};

/// The new text of each file that changes. A text that would not parse is no fix.
#[must_use]
pub fn apply(findings: &[Finding], sources: &Sources) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in findings.iter().flat_map(|finding| &finding.fix) {
        by_file.entry(&edit.place.file).or_default().push(edit);
    }
    let mut changed = BTreeMap::new();
    for (file, edits) in by_file {
        let Some(source) = sources.get(file) else { continue };
        let text = edited(&source.text, edits);
        let (_, broken) = analysis::parse(vec![Source::new(file, text.clone(), source.language)]);
        if text != source.text && !broken.iter().any(|skipped| skipped.broken) {
            changed.insert(file.to_owned(), text);
        }
    }
    changed
}

/// What was read, with the texts that changed.
#[must_use]
pub fn texts(files: Vec<Parsed>, mut changed: BTreeMap<String, String>) -> Vec<Source> {
    files
        .into_iter()
        .map(|file| match changed.remove(&file.source.path) {
            Some(text) => file.source.with_text(text),
            None => file.source,
        })
        .collect()
}

/// From the last place to the first, so that the places before it stay what they are; two at one place are not made.
fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span));
    let mut text = text.to_owned();
    let mut limit = text.len() + 1;
    for edit in edits {
        let range = edit.place.span.range();
        if range.end < limit && text.get(range.clone()).is_some() {
            limit = range.start.max(1);
            text.replace_range(range, &edit.text);
        }
    }
    text
}
