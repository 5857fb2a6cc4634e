//! What every service shares: telemetry, configuration, health and metrics routes, problems, shutdown, and the client of
//! the audit trail.
//!
//! Nothing here may know what a particular service does.

pub mod audit;
pub mod body_limit;
pub mod config;
pub mod health;
pub mod metrics;
pub mod problem;
pub mod server;
pub mod shutdown;
pub mod telemetry;
