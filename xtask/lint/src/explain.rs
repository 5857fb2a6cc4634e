//! A rule's page of the documentation.

/// The pages of all rules.
pub const PAGES: &str = include_str!("../../../docs/lints.md");

/// The page of one rule: from its heading to the next.
#[must_use]
pub fn page(rule: &str) -> Option<&'static str> {
    let heading = format!("\n## {rule}\n");
    let start = PAGES.find(&heading)? + 1;
    let end = PAGES[start + 1..].find("\n## ").map_or(PAGES.len(), |at| start + 1 + at);
    Some(PAGES[start..end].trim_end())
}
