//! Makes the changes that findings propose. Overlapping ones wait for the next run.

use std::collections::BTreeMap;

use crate::finding::{Edit, Finding};
use crate::source::Sources;

/// The new text of each file that changes.
#[must_use]
pub fn apply(findings: &[Finding], sources: &Sources) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in findings.iter().flat_map(|finding| &finding.fix) {
        by_file.entry(&edit.place.file).or_default().push(edit);
    }
    let mut changed = BTreeMap::new();
    for (file, mut edits) in by_file {
        let Some(source) = sources.get(file) else { continue };
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span));
        let mut text = source.text.clone();
        let mut limit = text.len() + 1;
        for edit in edits {
            let range = edit.place.span.range();
            if range.end < limit && text.get(range.clone()).is_some() {
                limit = range.start.max(1);
                text.replace_range(range, &edit.text);
            }
        }
        changed.insert(file.to_owned(), text);
    }
    changed
}
