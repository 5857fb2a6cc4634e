//! Compiled policies and their answers. Pure: text and input in, answer out. An evaluation is bounded in time, since the
//! text comes from outside.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use regorus::{Engine, Value, utils::limits::ExecutionTimerConfig};
use serde::Serialize;

/// The modules of one ConfigMap: key and text of each.
pub type Modules = BTreeMap<String, String>;

const TIME_LIMIT: Duration = Duration::from_millis(250);

/// What policies are asked. Each is a rule with a fixed path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// `data.signalprocessing.environment.environment`: a string.
    Environment,
    /// `data.signalprocessing.priority.priority`: P0 to P3.
    Priority,
    /// `data.signalprocessing.business.business`: an object of strings.
    Business,
    /// `data.signalprocessing.labels.labels`: an object of arrays or sets of strings.
    CustomLabels,
}

/// A policy that does not compile, or that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(String);

/// Policies that compile together.
#[derive(Clone, Default)]
pub struct Policies {
    engine: Option<Engine>,
}

impl Question {
    /// Every question.
    pub const ALL: [Self; 4] = [Self::Environment, Self::Priority, Self::Business, Self::CustomLabels];

    fn rule(self) -> &'static str {
        match self {
            Self::Environment => "data.signalprocessing.environment.environment",
            Self::Priority => "data.signalprocessing.priority.priority",
            Self::Business => "data.signalprocessing.business.business",
            Self::CustomLabels => "data.signalprocessing.labels.labels",
        }
    }
}

impl Policies {
    /// Compiles modules together, given by the name of their ConfigMap.
    pub fn compile<'a>(configs: impl IntoIterator<Item = (&'a str, &'a Modules)>) -> Result<Self, PolicyError> {
        let mut engine = Engine::new();
        let check_interval = NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN);
        engine.set_execution_timer_config(ExecutionTimerConfig { limit: TIME_LIMIT, check_interval });
        let mut count = 0_usize;
        for (config, modules) in configs {
            for (key, text) in modules {
                let path = format!("{config}/{key}");
                engine.add_policy(path, text.clone()).map_err(PolicyError::from)?;
                count += 1;
            }
        }
        if count == 0 {
            return Ok(Self::default());
        }
        let policies = Self { engine: Some(engine) };
        // Some mistakes (unsafe variables, unknown functions) show only when rules are put in order for evaluation.
        for question in Question::ALL {
            policies.answer(question, &serde_json::json!({}))?;
        }
        Ok(policies)
    }

    /// What the policies say; `None` if they say nothing.
    pub fn ask(&self, question: Question, input: &impl Serialize) -> Result<Option<serde_json::Value>, PolicyError> {
        let input = serde_json::to_value(input).map_err(|error| PolicyError(error.to_string()))?;
        self.answer(question, &input)
    }

    fn answer(&self, question: Question, input: &serde_json::Value) -> Result<Option<serde_json::Value>, PolicyError> {
        let Some(engine) = &self.engine else { return Ok(None) };
        let mut engine = engine.clone();
        engine.set_input(Value::from(input.clone()));
        let results = engine.eval_query(question.rule().to_owned(), false)?;
        let answer =
            results.result.into_iter().flat_map(|row| row.expressions).map(|expression| expression.value).next();
        match answer {
            None | Some(Value::Undefined) => Ok(None),
            Some(value) => serde_json::to_value(value).map(Some).map_err(|error| PolicyError(error.to_string())),
        }
    }
}

impl PolicyError {
    /// An error in these words.
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }

    /// An answer that is not what the question asks for.
    pub(crate) fn answer(question: &str, wanted: &str, answer: &serde_json::Value) -> Self {
        Self(format!("{question}: the answer must be {wanted}, not {answer}"))
    }
}

impl From<anyhow::Error> for PolicyError {
    fn from(error: anyhow::Error) -> Self {
        Self(format!("{error:#}").trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compile(text: &str) -> Result<Policies, PolicyError> {
        let modules = Modules::from([("a.rego".to_owned(), text.to_owned())]);
        Policies::compile([("config", &modules)])
    }

    fn environment(policies: &Policies, namespace: &str) -> Result<Option<serde_json::Value>, PolicyError> {
        policies.ask(Question::Environment, &json!({"namespace": {"name": namespace}}))
    }

    const BY_NAME: &str = r#"package signalprocessing.environment
environment := "production" if startswith(input.namespace.name, "prod-")
"#;

    #[test]
    fn a_policy_answers_or_says_nothing() {
        let policies = compile(BY_NAME).unwrap();
        assert_eq!(environment(&policies, "prod-shop").unwrap(), Some(json!("production")));
        assert_eq!(environment(&policies, "shop").unwrap(), None);
        assert_eq!(policies.ask(Question::Priority, &json!({})).unwrap(), None);
        assert_eq!(environment(&Policies::default(), "prod-shop").unwrap(), None);
    }

    #[test]
    fn text_that_is_no_rego_is_refused_with_its_place() {
        let error = compile("package signalprocessing.environment\nenvironment := {{").err().unwrap().to_string();
        assert!(error.contains("config/a.rego:2"), "{error}");
    }

    #[test]
    fn a_variable_that_is_bound_nowhere_is_refused() {
        let text =
            "package signalprocessing.environment\nenvironment := name if { name == input.other; other == name }";
        assert!(compile(text).is_err());
    }

    #[test]
    fn sets_come_as_arrays() {
        let text = "package signalprocessing.labels\nlabels := {\"team\": {\"b\", \"a\"}}";
        let answer = compile(text).unwrap().ask(Question::CustomLabels, &json!({})).unwrap();
        assert_eq!(answer, Some(json!({"team": ["a", "b"]})));
    }

    #[test]
    fn two_answers_are_an_error_not_a_choice() {
        let text = r#"package signalprocessing.environment
environment := "a" if input.namespace.name
environment := "b" if input.namespace.name"#;
        let policies = compile(text).unwrap();
        assert!(environment(&policies, "x").is_err());
    }

    #[test]
    fn a_policy_without_end_is_stopped() {
        let text = r#"package signalprocessing.environment
environment := "slow" if {
    input.namespace.name
    some i in numbers.range(1, 100000)
    some j in numbers.range(1, 100000)
    i + j == 0
}"#;
        let policies = compile(text).unwrap();
        let began = std::time::Instant::now();
        assert!(environment(&policies, "x").is_err());
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}
