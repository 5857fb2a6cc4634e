//! The controller on a real cluster. Every test has namespaces of its own, so that all run at once; those that touch what
//! they share (the policies, the controller itself) do it in a way that the others do not notice.

#[path = "e2e/audit_trail.rs"]
mod audit_trail;
#[path = "e2e/classification.rs"]
mod classification;
#[path = "e2e/degraded.rs"]
mod degraded;
#[path = "e2e/fixture.rs"]
mod fixture;
#[path = "e2e/isolation.rs"]
mod isolation;
#[path = "e2e/operation.rs"]
mod operation;
#[path = "e2e/owner_chain.rs"]
mod owner_chain;
#[path = "e2e/policy_reload.rs"]
mod policy_reload;
#[path = "e2e/surroundings.rs"]
mod surroundings;
