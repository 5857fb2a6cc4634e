//! The signal processing controller: looks up in the cluster what a signal is about and classifies it by policy.
//!
//! What it decides is pure (`validate`, `progress`, `classify`, `conditions`, `backoff`, most of `enrich` and `policy`);
//! what talks to the cluster or the network is in `reconcile`, `scope`, `enrich::lookup`, `policy::watch` and `run`. It
//! must not exit because something it needs is missing, and must not change anything but its own objects' status.

pub mod audit;
pub mod backoff;
pub mod classify;
pub mod conditions;
pub mod dependencies;
pub mod enrich;
pub mod metrics;
pub mod policy;
pub mod progress;
pub mod reconcile;
pub mod run;
#[cfg(test)]
mod samples;
pub mod scope;
pub mod settings;
pub mod validate;
