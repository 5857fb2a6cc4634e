//! Which audit events a change of status is worth. Pure. The id of an event follows from what it tells, so that telling
//! the same step twice (after a conflict, or a restart) leaves one event in the store.

use api::{
    AuditEvent, EventType, Outcome, SignalProcessing, SignalProcessingStatus,
    signal_processing::{KubernetesContext, Phase},
};
use kube::ResourceExt as _;
use serde_json::json;
use uuid::Uuid;

/// The events of the change from the object's status to `next`, in order.
#[must_use]
pub fn events(object: &SignalProcessing, next: &SignalProcessingStatus) -> Vec<AuditEvent> {
    let teller = Teller { object };
    let before = object.status.as_ref().and_then(|status| status.phase);
    let mut events = Vec::new();
    let Some(phase) = next.phase.filter(|phase| before != Some(*phase)) else { return events };
    if let (Phase::Classifying, Some(context)) = (phase, &next.kubernetes_context) {
        events.push(teller.enriched(context));
    }
    if phase == Phase::Completed {
        events.push(teller.classified(next));
    }
    if phase == Phase::Failed {
        events.push(teller.failed(before, next.error.as_deref().unwrap_or("unknown")));
    }
    events.push(teller.phase_changed(before, phase));
    events
}

struct Teller<'a> {
    object: &'a SignalProcessing,
}

impl Teller<'_> {
    fn enriched(&self, context: &KubernetesContext) -> AuditEvent {
        let chain: Vec<_> = context.owner_chain.iter().map(|owner| format!("{}/{}", owner.kind, owner.name)).collect();
        let payload = [
            ("signalProcessing", json!(self.object.name_any())),
            ("degraded", json!(context.degraded)),
            ("ownerChain", json!(chain)),
            ("degradedReason", json!(context.degraded_reason)),
        ];
        self.event(EventType::SignalProcessingEnrichmentCompleted, "", Outcome::Success, payload)
    }

    fn classified(&self, status: &SignalProcessingStatus) -> AuditEvent {
        let environment = status.environment.as_ref();
        let priority = status.priority.as_ref();
        let payload = [
            ("signalProcessing", json!(self.object.name_any())),
            ("environment", json!(environment.map(|decided| &decided.environment))),
            ("environmentSource", json!(environment.map(|decided| decided.source))),
            ("priority", json!(priority.map(|decided| &decided.priority))),
            ("prioritySource", json!(priority.map(|decided| decided.source))),
            ("business", json!(status.business)),
            ("customLabels", json!(status.custom_labels)),
        ];
        self.event(EventType::SignalProcessingClassificationDecided, "", Outcome::Success, payload)
    }

    fn failed(&self, phase: Option<Phase>, error: &str) -> AuditEvent {
        let payload = [
            ("signalProcessing", json!(self.object.name_any())),
            ("phase", json!(name(phase))),
            ("error", json!(error)),
        ];
        self.event(EventType::SignalProcessingFailed, "", Outcome::Failure, payload)
    }

    fn phase_changed(&self, from: Option<Phase>, to: Phase) -> AuditEvent {
        let outcome = match to {
            Phase::Completed => Outcome::Success,
            Phase::Failed => Outcome::Failure,
            _ => Outcome::Pending,
        };
        let payload = [
            ("signalProcessing", json!(self.object.name_any())),
            ("from", json!(name(from))),
            ("to", json!(to.as_str())),
        ];
        self.event(EventType::SignalProcessingPhaseChanged, to.as_str(), outcome, payload)
    }

    fn event<const N: usize>(
        &self,
        event_type: EventType,
        detail: &str,
        outcome: Outcome,
        payload: [(&str, serde_json::Value); N],
    ) -> AuditEvent {
        let correlation_id = &self.object.spec.remediation_request_ref.name;
        let mut event =
            AuditEvent::new(event_type, correlation_id, outcome, payload).about(self.object.spec.signal.target.clone());
        // Without a uid, which the API server always sets, the random id stays.
        if let Some(uid) = self.object.metadata.uid.as_deref().and_then(|uid| Uuid::parse_str(uid).ok()) {
            event.event_id = Uuid::new_v5(&uid, format!("{event_type}/{detail}").as_bytes());
        }
        event
    }
}

/// Before the first phase there is a word for it too: payload fields are never empty.
fn name(phase: Option<Phase>) -> &'static str {
    phase.map_or("New", Phase::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{progress::Progress, samples};
    use api::signal_processing::{
        BusinessClassification, ClassificationSource, EnvironmentClassification, PriorityAssignment,
    };
    use k8s_openapi::jiff::Timestamp;

    fn told(object: &mut SignalProcessing, next: SignalProcessingStatus) -> Vec<AuditEvent> {
        let events = events(object, &next);
        object.status = Some(next);
        events
    }

    fn whole_story(object: &mut SignalProcessing) -> Vec<AuditEvent> {
        let now = Timestamp::from_second(1).unwrap();
        let source = ClassificationSource::Default;
        let mut story = Vec::new();
        story.extend(told(object, Progress::of(object, now).begun()));
        story.extend(told(object, Progress::of(object, now).validated(&[])));
        story.extend(told(object, Progress::of(object, now).enriched(KubernetesContext::default())));
        let environment = EnvironmentClassification { environment: "unknown".to_owned(), source };
        let priority = PriorityAssignment { priority: "P3".to_owned(), source };
        story.extend(told(object, Progress::of(object, now).classified(environment, priority, &vec![])));
        let business = BusinessClassification::default();
        story.extend(told(object, Progress::of(object, now).categorized(business, BTreeMap::new(), &vec![])));
        story
    }

    #[test]
    fn the_store_takes_every_event_of_a_whole_story() {
        let mut object = samples::signal_processing();
        let story = whole_story(&mut object);
        for event in &story {
            event.check().unwrap();
            assert_eq!((event.correlation_id.as_str(), event.service.as_str()), ("rr-1", "signalprocessing"));
        }
        let count = |wanted| story.iter().filter(|event| event.event_type == wanted).count();
        assert_eq!(count(EventType::SignalProcessingPhaseChanged), 5);
        assert_eq!(count(EventType::SignalProcessingEnrichmentCompleted), 1);
        assert_eq!(count(EventType::SignalProcessingClassificationDecided), 1);
    }

    #[test]
    fn the_same_story_told_again_has_the_same_ids() {
        let ids = || {
            let story = whole_story(&mut samples::signal_processing());
            story.iter().map(|event| event.event_id).collect::<BTreeSet<_>>()
        };
        assert_eq!(ids().len(), 7, "no two events share an id");
        assert_eq!(ids(), ids());
        let mut other = samples::signal_processing();
        other.metadata.uid = Some("6f1c7f36-7b0b-4a3c-9f0a-ba9876543210".to_owned());
        let theirs: BTreeSet<_> = whole_story(&mut other).iter().map(|event| event.event_id).collect();
        assert!(ids().is_disjoint(&theirs));
    }

    #[test]
    fn a_failure_is_told_with_its_reason() {
        let mut object = samples::signal_processing();
        let next = Progress::of(&object, Timestamp::from_second(1).unwrap()).validated(&["a is empty".to_owned()]);
        let events = told(&mut object, next);
        assert_eq!(events[0].event_type, EventType::SignalProcessingFailed);
        assert_eq!(events[0].event_data["error"], "a is empty");
        assert_eq!(events[1].outcome, Outcome::Failure);
        for event in events {
            event.check().unwrap();
        }
    }
}
