//! Conditions of a status, by the usual Kubernetes conventions. Pure.

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};

/// The conditions that a `SignalProcessing` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionType {
    /// The cluster was asked about the target.
    EnrichmentComplete,
    /// Environment and priority are decided.
    ClassificationComplete,
    /// Business and custom labels are decided.
    CategorizationComplete,
    /// No policy was found wrong.
    PoliciesValid,
    /// All of it is done.
    ProcessingComplete,
}

/// A condition's value with what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which condition.
    pub condition: ConditionType,
    /// Whether it holds.
    pub holds: Holds,
    /// A word for programs.
    pub reason: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
}

impl ConditionType {
    /// The name in the status.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EnrichmentComplete => "EnrichmentComplete",
            Self::ClassificationComplete => "ClassificationComplete",
            Self::CategorizationComplete => "CategorizationComplete",
            Self::PoliciesValid => "PoliciesValid",
            Self::ProcessingComplete => "ProcessingComplete",
        }
    }
}

/// Puts a finding in its place. The time of transition changes with the value alone.
pub fn set(conditions: &mut Vec<Condition>, finding: Finding, generation: Option<i64>, now: Timestamp) {
    let status = match finding.holds {
        Holds::Yes => "True",
        Holds::No => "False",
    };
    let type_ = finding.condition.as_str();
    let before = conditions.iter().find(|condition| condition.type_ == type_ && condition.status == status);
    let since = before.map_or(Time(now), |condition| condition.last_transition_time.clone());
    let condition = Condition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: finding.reason.to_owned(),
        message: finding.message,
        last_transition_time: since,
        observed_generation: generation,
    };
    match conditions.iter_mut().find(|condition| condition.type_ == type_) {
        Some(place) => *place = condition,
        None => conditions.push(condition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(holds: Holds, message: &str) -> Finding {
        Finding { condition: ConditionType::PoliciesValid, holds, reason: "Reason", message: message.to_owned() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_time_of_transition_changes_with_the_value_alone() {
        let mut conditions = Vec::new();
        set(&mut conditions, finding(Holds::Yes, "a"), Some(1), at(1));
        set(&mut conditions, finding(Holds::Yes, "b"), Some(2), at(2));
        assert_eq!(conditions.len(), 1);
        assert_eq!((conditions[0].message.as_str(), conditions[0].last_transition_time.0), ("b", at(1)));
        assert_eq!(conditions[0].observed_generation, Some(2));
        set(&mut conditions, finding(Holds::No, "c"), Some(2), at(3));
        assert_eq!((conditions[0].status.as_str(), conditions[0].last_transition_time.0), ("False", at(3)));
    }
}
