//! Finds sequential deploys and their kin in Rust, Go, shell and YAML.
//! Layers, each knowing only those before it: source and finding; fronts to the language-neutral form; classification;
//! packages and steps; rules; analysis; output and run. Rules read no disk and no clock.

pub mod adoption;
pub mod analysis;
pub mod asked;
pub mod baseline;
pub mod classify;
pub mod cli;
pub mod config;
pub mod context;
pub mod durations;
pub mod explain;
pub mod files;
pub mod finding;
pub mod fix;
pub mod front;
pub mod git;
pub mod ir;
pub mod output;
pub mod package;
pub mod reason;
pub mod root;
pub mod rules;
pub mod run;
pub mod settings;
pub mod source;
pub mod steps;
pub mod suppress;
pub mod tree;
pub mod world;
