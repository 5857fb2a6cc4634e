//! What a test is told by its environment. The only reader of environment variables in this crate; it must not guess a
//! cluster or a URL that it was not given.

use std::{ffi::OsString, fmt, path::PathBuf};

/// The run's cluster, as the tool hands it to the tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Private kubeconfig of the run's cluster.
    pub kubeconfig: PathBuf,
    /// The namespace in which the services under test run.
    pub namespace: String,
    /// Keep the namespaces of tests, also of those that passed.
    pub retention: Retention,
    /// Where evidence of failures goes; the test's stderr when unset.
    pub evidence: Option<PathBuf>,
}

/// What becomes of the namespaces of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// Removed when the test passed, and after the dump when it failed.
    Remove,
    /// Kept, whatever the test's result.
    Keep,
}

/// A variable the tests cannot do without is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingVariable(String);

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Result<Self, MissingVariable> {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, MissingVariable> {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &str| set(name).ok_or_else(|| MissingVariable(name.to_owned()));
        let keep = set("E2E_KEEP").is_some_and(|value| value != "0");
        Ok(Self {
            kubeconfig: required("E2E_KUBECONFIG")?.into(),
            namespace: required("E2E_NAMESPACE")?.to_string_lossy().into_owned(),
            retention: if keep { Retention::Keep } else { Retention::Remove },
            evidence: set("E2E_EVIDENCE").map(PathBuf::from),
        })
    }
}

/// The URL of the definition's port `port_name`, from `E2E_URL_<NAME>`.
pub(crate) fn url(port_name: &str) -> Result<String, MissingVariable> {
    let variable = url_variable(port_name);
    match std::env::var(&variable) {
        Ok(value) if !value.is_empty() => Ok(value.trim_end_matches('/').to_owned()),
        _ => Err(MissingVariable(variable)),
    }
}

fn url_variable(port_name: &str) -> String {
    format!("E2E_URL_{}", port_name.to_uppercase().replace('-', "_"))
}

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not set: run the tests with `cargo xtask e2e-test <service>`, or export what `cargo xtask e2e-status` \
             prints for a cluster that is up",
            self.0
        )
    }
}

impl std::error::Error for MissingVariable {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, MissingVariable> {
        Environment::from_lookup(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn a_missing_variable_is_named_with_what_to_type() {
        let missing = read(&[("E2E_KUBECONFIG", "/k")]).unwrap_err().to_string();
        assert!(missing.starts_with("E2E_NAMESPACE is not set"), "{missing}");
        assert!(missing.contains("cargo xtask e2e-test <service>"), "{missing}");
        assert!(missing.contains("cargo xtask e2e-status"), "{missing}");
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let missing = read(&[("E2E_KUBECONFIG", ""), ("E2E_NAMESPACE", "e2e")]).unwrap_err();
        assert_eq!(missing, MissingVariable("E2E_KUBECONFIG".to_owned()));
    }

    #[test]
    fn namespaces_are_kept_only_when_asked_for() {
        let base = [("E2E_KUBECONFIG", "/k"), ("E2E_NAMESPACE", "e2e")];
        let with = |keep| read(&[base[0], base[1], ("E2E_KEEP", keep)]).unwrap().retention;
        assert_eq!(read(&base).unwrap().retention, Retention::Remove);
        assert_eq!(with("0"), Retention::Remove);
        assert_eq!(with("1"), Retention::Keep);
    }

    #[test]
    fn port_names_become_variable_names() {
        assert_eq!(url_variable("signalprocessing-metrics"), "E2E_URL_SIGNALPROCESSING_METRICS");
    }
}
