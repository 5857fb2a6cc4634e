//! Which policies are in force. Pure: it is told what ConfigMaps say and keeps, for each, the last text that was good.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::engine::{Modules, Policies, PolicyError};

/// All policies by ConfigMap, good or not.
#[derive(Default)]
pub struct PolicyBook {
    entries: BTreeMap<String, Entry>,
    policies: Arc<Policies>,
}

/// A ConfigMap whose policies are wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the ConfigMap.
    pub config: String,
    /// What is wrong with it.
    pub error: PolicyError,
    /// What is used instead.
    pub instead: Instead,
}

/// What is in force for a ConfigMap whose policies are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// What it said before.
    LastGood,
    /// Nothing: it never was right.
    Nothing,
}

#[derive(Default)]
struct Entry {
    good: Option<Modules>,
    error: Option<PolicyError>,
}

impl PolicyBook {
    /// Takes in what a ConfigMap says now. If it does not compile with the others, what it said before stays in force.
    pub fn put(&mut self, config: &str, modules: Modules) -> Result<(), PolicyError> {
        let others = self.good().filter(|(name, _)| *name != config);
        match Policies::compile(others.chain([(config, &modules)])) {
            Ok(policies) => {
                self.policies = Arc::new(policies);
                self.entries.insert(config.to_owned(), Entry { good: Some(modules), error: None });
                Ok(())
            }
            Err(error) => {
                self.entries.entry(config.to_owned()).or_default().error = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Takes out what a ConfigMap said, since it is gone. Fails if the others need it: then they stay as they were.
    pub fn remove(&mut self, config: &str) -> Result<(), PolicyError> {
        self.entries.remove(config);
        self.policies = Arc::new(Policies::compile(self.good())?);
        Ok(())
    }

    /// Takes out every ConfigMap that is not named.
    pub fn retain(&mut self, configs: &[String]) -> Result<(), PolicyError> {
        let gone: Vec<_> = self.entries.keys().filter(|name| !configs.contains(name)).cloned().collect();
        gone.iter().try_for_each(|name| self.remove(name))
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> Arc<Policies> {
        Arc::clone(&self.policies)
    }

    /// What is wrong, by name of the ConfigMap.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let problems = self.entries.iter().filter_map(|(config, entry)| {
            let error = entry.error.clone()?;
            let instead = if entry.good.is_some() { Instead::LastGood } else { Instead::Nothing };
            Some(Problem { config: config.clone(), error, instead })
        });
        problems.collect()
    }

    fn good(&self) -> impl Iterator<Item = (&str, &Modules)> {
        self.entries.iter().filter_map(|(name, entry)| Some((name.as_str(), entry.good.as_ref()?)))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instead = match self.instead {
            Instead::LastGood => "the last good one is in force",
            Instead::Nothing => "it is not in force",
        };
        write!(f, "ConfigMap {}: {} ({instead})", self.config, self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::engine::Question;
    use super::*;
    use serde_json::json;

    fn says(environment: &str) -> Modules {
        let text = format!("package signalprocessing.environment\nenvironment := \"{environment}\" if input.ask");
        Modules::from([("environment.rego".to_owned(), text)])
    }

    fn broken() -> Modules {
        Modules::from([("environment.rego".to_owned(), "this is no Rego".to_owned())])
    }

    fn answer(book: &PolicyBook) -> Option<serde_json::Value> {
        book.policies().ask(Question::Environment, &json!({"ask": true})).unwrap()
    }

    #[test]
    fn a_change_takes_effect() {
        let mut book = PolicyBook::default();
        book.put("one", says("a")).unwrap();
        assert_eq!(answer(&book), Some(json!("a")));
        book.put("one", says("b")).unwrap();
        assert_eq!(answer(&book), Some(json!("b")));
        book.remove("one").unwrap();
        assert_eq!(answer(&book), None);
    }

    #[test]
    fn a_broken_policy_keeps_the_last_good_one_and_is_named() {
        let mut book = PolicyBook::default();
        book.put("one", says("a")).unwrap();
        book.put("one", broken()).unwrap_err();
        assert_eq!(answer(&book), Some(json!("a")));
        let problems = book.problems();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].to_string().contains("ConfigMap one"), "{}", problems[0]);
        assert!(problems[0].to_string().contains("the last good one is in force"), "{}", problems[0]);
        book.put("one", says("c")).unwrap();
        assert_eq!(answer(&book), Some(json!("c")));
        assert!(book.problems().is_empty());
    }

    #[test]
    fn a_broken_policy_does_not_take_the_others_with_it() {
        let mut book = PolicyBook::default();
        book.put("broken", broken()).unwrap_err();
        book.put("good", says("a")).unwrap();
        assert_eq!(answer(&book), Some(json!("a")));
        assert_eq!(book.problems()[0].instead, Instead::Nothing);
    }

    #[test]
    fn what_a_new_listing_does_not_name_is_gone() {
        let mut book = PolicyBook::default();
        book.put("one", says("a")).unwrap();
        book.put("two", broken()).unwrap_err();
        book.retain(&["three".to_owned()]).unwrap();
        assert_eq!(answer(&book), None);
        assert!(book.problems().is_empty());
    }
}
