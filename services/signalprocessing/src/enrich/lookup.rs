//! Single reads of the API server, with its answers sorted: there, not there or not allowed, and no answer.

use std::fmt::{self, Debug};

use k8s_openapi::{
    ClusterResourceScope, NamespaceResourceScope,
    api::{
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        batch::v1::{CronJob, Job},
        core::v1::{Namespace, Node, Pod},
        networking::v1::NetworkPolicy,
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, Client, Resource, api::ListParams};
use serde::de::DeserializeOwned;

use super::{EnrichError, found::Found, kind::Kind};

/// What the cluster does not have for us, in a sentence's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It does not exist.
    Absent(String),
    /// We may not read it.
    Forbidden(String),
}

/// The outer error is an API that does not answer, the inner one its answer that there is nothing.
type Answer<T> = Result<Result<T, Missing>, EnrichError>;

#[derive(Clone)]
pub(super) struct Lookup {
    client: Client,
}

impl Lookup {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(super) async fn object(&self, kind: Kind, namespace: &str, name: &str) -> Answer<Found> {
        match kind {
            Kind::Pod => self.get::<Pod>(kind, namespace, name).await,
            Kind::ReplicaSet => self.get::<ReplicaSet>(kind, namespace, name).await,
            Kind::Deployment => self.get::<Deployment>(kind, namespace, name).await,
            Kind::StatefulSet => self.get::<StatefulSet>(kind, namespace, name).await,
            Kind::DaemonSet => self.get::<DaemonSet>(kind, namespace, name).await,
            Kind::Job => self.get::<Job>(kind, namespace, name).await,
            Kind::CronJob => self.get::<CronJob>(kind, namespace, name).await,
            Kind::Node => Ok(self.node(name).await?.map(|node| Found::from(&node))),
        }
    }

    pub(super) async fn namespace(&self, name: &str) -> Answer<ObjectMeta> {
        Ok(self.get_cluster_scoped::<Namespace>("Namespace", name).await?.map(|namespace| namespace.metadata))
    }

    pub(super) async fn node(&self, name: &str) -> Answer<Node> {
        self.get_cluster_scoped("Node", name).await
    }

    /// The node, if there is a name to ask for.
    pub(super) async fn node_of(&self, name: Option<&str>) -> Result<Option<Result<Node, Missing>>, EnrichError> {
        match name {
            Some(name) => self.node(name).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn budgets(&self, namespace: &str) -> Answer<Vec<PodDisruptionBudget>> {
        self.list("PodDisruptionBudgets", namespace).await
    }

    pub(super) async fn autoscalers(&self, namespace: &str) -> Answer<Vec<HorizontalPodAutoscaler>> {
        self.list("HorizontalPodAutoscalers", namespace).await
    }

    pub(super) async fn network_policies(&self, namespace: &str) -> Answer<Vec<NetworkPolicy>> {
        self.list("NetworkPolicies", namespace).await
    }

    async fn get<K>(&self, kind: Kind, namespace: &str, name: &str) -> Answer<Found>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned + Into<Found>,
    {
        let outcome = Api::<K>::namespaced(self.client.clone(), namespace).get(name).await;
        Ok(sorted(format!("{} {namespace}/{name}", kind.as_str()), outcome)?.map(Into::into))
    }

    async fn get_cluster_scoped<K>(&self, kind: &str, name: &str) -> Answer<K>
    where
        K: Resource<Scope = ClusterResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    {
        sorted(format!("{kind} {name}"), Api::<K>::all(self.client.clone()).get(name).await)
    }

    async fn list<K>(&self, kinds: &str, namespace: &str) -> Answer<Vec<K>>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    {
        let outcome = Api::<K>::namespaced(self.client.clone(), namespace).list(&ListParams::default()).await;
        Ok(sorted(format!("{kinds} of {namespace}"), outcome)?.map(|list| list.items))
    }
}

fn sorted<T>(what: String, outcome: Result<T, kube::Error>) -> Answer<T> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(Err(Missing::Absent(what))),
        Err(kube::Error::Api(status)) if status.is_forbidden() => Ok(Err(Missing::Forbidden(what))),
        Err(error) => Err(EnrichError { what, source: Box::new(error) }),
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(what) => write!(f, "{what} does not exist"),
            Self::Forbidden(what) => write!(f, "{what} may not be read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;

    fn refused(code: u16, reason: &str) -> Result<(), kube::Error> {
        Err(kube::Error::Api(Status::failure("no", reason).with_code(code).boxed()))
    }

    #[test]
    fn what_is_not_there_is_an_answer_and_a_broken_server_is_none() {
        let absent = sorted("Pod a/b".to_owned(), refused(404, "NotFound")).unwrap().unwrap_err();
        assert_eq!(absent.to_string(), "Pod a/b does not exist");
        let forbidden = sorted("Pod a/b".to_owned(), refused(403, "Forbidden")).unwrap().unwrap_err();
        assert_eq!(forbidden.to_string(), "Pod a/b may not be read");
        let broken = sorted("Pod a/b".to_owned(), refused(500, "InternalError")).unwrap_err();
        assert_eq!(broken.to_string(), "cannot look up Pod a/b");
    }
}
