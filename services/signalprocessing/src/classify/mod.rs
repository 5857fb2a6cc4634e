//! What a signal means: environment, priority, business and custom labels. Pure: policies and what is known go in, a
//! classification comes out. Where no policy answers, there is a built-in answer, so that nothing here fails.

mod business;
mod custom_labels;
mod environment;
mod priority;

use api::{
    Severity,
    signal_processing::{
        BusinessClassification, EnvironmentClassification, KubernetesContext, PriorityAssignment, Signal,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

pub use environment::{DEFAULT_ENVIRONMENT, ENVIRONMENT_LABEL};
pub use priority::built_in as built_in_priority;

use crate::policy::{Policies, PolicyError, Question};

/// Classification by the policies of one moment. What policies did wrong on the way is collected.
pub struct Classifier<'a> {
    policies: &'a Policies,
    signal: &'a Signal,
    context: &'a KubernetesContext,
    errors: Vec<PolicyError>,
}

/// What policies are told, as `input`.
#[derive(Serialize)]
struct Input<'a> {
    signal: &'a Signal,
    namespace: NamespaceInput<'a>,
    context: &'a KubernetesContext,
    environment: Option<&'a str>,
    priority: Option<&'a str>,
}

#[derive(Serialize)]
struct NamespaceInput<'a> {
    name: Option<&'a str>,
    labels: &'a BTreeMap<String, String>,
    annotations: &'a BTreeMap<String, String>,
}

impl<'a> Classifier<'a> {
    /// A classifier of one signal.
    #[must_use]
    pub fn new(policies: &'a Policies, signal: &'a Signal, context: &'a KubernetesContext) -> Self {
        Self { policies, signal, context, errors: Vec::new() }
    }

    /// Which environment the target belongs to: its namespace's label, else the policy, else the default.
    pub fn environment(&mut self) -> EnvironmentClassification {
        let labelled = environment::from_label(&self.context.namespace_labels);
        if let Some(labelled) = labelled {
            return labelled;
        }
        let answer = self.ask(Question::Environment, None, None);
        self.noted(answer, |answer| environment::from_answer(&answer)).unwrap_or_else(environment::by_default)
    }

    /// How urgent the signal is.
    pub fn priority(&mut self, environment: &str) -> PriorityAssignment {
        let answer = self.ask(Question::Priority, Some(environment), None);
        let severity: Severity = self.signal.severity;
        self.noted(answer, |answer| priority::from_answer(&answer))
            .unwrap_or_else(|| priority::by_default(environment, severity))
    }

    /// Whose the target is.
    pub fn business(&mut self, environment: &str, priority: &str) -> BusinessClassification {
        let answer = self.ask(Question::Business, Some(environment), Some(priority));
        self.noted(answer, business::from_answer).unwrap_or_default()
    }

    /// What else the policies have to say.
    pub fn custom_labels(&mut self, environment: &str, priority: &str) -> BTreeMap<String, Vec<String>> {
        let answer = self.ask(Question::CustomLabels, Some(environment), Some(priority));
        self.noted(answer, custom_labels::from_answer).unwrap_or_default()
    }

    /// What policies did wrong.
    #[must_use]
    pub fn into_errors(self) -> Vec<PolicyError> {
        self.errors
    }

    fn ask(
        &self,
        question: Question,
        environment: Option<&str>,
        priority: Option<&str>,
    ) -> Result<Option<serde_json::Value>, PolicyError> {
        let namespace = NamespaceInput {
            name: self.signal.target.namespace.as_deref(),
            labels: &self.context.namespace_labels,
            annotations: &self.context.namespace_annotations,
        };
        let input = Input { signal: self.signal, namespace, context: self.context, environment, priority };
        self.policies.ask(question, &input)
    }

    /// Reads an answer; no answer, and one that makes no sense, is `None`.
    fn noted<T>(
        &mut self,
        answer: Result<Option<serde_json::Value>, PolicyError>,
        read: impl FnOnce(serde_json::Value) -> Result<T, PolicyError>,
    ) -> Option<T> {
        let read = answer.and_then(|answer| answer.map(read).transpose());
        read.unwrap_or_else(|error| {
            self.errors.push(error);
            None
        })
    }
}

#[cfg(test)]
mod tests;
