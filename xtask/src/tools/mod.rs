//! The programs that the tool drives: typed actions in, argument lists out, their output back into types.
//!
//! Nothing here decides what is to be done; that is the plan's business.

pub mod cargo;
pub mod engine;
pub mod kind;
pub mod kubectl;
pub mod locate;
