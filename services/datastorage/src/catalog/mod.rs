//! The workflow catalog as pure data: what a definition is, what a search asks for, and which workflow fits best.
//!
//! No store and no HTTP in here.

mod definition;
mod rank;
mod search;
mod version;

pub(crate) use definition::{ANY, WorkflowDefinition, parse as parse_definition};
pub(crate) use rank::{Ranked, rank};
pub(crate) use search::{SearchQuery, parse as parse_search};
pub(crate) use version::Version;
