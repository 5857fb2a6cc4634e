//! `DataStorage` on a real cluster, with its `PostgreSQL` and Redis.
//!
//! Every test has correlation ids and workflow names of its own, so that all run at once. The few that take something
//! away from the service (`outage`, `termination`) hold the weather lock of `fixture` exclusively: none of the others
//! runs meanwhile, and they put back what they took before they let go.

#[path = "e2e/catalog.rs"]
mod catalog;
#[path = "e2e/event_types.rs"]
mod event_types;
#[path = "e2e/fixture.rs"]
mod fixture;
#[path = "e2e/happy_path.rs"]
mod happy_path;
#[path = "e2e/malformed.rs"]
mod malformed;
#[path = "e2e/outage.rs"]
mod outage;
#[path = "e2e/paging.rs"]
mod paging;
#[path = "e2e/parallel.rs"]
mod parallel;
#[path = "e2e/search.rs"]
mod search;
#[path = "e2e/termination.rs"]
mod termination;
#[path = "e2e/writers.rs"]
mod writers;
