//! Which calls are deploys, waits, builds and loads: data with defaults, extended by `xtask-lint.toml`.
//! It must not look at code.

use serde::Deserialize;

/// The file's name, looked for from the linted directory upwards.
pub const FILE: &str = "xtask-lint.toml";

/// What the file may say. Lists add to the defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Names of functions by what they do.
    pub calls: Calls,
    /// Words in names.
    pub words: Words,
    /// Which rules run.
    pub rules: Rules,
    /// Which files are read.
    pub paths: Paths,
    /// Names of images that are built here, beside those of service definitions.
    pub images: Images,
    /// How long steps take, in seconds, by name: for the estimate of the time lost.
    pub durations: std::collections::BTreeMap<String, f64>,
}

/// Function names (a `*` stands for anything) by what they do.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Calls {
    /// They put a workload into a cluster.
    pub deploy: Vec<String>,
    /// They wait until something is ready.
    pub wait: Vec<String>,
    /// They build an image.
    pub build: Vec<String>,
    /// They load an image into a cluster.
    pub load: Vec<String>,
    /// They change a schema.
    pub migrate: Vec<String>,
    /// They are none of these, whatever their name says.
    pub ignore: Vec<String>,
}

/// Words in names of functions, manifests and releases.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Objects that are there at once: nothing starts because of them.
    pub light: Vec<String>,
    /// Known services.
    pub services: Vec<String>,
    /// What other deploys may need: CRDs, webhooks, a network.
    pub foundations: Vec<String>,
    /// Words that say nothing of what is deployed.
    pub noise: Vec<String>,
}

/// Which rules run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Ids of rules that are off.
    pub disable: Vec<String>,
}

/// Which files are read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paths {
    /// Globs of paths that are left out.
    pub exclude: Vec<String>,
}

/// Images that are built here.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Images {
    /// Their names, without registry and tag.
    pub local: Vec<String>,
}

impl Config {
    /// Reads the file's text; the error is a sentence with its place.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// What a function was declared to be by name, if it was.
    #[must_use]
    pub fn declared(&self, name: &str) -> Option<Declared> {
        let lists = [
            (&self.calls.ignore, Declared::Nothing),
            (&self.calls.deploy, Declared::Deploy),
            (&self.calls.wait, Declared::Wait),
            (&self.calls.build, Declared::Build),
            (&self.calls.load, Declared::Load),
            (&self.calls.migrate, Declared::Migrate),
        ];
        lists.into_iter().find(|(list, _)| list.iter().any(|glob| matches(glob, name))).map(|(_, declared)| declared)
    }

    /// Whether a word is one of a kind.
    #[must_use]
    pub fn is(&self, word: &str, sort: Sort) -> bool {
        let (defaults, more) = match sort {
            Sort::Light => (LIGHT, &self.words.light),
            Sort::Service => (SERVICES, &self.words.services),
            Sort::Foundation => (FOUNDATIONS, &self.words.foundations),
            Sort::Noise => (NOISE, &self.words.noise),
            Sort::Network => (NETWORKS, &self.words.foundations),
        };
        let more = if sort == Sort::Network { &[][..] } else { more.as_slice() };
        defaults.contains(&word) || more.iter().any(|known| known == word)
    }
}

/// What the configuration says of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Not of interest.
    Nothing,
    /// A deploy.
    Deploy,
    /// A wait.
    Wait,
    /// A build.
    Build,
    /// A load.
    Load,
    /// A migration.
    Migrate,
}

/// Sorts of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Objects that are there at once.
    Light,
    /// Known services.
    Service,
    /// What others may need.
    Foundation,
    /// Cluster networks: nothing starts before them.
    Network,
    /// Words that say nothing.
    Noise,
}

fn matches(glob: &str, name: &str) -> bool {
    match glob.split_once('*') {
        None => glob == name,
        Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
    }
}

const LIGHT: &[&str] = &[
    "namespace",
    "namespaces",
    "ns",
    "crd",
    "crds",
    "customresourcedefinition",
    "rbac",
    "role",
    "roles",
    "rolebinding",
    "rolebindings",
    "clusterrole",
    "clusterroles",
    "clusterrolebinding",
    "clusterrolebindings",
    "binding",
    "bindings",
    "serviceaccount",
    "serviceaccounts",
    "sa",
    "secret",
    "secrets",
    "configmap",
    "configmaps",
    "cm",
    "config",
    "configs",
    "configuration",
    "policy",
    "policies",
    "quota",
    "quotas",
    "resourcequota",
    "limitrange",
    "storageclass",
    "pv",
    "pvc",
    "pvs",
    "pvcs",
    "volume",
    "volumes",
    "cert",
    "certs",
    "certificate",
    "certificates",
    "issuer",
    "clusterissuer",
    "token",
    "tokens",
    "permissions",
    "permission",
    "label",
    "labels",
    "annotation",
    "annotations",
    "taint",
    "taints",
    "kubeconfig",
    "user",
    "users",
    "license",
    "credentials",
    "credential",
    "creds",
    "tls",
    "ca",
    "context",
    "gatewayclass",
    "ingressclass",
    "priorityclass",
    "priorityclasses",
    "runtimeclass",
    "env",
    "vars",
    "flags",
    "settings",
    "scheme",
    "defaults",
    "logger",
    "logging",
    "client",
    "clients",
    "directory",
    "directories",
    "dirs",
    "repo",
    "repos",
    "repository",
    "tools",
    "deps",
    "binaries",
    "networkpolicy",
    "entry",
    "patch",
    "patches",
    "route",
    "routes",
    "vs",
    "virtualservice",
    "quotas",
    "pullsecret",
    "imagepullsecret",
    "rule",
    "rules",
    "servicemonitor",
    "servicemonitors",
    "podmonitor",
    "dashboard",
    "dashboards",
    "keys",
    "key",
    "params",
    "parameters",
    "values",
    "profile",
    "profiles",
];

const SERVICES: &[&str] = &[
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "valkey",
    "memcached",
    "kafka",
    "zookeeper",
    "nats",
    "rabbitmq",
    "rabbit",
    "elasticsearch",
    "opensearch",
    "elastic",
    "kibana",
    "minio",
    "localstack",
    "vault",
    "consul",
    "prometheus",
    "grafana",
    "alertmanager",
    "loki",
    "tempo",
    "jaeger",
    "zipkin",
    "otel",
    "opentelemetry",
    "collector",
    "registry",
    "dex",
    "keycloak",
    "openldap",
    "ldap",
    "istio",
    "linkerd",
    "knative",
    "tekton",
    "argocd",
    "argo",
    "flux",
    "certmanager",
    "nginx",
    "ingress",
    "metallb",
    "mailhog",
    "wiremock",
    "mockserver",
    "cassandra",
    "clickhouse",
    "influxdb",
    "pulsar",
    "temporal",
    "harbor",
    "gitea",
    "gitlab",
    "keda",
    "kyverno",
    "gatekeeper",
    "calico",
    "cilium",
    "contour",
    "envoy",
    "traefik",
    "spire",
    "thanos",
    "fluentd",
    "fluentbit",
    "cockroachdb",
    "cockroach",
    "tidb",
    "httpbin",
    "bookinfo",
    "echo",
    "sleep",
    "olm",
    "velero",
    "longhorn",
    "rook",
    "ceph",
    "nfs",
    "ollama",
    "qdrant",
    "weaviate",
    "milvus",
    "database",
    "db",
    "cache",
    "broker",
    "queue",
];

const FOUNDATIONS: &[&str] = &[
    "certmanager",
    "metallb",
    "istio",
    "istiod",
    "linkerd",
    "olm",
    "knative",
    "tekton",
    "kyverno",
    "gatekeeper",
    "registry",
    "csi",
    "localpath",
    "provisioner",
    "snapshotter",
    "spire",
    "vpa",
    "kubevirt",
    "cdi",
    "multus",
    "dapr",
    "ingress",
    "gatewayapi",
    "contour",
    "kourier",
    "argo",
    "argocd",
    "flux",
    "crossplane",
    "keda",
    "strimzi",
    "clusterapi",
    "capi",
    "prerequisites",
    "prereqs",
    "webhook",
    "apiserver",
    "cloudprovider",
    "metricsserver",
];

const NETWORKS: &[&str] = &[
    "calico",
    "cilium",
    "flannel",
    "weave",
    "antrea",
    "cni",
    "kindnet",
    "tigera",
    "kubeovn",
    "ovn",
    "network",
    "networking",
];

const NOISE: &[&str] = &[
    "in",
    "to",
    "into",
    "with",
    "for",
    "from",
    "on",
    "and",
    "the",
    "a",
    "an",
    "of",
    "all",
    "via",
    "using",
    "by",
    "as",
    "if",
    "namespace",
    "cluster",
    "kind",
    "k3d",
    "minikube",
    "k8s",
    "kube",
    "kubernetes",
    "e2e",
    "test",
    "tests",
    "testing",
    "integration",
    "it",
    "deployment",
    "deployments",
    "deploy",
    "statefulset",
    "daemonset",
    "manifest",
    "manifests",
    "yaml",
    "yml",
    "json",
    "file",
    "files",
    "path",
    "dir",
    "url",
    "resource",
    "resources",
    "object",
    "objects",
    "chart",
    "charts",
    "helm",
    "release",
    "kubectl",
    "kustomize",
    "kustomization",
    "base",
    "overlay",
    "overlays",
    "default",
    "install",
    "installation",
    "setup",
    "apply",
    "service",
    "services",
    "svc",
    "app",
    "application",
    "applications",
    "pod",
    "pods",
    "workload",
    "workloads",
    "stack",
    "component",
    "components",
    "image",
    "images",
    "tag",
    "latest",
    "local",
    "dev",
    "ci",
    "main",
    "coverage",
    "nodeport",
    "port",
    "instance",
    "version",
    "infra",
    "infrastructure",
    "environment",
    "dependencies",
    "dependency",
    "deps",
    "everything",
    "system",
    "suite",
    "or",
    "exists",
    "needed",
    "required",
    "not",
    "async",
    "sync",
    "parallel",
    "sequential",
    "once",
    "new",
    "config",
    "root",
    "src",
    "hack",
    "scripts",
    "script",
    "testdata",
    "fixtures",
    "samples",
    "sample",
    "example",
    "examples",
    "templates",
    "template",
    "generated",
    "out",
    "output",
    "tmp",
    "temp",
    "build",
    "dist",
    "https",
    "http",
    "github",
    "com",
    "io",
    "raw",
    "githubusercontent",
    "releases",
    "download",
    "master",
    "sh",
    "bash",
    "bundle",
    "full",
    "minimal",
    "standalone",
    "project",
    "repo",
    "home",
    "pwd",
    "must",
    "only",
    "server",
    "ctx",
    "opts",
    "options",
    "args",
    "spec",
    "name",
    "latest",
    "current",
    "ready",
    "v1",
    "v2",
    "v3",
    "remote",
    "target",
    "hub",
    "common",
    "shared",
    "utils",
    "util",
    "internal",
    "pkg",
    "e",
    "t",
    "s",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_by_start_and_end() {
        assert!(matches("bringUp*", "bringUpRedis"));
        assert!(matches("*Chart", "rolloutChart"));
        assert!(!matches("bringUp", "bringUpRedis"));
    }

    #[test]
    fn unknown_fields_are_refused_with_their_place() {
        let error = Config::parse("[calls]\ndeplyo = []\n").unwrap_err();
        assert!(error.contains("deplyo") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn declared_names_win() {
        let config = Config::parse("[calls]\ndeploy = [\"bringUp*\"]\nignore = [\"deployKeys\"]\n").unwrap();
        assert_eq!(config.declared("bringUpRedis"), Some(Declared::Deploy));
        assert_eq!(config.declared("deployKeys"), Some(Declared::Nothing));
        assert_eq!(config.declared("deployRedis"), None);
    }
}
