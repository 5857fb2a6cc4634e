//! Sets up real clusters for end-to-end tests: in parallel, with one wait.
//!
//! What may import what is in ARCHITECTURE.md, and a test holds it to that.

pub mod bench;
pub mod catalog;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod doctor;
pub mod event;
pub mod exec;
pub mod execute;
pub mod images;
pub mod object;
pub mod observe;
pub mod plan;
pub mod readiness;
pub mod record;
pub mod render;
pub mod report;
pub mod schedule;
pub mod session;
pub mod signals;
pub mod state;
pub mod suite;
pub mod tools;
