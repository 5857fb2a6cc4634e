//! What the environment says.

use kit::{
    audit::AuditConfig,
    config::{ConfigError, Env},
    server::ServerConfig,
};

/// The configuration of the service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to serve health and metrics.
    pub server: ServerConfig,
    /// Where the audit trail goes.
    pub audit: AuditConfig,
    /// `WATCH_NAMESPACE_SELECTOR`: labels of the namespaces to act in; unset: all.
    pub namespace_selector: Option<String>,
    /// `POD_NAMESPACE`: where the policies are; unset: the namespace that the cluster configuration names.
    pub policy_namespace: Option<String>,
}

impl Settings {
    /// Reads the environment.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            server: ServerConfig::from_env(env)?,
            audit: AuditConfig::from_env(env)?,
            namespace_selector: env.optional("WATCH_NAMESPACE_SELECTOR")?,
            policy_namespace: env.optional("POD_NAMESPACE")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_selector_every_namespace_is_ours() {
        let settings = Settings::from_env(&Env::from_pairs([("WATCH_NAMESPACE_SELECTOR", "")])).unwrap();
        assert_eq!(settings.namespace_selector, None);
        assert_eq!(settings.audit.url, "http://datastorage:8080");
    }
}
