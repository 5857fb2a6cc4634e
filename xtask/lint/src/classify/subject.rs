//! What a step is about: the words of a name that are left when those that say nothing are gone.

use crate::config::{Config, Sort};

/// Words that tell one deployed thing from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The words, lower case, in order.
    pub words: Vec<String>,
}

/// How two subjects belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// Nothing is known of one of them.
    Unknown,
    /// The same thing, or a part of it.
    Same,
    /// The second may need what the first provides.
    Foundation,
    /// Different things.
    None,
}

impl Subject {
    /// The subject of a name (`deployPostgreSQLInNamespace`, `deploy/postgres.yaml`), verbs already taken off.
    #[must_use]
    pub fn of_words(words: &[String], config: &Config) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for word in words {
            let word = canonical(word);
            if config.is(word, Sort::Noise) || word.chars().all(|char| char.is_ascii_digit()) || is_version(word) {
                continue;
            }
            if !kept.iter().any(|known| known == word) {
                kept.push(word.to_owned());
            }
        }
        Self { words: kept }
    }

    /// The subject of a path or URL of a manifest: its last part that says anything.
    #[must_use]
    pub fn of_path(path: &str, config: &Config) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        for part in path.rsplit('/') {
            let subject = Self::of_words(&split(part), config);
            if !subject.words.is_empty() {
                return subject;
            }
        }
        Self::default()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.words.is_empty()
    }

    /// How `later` depends on `self` by what both are.
    #[must_use]
    pub fn tie(&self, later: &Self, config: &Config) -> Tie {
        if self.is_unknown() || later.is_unknown() {
            return Tie::Unknown;
        }
        let (mine, theirs) = (self.level(config), later.level(config));
        if mine < theirs && !self.is_idle_for(later, config) {
            return Tie::Foundation;
        }
        let shares = |one: &Self, other: &Self| one.words.iter().all(|word| other.has(word));
        if shares(self, later) || shares(later, self) {
            return Tie::Same;
        }
        let product = |word: &String| config.is(word, Sort::Foundation) && later.has(word);
        if self.words.iter().any(product) { Tie::Same } else { Tie::None }
    }

    /// Whether this provides only what is built on it, and the later one is a product that is not: Prometheus needs no
    /// cert-manager.
    fn is_idle_for(&self, later: &Self, config: &Config) -> bool {
        let provides = |word: &&String| config.is(word, Sort::Foundation) || config.is(word, Sort::Network);
        self.words.iter().filter(provides).all(|word| config.is(word, Sort::Addon))
            && later.words.iter().any(|word| config.is(word, Sort::Product))
    }

    /// Whether this is a well-known product of another family than an operator's: Grafana is no resource of one's own.
    #[must_use]
    pub fn is_foreign_to(&self, operator: &Self, config: &Config) -> bool {
        let known = |word: &String| config.is(word, Sort::Product) || config.is(word, Sort::Addon);
        let family = |subject: &Self| {
            FAMILIES
                .iter()
                .position(|family| family.split(' ').any(|name| subject.words.iter().any(|word| word == name)))
        };
        let named = operator
            .words
            .iter()
            .any(|word| !matches!(word.as_str(), "operator" | "operators" | "controller" | "crd" | "crds"));
        let akin = family(self).is_some_and(|own| family(operator) == Some(own));
        named && self.words.iter().any(known) && !akin && !self.overlaps(operator)
    }

    /// Networks before foundations before everything else.
    #[must_use]
    pub fn level(&self, config: &Config) -> u8 {
        if self.words.iter().any(|word| config.is(word, Sort::Network)) {
            0
        } else if self.words.iter().any(|word| config.is(word, Sort::Foundation)) {
            1
        } else {
            2
        }
    }

    /// Whether a word belongs to it; plurals count.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|mine| alike(mine, word))
    }

    /// Whether the two speak of one thing, as far as words say.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.words.iter().any(|word| other.has(word))
    }
}

/// Operators with what they run.
const FAMILIES: &[&str] = &[
    "elasticsearch kibana logstash beats eck",
    "prometheus alertmanager thanos grafana victoria victoriametrics",
    "strimzi kafka zookeeper koperator",
    "postgres cloudnativepg cnpg pgo crunchy zalando stackgres percona",
    "mysql mariadb percona vitess moco oracle",
    "mongodb percona psmdb",
    "redis valkey spotahome dragonfly",
    "rook ceph",
    "rabbitmq topology",
    "cassandra k8ssandra cass medusa reaper",
];

/// Splits a name into lower-case words: camel case, snake case, kebab case, paths, variables.
#[must_use]
pub fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (index, char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            push(&mut words, &mut word);
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(index + 1);
        let starts = char.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase() && *after != 's'))
            });
        if starts {
            push(&mut words, &mut word);
        }
        word.extend(char.to_lowercase());
    }
    push(&mut words, &mut word);
    merge(words)
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Names that camel case takes apart.
fn merge(words: Vec<String>) -> Vec<String> {
    const PAIRS: &[(&str, &str, &str)] = &[
        ("postgre", "sql", "postgresql"),
        ("my", "sql", "mysql"),
        ("maria", "db", "mariadb"),
        ("mongo", "db", "mongodb"),
        ("cert", "manager", "certmanager"),
        ("cluster", "role", "clusterrole"),
        ("cluster", "roles", "clusterroles"),
        ("role", "binding", "rolebinding"),
        ("role", "bindings", "rolebindings"),
        ("config", "map", "configmap"),
        ("config", "maps", "configmaps"),
        ("service", "account", "serviceaccount"),
        ("alert", "manager", "alertmanager"),
        ("gateway", "api", "gatewayapi"),
        ("local", "path", "localpath"),
        ("set", "up", "setup"),
        ("cluster", "api", "clusterapi"),
        ("metrics", "server", "metricsserver"),
        ("storage", "class", "storageclass"),
        ("metal", "lb", "metallb"),
        ("clusterrole", "binding", "clusterrolebinding"),
        ("api", "server", "apiserver"),
        ("cloud", "provider", "cloudprovider"),
        ("service", "monitor", "servicemonitor"),
        ("argo", "cd", "argocd"),
        ("network", "policy", "networkpolicy"),
        ("rabbit", "mq", "rabbitmq"),
        ("port", "forward", "portforward"),
        ("tear", "down", "teardown"),
        ("clean", "up", "cleanup"),
        ("gate", "keeper", "gatekeeper"),
        ("stateful", "set", "statefulset"),
        ("daemon", "set", "daemonset"),
        ("kube", "config", "kubeconfig"),
        ("node", "port", "nodeport"),
        ("pull", "secret", "pullsecret"),
        ("kube", "ovn", "kubeovn"),
        ("spin", "up", "spinup"),
        ("bring", "up", "bringup"),
        ("roll", "out", "rollout"),
        ("host", "name", "hostname"),
    ];
    let mut merged: Vec<String> = Vec::new();
    for word in words {
        let joined = merged.last().and_then(|last| {
            PAIRS.iter().find(|(one, two, _)| last == one && word == *two).map(|(_, _, both)| (*both).to_owned())
        });
        match joined {
            Some(both) => {
                merged.pop();
                merged.push(both);
            }
            None => merged.push(word),
        }
    }
    merged
}

/// One name for things that have several.
fn canonical(word: &str) -> &str {
    match word {
        "postgresql" | "pg" | "postgre" | "pgsql" => "postgres",
        "mongo" => "mongodb",
        "rabbit" => "rabbitmq",
        "elastic" => "elasticsearch",
        "istiod" => "istio",
        "prom" => "prometheus",
        _ => word,
    }
}

/// Plurals and endings of one letter are one word.
fn alike(one: &str, two: &str) -> bool {
    let (short, long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
    short == long || (short.len() > 3 && long.len() - short.len() <= 1 && long.starts_with(short))
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> Subject {
        Subject::of_words(&split(text), &Config::default())
    }

    #[test]
    fn names_are_split_where_people_see_words() {
        assert_eq!(split("deployPostgreSQLInNamespace"), ["deploy", "postgresql", "in", "namespace"]);
        assert_eq!(split("InstallCRDs"), ["install", "crds"]);
        assert_eq!(split("deploy_mock-llm"), ["deploy", "mock", "llm"]);
        assert_eq!(split("createClusterRoleBinding"), ["create", "clusterrolebinding"]);
        assert_eq!(split("SetupHTTPServer"), ["setup", "http", "server"]);
    }

    #[test]
    fn ties_follow_what_things_are() {
        let config = Config::default();
        let tie = |one: &str, two: &str| subject(one).tie(&subject(two), &config);
        assert_eq!(tie("postgres", "redis"), Tie::None);
        assert_eq!(tie("redis-operator", "redis"), Tie::Same);
        assert_eq!(tie("cert-manager", "gateway"), Tie::Foundation);
        assert_eq!(tie("cert-manager", "prometheus"), Tie::None);
        assert_eq!(tie("cert-manager", "opentelemetry-operator"), Tie::Foundation);
        assert_eq!(tie("local-path-provisioner", "postgres"), Tie::Foundation);
        assert_eq!(tie("gateway", "cert-manager"), Tie::None);
        assert_eq!(tie("tekton-pipelines", "tekton-triggers"), Tie::Same);
        assert_eq!(tie("acme-gateway", "acme-notification"), Tie::None);
        assert_eq!(tie("manifests", "redis"), Tie::Unknown);
    }

    #[test]
    fn a_path_is_about_its_last_part_that_says_anything() {
        let config = Config::default();
        assert_eq!(Subject::of_path("config/redis/deployment.yaml", &config).words, ["redis"]);
        assert_eq!(Subject::of_path("https://x.example/v1.2/cert-manager.yaml", &config).words, ["certmanager"]);
    }
}
