//! Which calls are deploys, waits, builds and loads: data with defaults, extended by `xtask-lint.toml`.
//! It must not look at code.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

/// The file's name, looked for from the linted directory upwards.
pub const FILE: &str = "xtask-lint.toml";

/// What the file may say. Lists add to the defaults.
#[derive(Debug, Default, Clone, Deserialize)]
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
#[derive(Debug, Default, Clone, Deserialize)]
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
#[derive(Debug, Default, Clone, Deserialize)]
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
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Ids of rules that are off.
    pub disable: Vec<String>,
}

/// Which files are read.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paths {
    /// Globs of paths that are left out.
    pub exclude: Vec<String>,
}

/// Images that are built here.
#[derive(Debug, Default, Clone, Deserialize)]
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
        // What a configuration adds may be needed by anything, and may need anything.
        let none = Vec::new();
        let (defaults, more) = match sort {
            Sort::Light => (&LIGHT, &self.words.light),
            Sort::Service => (&SERVICES, &self.words.services),
            Sort::Foundation => (&FOUNDATIONS, &self.words.foundations),
            Sort::Noise => (&NOISE, &self.words.noise),
            Sort::Network => (&NETWORKS, &none),
            Sort::Addon => (&ADDONS, &none),
            Sort::Product => (&PRODUCTS, &none),
        };
        defaults.contains(word) || more.iter().any(|known| known == word)
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
    /// Foundations that only what is built on them needs: nobody else waits for cert-manager.
    Addon,
    /// Products that run on a bare cluster.
    Product,
    /// Words that say nothing.
    Noise,
}

fn matches(glob: &str, name: &str) -> bool {
    let Some((start, rest)) = glob.split_once('*') else { return glob == name };
    let Some(mut open) = name.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = open.find(part) else { return false };
        open = &open[at + part.len()..];
    }
    open.ends_with(end)
}

static LIGHT: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("words/light.txt").split_whitespace().collect());

static SERVICES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words/services.txt").split_whitespace().collect());

static FOUNDATIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words/foundations.txt").split_whitespace().collect());

static NETWORKS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words/networks.txt").split_whitespace().collect());

static ADDONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words/addons.txt").split_whitespace().collect());

static PRODUCTS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words/products.txt").split_whitespace().collect());

static NOISE: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("words/noise.txt").split_whitespace().collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        assert!(matches("bringUp*", "bringUpRedis"));
        assert!(matches("*Chart", "rolloutChart"));
        assert!(!matches("bringUp", "bringUpRedis"));
        assert!(matches("*BringUp*", "mustBringUpRedis") && matches("*BringUp*", "BringUp"));
        assert!(matches("a*b*c", "a-b-b-c") && !matches("a*b*c", "a-c-b") && matches("*", ""));
        assert!(!matches("ab*ba", "aba"), "what one star leaves is not counted twice");
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
