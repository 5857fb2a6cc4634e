//! The rules: one a file, each a pure function from what was parsed to findings.
//! They read no disk and no clock, and know nothing of output.

mod apply_per_file;
mod build_in_sequence;
mod first_error_return;
mod load_per_image;
mod missing_edge;
mod runs;
mod sequential_deploy;
mod sleep_as_readiness;
mod wait_between_deploys;
mod wait_per_service;

use crate::finding::{Finding, Severity};
use crate::reason::Scene;

/// One rule.
pub struct Rule {
    /// Its id, as in suppressions and pages.
    pub id: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// How.
    pub check: Check,
}

/// What a rule looks at.
pub enum Check {
    /// One function and its steps.
    Function(fn(&Scene) -> Vec<Finding>),
}

/// Every rule, in the order of the documentation.
pub const RULES: &[Rule] = &[
    sequential_deploy::RULE,
    wait_between_deploys::RULE,
    build_in_sequence::RULE,
    load_per_image::RULE,
    apply_per_file::RULE,
    wait_per_service::RULE,
    sleep_as_readiness::RULE,
    first_error_return::RULE,
    missing_edge::RULE,
];

/// The rule of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
