//! The chain of owners of a target, nearest first. Pure: it is told each owner that was read and says which one to read
//! next.

use api::signal_processing::OwnerEntry;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use super::{found::Found, kind::Kind};

/// Real chains end after three; a chain this long is a mistake or an attack.
const LONGEST: usize = 10;

/// The owners found so far.
#[derive(Debug, Default)]
pub struct Chain {
    namespace: Option<String>,
    entries: Vec<OwnerEntry>,
    seen: Vec<String>,
}

/// An owner to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextOwner {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What its uid must be, else it is a namesake.
    pub uid: String,
}

impl Chain {
    /// An empty chain for a target in `namespace`.
    #[must_use]
    pub fn new(namespace: Option<&str>) -> Self {
        Self { namespace: namespace.map(str::to_owned), ..Self::default() }
    }

    /// Takes the owner of `object` into the chain. What is returned is to be read and followed next; `None` is the top,
    /// or an owner of a kind that cannot be read.
    pub fn follow(&mut self, object: &Found) -> Option<NextOwner> {
        self.seen.push(object.uid.clone());
        let owner = responsible(&object.owners)?;
        if self.entries.len() == LONGEST || self.seen.contains(&owner.uid) {
            return None;
        }
        let kind = Kind::of_owner(&owner.api_version, &owner.kind);
        // An owner of a kind that is not known is taken to live beside what it owns: custom resources mostly do.
        let namespaced = kind.is_none_or(Kind::is_namespaced);
        self.entries.push(OwnerEntry {
            kind: owner.kind.clone(),
            namespace: self.namespace.clone().filter(|_| namespaced),
            name: owner.name.clone(),
        });
        Some(NextOwner { kind: kind?, name: owner.name.clone(), uid: owner.uid.clone() })
    }

    /// The owners, nearest first.
    #[must_use]
    pub fn entries(&self) -> &[OwnerEntry] {
        &self.entries
    }

    /// The finished chain.
    #[must_use]
    pub fn into_entries(self) -> Vec<OwnerEntry> {
        self.entries
    }
}

/// The one owner that manages the object, else the first that is named.
fn responsible(owners: &[OwnerReference]) -> Option<&OwnerReference> {
    owners.iter().find(|owner| owner.controller == Some(true)).or_else(|| owners.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(api_version: &str, kind: &str, name: &str) -> OwnerReference {
        OwnerReference {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            uid: format!("uid-{name}"),
            controller: Some(true),
            ..OwnerReference::default()
        }
    }

    fn found(name: &str, owners: Vec<OwnerReference>) -> Found {
        Found { uid: format!("uid-{name}"), owners, ..Found::default() }
    }

    fn names(chain: &Chain) -> Vec<&str> {
        chain.entries().iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn a_pod_leads_to_its_deployment() {
        let mut chain = Chain::new(Some("shop"));
        let set = chain.follow(&found("pod", vec![owner("apps/v1", "ReplicaSet", "set")])).unwrap();
        assert_eq!((set.kind, set.uid.as_str()), (Kind::ReplicaSet, "uid-set"));
        let top = chain.follow(&found("set", vec![owner("apps/v1", "Deployment", "web")])).unwrap();
        assert_eq!(top.kind, Kind::Deployment);
        assert_eq!(chain.follow(&found("web", vec![])), None);
        assert_eq!(names(&chain), ["set", "web"]);
        assert!(chain.entries().iter().all(|entry| entry.namespace.as_deref() == Some("shop")));
    }

    #[test]
    fn the_managing_owner_wins() {
        let mut other = owner("apps/v1", "ReplicaSet", "first");
        other.controller = None;
        let mut chain = Chain::new(Some("shop"));
        chain.follow(&found("pod", vec![other.clone(), owner("apps/v1", "StatefulSet", "second")]));
        assert_eq!(names(&chain), ["second"]);
        let mut chain = Chain::new(Some("shop"));
        chain.follow(&found("pod", vec![other]));
        assert_eq!(names(&chain), ["first"]);
    }

    #[test]
    fn an_owner_that_cannot_be_read_is_named_and_ends_the_chain() {
        let mut chain = Chain::new(Some("shop"));
        assert_eq!(chain.follow(&found("pod", vec![owner("example.com/v1", "Rocket", "r")])), None);
        assert_eq!(names(&chain), ["r"]);
    }

    #[test]
    fn a_static_pod_is_owned_by_its_node_which_has_no_namespace() {
        let mut chain = Chain::new(Some("kube-system"));
        chain.follow(&found("pod", vec![owner("v1", "Node", "n1")]));
        assert_eq!(chain.entries()[0].namespace, None);
    }

    #[test]
    fn a_circle_ends() {
        let mut chain = Chain::new(Some("shop"));
        chain.follow(&found("a", vec![owner("apps/v1", "ReplicaSet", "b")]));
        assert_eq!(chain.follow(&found("b", vec![owner("apps/v1", "ReplicaSet", "a")])), None);
        assert_eq!(names(&chain), ["b"]);
    }

    #[test]
    fn a_chain_without_end_is_cut() {
        let mut chain = Chain::new(Some("shop"));
        for level in 0..50 {
            chain.follow(&found(&level.to_string(), vec![owner("apps/v1", "ReplicaSet", &(level + 1).to_string())]));
        }
        assert_eq!(chain.entries().len(), LONGEST);
    }
}
