//! Sets up real clusters for end-to-end tests: in parallel, with one wait.
//!
//! What may import what is in ARCHITECTURE.md, and a test holds it to that.

pub mod catalog;
pub mod event;
pub mod exec;
pub mod images;
pub mod plan;
pub mod schedule;
pub mod tools;
