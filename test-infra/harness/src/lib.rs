//! For end-to-end tests: connect to the cluster a run was set up in, give every test namespaces of its own, await what
//! should happen with a deadline, and leave evidence when it does not.
//!
//! It must not set anything up: clusters, images and services are the tool's work, and the environment
//! (`E2E_KUBECONFIG`, `E2E_NAMESPACE`, `E2E_URL_<NAME>`) is all that the two share.
//!
//! ```no_run
//! const SUITE: harness::Suite = harness::suite!();
//!
//! #[tokio::test]
//! async fn a_pod_starts() -> anyhow::Result<()> {
//!     SUITE
//!         .with_namespace("a-pod-starts", async |test| {
//!             anyhow::ensure!(!test.namespace().is_empty());
//!             Ok(())
//!         })
//!         .await
//! }
//! ```

mod await_object;
mod cluster;
mod environment;
mod eventually;
mod evidence;
mod http;
mod suite;
mod workload;

pub use await_object::await_object;
pub use cluster::Cluster;
pub use environment::{Environment, MissingVariable};
pub use eventually::eventually;
pub use http::{Answer, Http};
pub use suite::{SUITE_LABEL, Suite, Test};
pub use workload::Workload;

/// The suite of the calling crate: its package name is the value of the label on every namespace its tests create.
#[macro_export]
macro_rules! suite {
    () => {
        $crate::Suite::new(env!("CARGO_PKG_NAME"))
    };
}
