//! Known findings of old code bases, left out. A finding is known by its rule, file and text of its line, not by its
//! number: code may move.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::source::Sources;

/// What is written to the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Known findings, sorted.
    pub known: Vec<Known>,
}

/// One known finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The file.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// The line, without what is around it.
    pub text: String,
}

impl Baseline {
    /// The findings of a run.
    #[must_use]
    pub fn of(findings: &[Finding], sources: &Sources) -> Self {
        let mut known: Vec<Known> = findings.iter().map(|finding| known(finding, sources)).collect();
        known.sort();
        Self { known }
    }

    /// Takes away what is known, each entry once.
    #[must_use]
    pub fn new_ones(&self, findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
        let mut counts: HashMap<&Known, usize> = HashMap::new();
        for entry in &self.known {
            *counts.entry(entry).or_default() += 1;
        }
        findings
            .into_iter()
            .filter(|finding| match counts.get_mut(&known(finding, sources)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            })
            .collect()
    }
}

fn known(finding: &Finding, sources: &Sources) -> Known {
    let source = sources.get(finding.place.file.as_str());
    let text = source.map_or("", |source| source.slice(source.line_span(source.line(finding.place.span.start))).trim());
    Known { file: finding.place.file.clone(), rule: finding.rule.to_owned(), text: text.to_owned() }
}
