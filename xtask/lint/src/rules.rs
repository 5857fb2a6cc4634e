//! The rules: one a file, each a pure function from what was parsed to findings.
//! They read no disk and no clock, and know nothing of output.

mod apply_per_file;
mod awaited;
mod between;
mod build_in_sequence;
mod cluster_waits;
mod duplicate_node_port;
mod first_error_return;
mod fixed_temp_path;
mod insert;
mod load_per_image;
mod missing_edge;
mod missing_edge_manifests;
mod missing_edge_objects;
mod missing_requests;
mod no_readiness_probe;
mod pull_policy_always_on_local_image;
mod regenerated_tag;
mod runs;
mod sequential_deploy;
mod sleep_as_readiness;
mod slow_probe;
mod unmapped_node_port;
mod unpinned_image;
mod unpinned_image_code;
mod user_kubeconfig;
mod wait_between_deploys;
mod wait_per_service;

use crate::finding::{Finding, Severity};
use crate::reason::Scene;
use crate::world::World;
pub(crate) use runs::waits;

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
    /// All YAML together.
    World(fn(&World) -> Vec<Finding>),
    /// Functions by the first, all YAML by the second.
    Both(fn(&Scene) -> Vec<Finding>, fn(&World) -> Vec<Finding>),
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
    fixed_temp_path::RULE,
    user_kubeconfig::RULE,
    regenerated_tag::RULE,
    unpinned_image::RULE,
    pull_policy_always_on_local_image::RULE,
    slow_probe::RULE,
    no_readiness_probe::RULE,
    duplicate_node_port::RULE,
    unmapped_node_port::RULE,
    missing_requests::RULE,
];

/// The rule of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
