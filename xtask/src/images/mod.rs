//! Where third-party images come from.

/// The image of a kind node.
pub const NODE: &str = "kind-node";
