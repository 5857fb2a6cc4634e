//! The audit trail: what an event is, which types there are, and what makes an event valid.
//!
//! Producers and the store use the same code, so that what one sends the other takes.

mod event;
mod table;
mod validate;

pub use event::{AuditEvent, Outcome};
pub use table::{EventType, Field, Kind, UnknownEventType};
pub use validate::{MAX_TEXT, Violation, parse};
