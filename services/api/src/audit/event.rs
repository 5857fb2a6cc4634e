//! One audit event. What makes it valid is in `validate`.

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    table::EventType,
    validate::{self, Violation},
};
use crate::resources::reference::TargetResource;

/// Something that happened, told once and kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Its identity: the store keeps one event an id, however often it is sent.
    pub event_id: Uuid,
    /// What happened.
    pub event_type: EventType,
    /// When, in microseconds: the precision of the store, so that an event reads back as it was written.
    pub event_timestamp: Timestamp,
    /// What it belongs to: the name of the `RemediationRequest`, where there is one.
    pub correlation_id: String,
    /// Who tells it.
    pub service: String,
    /// How it went.
    pub outcome: Outcome,
    /// The object it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<TargetResource>,
    /// The payload; the table says what it must hold for each type, and it may hold more.
    pub event_data: Map<String, Value>,
}

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Well.
    Success,
    /// Not well.
    Failure,
    /// Not known yet.
    Pending,
}

impl AuditEvent {
    /// A new event of now, with a new id, told by the service that the table names for the type.
    ///
    /// The payload is given as pairs, so that a payload is always an object.
    pub fn new<const N: usize>(
        event_type: EventType,
        correlation_id: impl Into<String>,
        outcome: Outcome,
        event_data: [(&str, Value); N],
    ) -> Self {
        Self {
            event_id: Uuid::now_v7(),
            event_type,
            event_timestamp: to_micros(Timestamp::now()),
            correlation_id: correlation_id.into(),
            service: event_type.service().to_owned(),
            outcome,
            resource: None,
            event_data: event_data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    /// Names the object it is about.
    #[must_use]
    pub fn about(mut self, resource: TargetResource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Everything that is wrong with it, or nothing.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        validate::check(self)
    }
}

impl Outcome {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Pending => "pending",
        }
    }
}

/// Cuts a timestamp to microseconds. Rounding down cannot fail; should it ever, the timestamp stays as it is.
pub(super) fn to_micros(timestamp: Timestamp) -> Timestamp {
    let whole = jiff::TimestampRound::new().smallest(Unit::Microsecond).mode(jiff::RoundMode::Floor);
    timestamp.round(whole).unwrap_or(timestamp)
}
