//! Rego policies: which ones are in force, and what they answer. Policies are data of the cluster's operators; a policy
//! that is wrong must never stop the controller.

mod book;
mod engine;
mod watch;

pub use book::{Instead, PolicyBook, Problem};
pub use engine::{Modules, Policies, PolicyError, Question};
pub use watch::{POLICY_LABEL, POLICY_LABEL_VALUE, PolicyFeed, follow};
