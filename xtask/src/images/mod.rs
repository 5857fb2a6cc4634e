//! Where third-party images come from: the engine itself, an image cache, a registry, a recipe; in this order.
//!
//! Exactly the wanted reference counts, whatever the source. Nothing here knows what an image is for.

mod cache;
mod notice;
pub mod own;
pub mod prune;
mod recipe;
mod source;
mod stock;
mod sweep;

pub use cache::{Archive, Cache, CacheError};
pub use notice::{Failed, NotObtained, Notice, Obtained};
pub use source::{Source, expected, is_acceptable, sources};
pub use stock::Stock;
pub use sweep::{sweep_engine, sweep_work};

/// The image of a kind node.
pub const NODE: &str = "kind-node";
