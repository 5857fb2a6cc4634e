//! The kinds that the controller can look up. Anything else is named in the status and not read: the role of the
//! controller allows no more.

/// A kind that can be the target of a signal, or own one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A pod.
    Pod,
    /// What a Deployment makes of itself for each template.
    ReplicaSet,
    /// Pods that are alike.
    Deployment,
    /// Pods with names.
    StatefulSet,
    /// A pod on each node.
    DaemonSet,
    /// Pods that end.
    Job,
    /// Jobs by the clock.
    CronJob,
    /// A node; it has no namespace.
    Node,
}

impl Kind {
    /// The kind that a signal names.
    #[must_use]
    pub fn of_target(kind: &str) -> Option<Self> {
        [
            Self::Pod,
            Self::ReplicaSet,
            Self::Deployment,
            Self::StatefulSet,
            Self::DaemonSet,
            Self::Job,
            Self::CronJob,
            Self::Node,
        ]
        .into_iter()
        .find(|known| known.as_str() == kind)
    }

    /// The kind that an owner reference names. Kinds of the same name exist in other groups.
    #[must_use]
    pub fn of_owner(api_version: &str, kind: &str) -> Option<Self> {
        Self::of_target(kind).filter(|known| known.api_version() == api_version)
    }

    /// The name of the kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::ReplicaSet => "ReplicaSet",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::Node => "Node",
        }
    }

    /// Whether its objects live in namespaces.
    #[must_use]
    pub fn is_namespaced(self) -> bool {
        self != Self::Node
    }

    fn api_version(self) -> &'static str {
        match self {
            Self::Pod | Self::Node => "v1",
            Self::ReplicaSet | Self::Deployment | Self::StatefulSet | Self::DaemonSet => "apps/v1",
            Self::Job | Self::CronJob => "batch/v1",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_namesake_of_another_group_is_not_known() {
        assert_eq!(Kind::of_owner("apps/v1", "Deployment"), Some(Kind::Deployment));
        assert_eq!(Kind::of_owner("example.com/v1", "Deployment"), None);
        assert_eq!(Kind::of_target("Service"), None);
    }
}
