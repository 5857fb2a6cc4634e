//! The connection to the run's cluster. Every test has its own, since each has its own runtime.

use anyhow::{Context as _, Result};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{Http, environment, environment::Environment};

/// The run's cluster and what the environment says about it.
#[derive(Clone)]
pub struct Cluster {
    environment: Environment,
    client: Client,
}

impl Cluster {
    /// Connects as the environment says. Fails with what to type when it says nothing.
    pub async fn connect() -> Result<Self> {
        let environment = Environment::read()?;
        let path = &environment.kubeconfig;
        let read = || format!("cannot use E2E_KUBECONFIG={}", path.display());
        let kubeconfig = Kubeconfig::read_from(path).with_context(read)?;
        let mut config =
            Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.with_context(read)?;
        // That of the environment, which cannot reach the API server at a port of this host's loopback.
        config.proxy_url = None;
        let client = Client::try_from(config).with_context(read)?;
        Ok(Self { environment, client })
    }

    /// A Kubernetes client.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The namespace in which the services under test run.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.environment.namespace
    }

    /// An HTTP client for the definition's port `port_name`, from `E2E_URL_<NAME>`.
    pub fn http(&self, port_name: &str) -> Result<Http> {
        Http::new(&Self::url(port_name)?)
    }

    /// The URL of the definition's port `port_name`; not always HTTP.
    pub fn url(port_name: &str) -> Result<String> {
        Ok(environment::url(port_name)?)
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }
}
