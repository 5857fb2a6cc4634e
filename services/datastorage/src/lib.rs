//! `DataStorage`: keeps the audit trail and the workflow catalog in `PostgreSQL`, and takes audit events into Redis while
//! `PostgreSQL` is away.
//!
//! [`app`] is the whole HTTP interface over a given [`AppState`]; [`supervise`] is the background work. What is written
//! where is decided in [`intake`] alone.

mod catalog;
mod cursor;
mod deadletter;
mod intake;
mod metrics;
mod migrate;
mod routes;
mod settings;
mod state;
mod store;
mod supervisor;

pub use deadletter::DeadLetters;
pub use migrate::migrate;
pub use routes::app;
pub use settings::Settings;
pub use state::AppState;
pub use store::Store;
pub use supervisor::{Checks, supervise};
