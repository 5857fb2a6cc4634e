//! Consumers of events: what a person sees, what timings say.

pub mod terminal;
pub mod timings;
