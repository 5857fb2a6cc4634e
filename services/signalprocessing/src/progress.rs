//! The phases of a `SignalProcessing`: what is to be done next, and what the status is afterwards. Pure: it is told what
//! was found, and when.

use std::collections::BTreeMap;

use api::{
    SignalProcessing, SignalProcessingStatus,
    signal_processing::{
        BusinessClassification, EnvironmentClassification, KubernetesContext, Phase, PriorityAssignment,
    },
};
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};

use crate::conditions::{self, ConditionType, Finding, Holds};

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nobody has seen it yet.
    Begin,
    /// Check the specification.
    Validate,
    /// Ask the cluster about the target.
    Enrich,
    /// Decide environment and priority.
    Classify,
    /// Decide business and custom labels.
    Categorize,
}

/// What policies got wrong: empty if nothing.
pub type PolicyProblems = Vec<String>;

/// A status in the making.
#[derive(Debug)]
pub struct Progress {
    status: SignalProcessingStatus,
    generation: Option<i64>,
    now: Timestamp,
}

/// What is to be done next; `None` if all is done.
#[must_use]
pub fn next_step(status: Option<&SignalProcessingStatus>) -> Option<Step> {
    match status.and_then(|status| status.phase) {
        None => Some(Step::Begin),
        Some(Phase::Pending) => Some(Step::Validate),
        Some(Phase::Enriching) => Some(Step::Enrich),
        Some(Phase::Classifying) => Some(Step::Classify),
        Some(Phase::Categorizing) => Some(Step::Categorize),
        Some(Phase::Completed | Phase::Failed) => None,
    }
}

impl Progress {
    /// Starts from the status as it is.
    #[must_use]
    pub fn of(object: &SignalProcessing, now: Timestamp) -> Self {
        let mut status = object.status.clone().unwrap_or_default();
        status.observed_generation = object.metadata.generation;
        Self { status, generation: object.metadata.generation, now }
    }

    /// Work begins.
    #[must_use]
    pub fn begun(mut self) -> SignalProcessingStatus {
        self.status.start_time = Some(Time(self.now));
        self.to(Phase::Pending)
    }

    /// The specification was checked.
    #[must_use]
    pub fn validated(self, problems: &[String]) -> SignalProcessingStatus {
        if problems.is_empty() { self.to(Phase::Enriching) } else { self.failed("InvalidSpec", &problems.join("; ")) }
    }

    /// The cluster was asked.
    #[must_use]
    pub fn enriched(mut self, context: KubernetesContext) -> SignalProcessingStatus {
        let (reason, message) = match &context.degraded_reason {
            Some(degraded) => ("Degraded", degraded.clone()),
            None => ("Enriched", "everything about the target was found".to_owned()),
        };
        self.status.kubernetes_context = Some(context);
        self.set(ConditionType::EnrichmentComplete, Holds::Yes, reason, message);
        self.to(Phase::Classifying)
    }

    /// Environment and priority were decided.
    #[must_use]
    pub fn classified(
        mut self,
        environment: EnvironmentClassification,
        priority: PriorityAssignment,
        problems: &PolicyProblems,
    ) -> SignalProcessingStatus {
        let message = format!("environment {}, priority {}", environment.environment, priority.priority);
        self.set(ConditionType::ClassificationComplete, Holds::Yes, "Classified", message);
        self.policies(problems);
        self.status.environment = Some(environment);
        self.status.priority = Some(priority);
        self.to(Phase::Categorizing)
    }

    /// Business and custom labels were decided: that was the last.
    #[must_use]
    pub fn categorized(
        mut self,
        business: BusinessClassification,
        custom_labels: BTreeMap<String, Vec<String>>,
        problems: &PolicyProblems,
    ) -> SignalProcessingStatus {
        let message = format!("{} custom labels", custom_labels.len());
        self.set(ConditionType::CategorizationComplete, Holds::Yes, "Categorized", message);
        self.policies(problems);
        self.status.business = Some(business);
        self.status.custom_labels = custom_labels;
        self.status.completion_time = Some(Time(self.now));
        self.set(ConditionType::ProcessingComplete, Holds::Yes, "Completed", "the signal is processed".to_owned());
        self.to(Phase::Completed)
    }

    /// It was tried `failures` times in vain.
    #[must_use]
    pub fn given_up(mut self, failures: u32, error: &str) -> SignalProcessingStatus {
        self.status.consecutive_failures = Some(failures);
        self.failed("TooManyFailures", error)
    }

    fn failed(mut self, reason: &'static str, error: &str) -> SignalProcessingStatus {
        self.status.error = Some(error.to_owned());
        self.status.completion_time = Some(Time(self.now));
        self.set(ConditionType::ProcessingComplete, Holds::No, reason, error.to_owned());
        self.to(Phase::Failed)
    }

    /// A phase may find policies right that an earlier one found wrong, but not the reverse: the earlier phase's decision
    /// was made with them.
    fn policies(&mut self, problems: &PolicyProblems) {
        let name = ConditionType::PoliciesValid.as_str();
        let wrong_before = self.status.conditions.iter().any(|known| known.type_ == name && known.status == "False");
        if !problems.is_empty() {
            self.set(ConditionType::PoliciesValid, Holds::No, "PolicyWrong", problems.join("; "));
        } else if !wrong_before {
            self.set(ConditionType::PoliciesValid, Holds::Yes, "PoliciesLoaded", "no policy is wrong".to_owned());
        }
    }

    fn set(&mut self, condition: ConditionType, holds: Holds, reason: &'static str, message: String) {
        let finding = Finding { condition, holds, reason, message };
        conditions::set(&mut self.status.conditions, finding, self.generation, self.now);
    }

    fn to(mut self, phase: Phase) -> SignalProcessingStatus {
        self.status.phase = Some(phase);
        self.status
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use api::signal_processing::ClassificationSource;

    fn at(status: Option<SignalProcessingStatus>) -> Progress {
        let mut object = samples::signal_processing();
        object.status = status;
        Progress::of(&object, Timestamp::from_second(100).unwrap())
    }

    fn condition(status: &SignalProcessingStatus, condition: ConditionType) -> (String, String, String) {
        let found = status.conditions.iter().find(|known| known.type_ == condition.as_str()).unwrap();
        (found.status.clone(), found.reason.clone(), found.message.clone())
    }

    fn classified(status: SignalProcessingStatus, problems: &PolicyProblems) -> SignalProcessingStatus {
        let source = ClassificationSource::Policy;
        let environment = EnvironmentClassification { environment: "production".to_owned(), source };
        at(Some(status)).classified(environment, PriorityAssignment { priority: "P0".to_owned(), source }, problems)
    }

    #[test]
    fn the_phases_follow_each_other_to_the_end() {
        let mut phases = Vec::new();
        let mut status = None;
        while let Some(step) = next_step(status.as_ref()) {
            let progress = at(status.clone());
            let next = match step {
                Step::Begin => progress.begun(),
                Step::Validate => progress.validated(&[]),
                Step::Enrich => progress.enriched(KubernetesContext::default()),
                Step::Classify => classified(status.unwrap(), &vec![]),
                Step::Categorize => progress.categorized(BusinessClassification::default(), BTreeMap::new(), &vec![]),
            };
            phases.push(next.phase.unwrap());
            status = Some(next);
        }
        let wanted = [Phase::Pending, Phase::Enriching, Phase::Classifying, Phase::Categorizing, Phase::Completed];
        assert_eq!(phases, wanted);
        let status = status.unwrap();
        assert_eq!(status.observed_generation, Some(1));
        assert!(status.start_time.is_some() && status.completion_time.is_some());
        assert_eq!(condition(&status, ConditionType::ProcessingComplete).0, "True");
        assert_eq!(condition(&status, ConditionType::PoliciesValid).0, "True");
    }

    #[test]
    fn a_wrong_specification_fails_with_every_reason() {
        let status = at(None).validated(&["a is empty".to_owned(), "b is empty".to_owned()]);
        assert_eq!(status.phase, Some(Phase::Failed));
        assert_eq!(status.error.as_deref(), Some("a is empty; b is empty"));
        assert_eq!(condition(&status, ConditionType::ProcessingComplete).1, "InvalidSpec");
        assert_eq!(next_step(Some(&status)), None);
    }

    #[test]
    fn degraded_goes_on_and_says_why() {
        let context = KubernetesContext {
            degraded: true,
            degraded_reason: Some("Pod a/b does not exist".to_owned()),
            ..KubernetesContext::default()
        };
        let status = at(None).enriched(context);
        assert_eq!(status.phase, Some(Phase::Classifying));
        let (holds, reason, message) = condition(&status, ConditionType::EnrichmentComplete);
        assert_eq!((holds.as_str(), reason.as_str(), message.as_str()), ("True", "Degraded", "Pod a/b does not exist"));
    }

    #[test]
    fn what_was_decided_with_wrong_policies_stays_marked() {
        let status = classified(SignalProcessingStatus::default(), &vec!["config is wrong".to_owned()]);
        assert_eq!(condition(&status, ConditionType::PoliciesValid).0, "False");
        let done = at(Some(status)).categorized(BusinessClassification::default(), BTreeMap::new(), &vec![]);
        let (holds, _, message) = condition(&done, ConditionType::PoliciesValid);
        assert_eq!((holds.as_str(), message.as_str()), ("False", "config is wrong"));
    }
}
