//! `missing-edge` in code: workers that make a CRD, a namespace or a webhook beside those that need it, and one command
//! that applies a definition with its resources.

use super::missing_edge::{RULE, unordered};
use crate::classify::Kind;
use crate::classify::subject::split;
use crate::config::{Config, Sort};
use crate::finding::Finding;
use crate::reason::Scene;
use crate::steps::{Item, Spawned, Step};

/// What one worker provides to others.
#[derive(Clone, Copy)]
enum Provides {
    Definition,
    Namespace,
    Webhook,
}

/// Workers of one group, of which one provides what another one needs.
pub(super) fn check(scene: &Scene, group: &[(&Item, &Spawned)]) -> Vec<Finding> {
    [Provides::Definition, Provides::Namespace, Provides::Webhook]
        .into_iter()
        .filter_map(|what| {
            group.iter().find_map(|(item, spawned)| {
                let provider = find(spawned, &|step| what.made_by(step))?;
                let consumers: Vec<&Item> = group
                    .iter()
                    .filter(|(other, worker)| {
                        other.id != item.id
                            && !worker.needs.contains(&item.id)
                            // It makes its own, or waits for it before.
                            && find(worker, &|step| what.made_by(step) || step.meaning.kind == Kind::Wait).is_none()
                    })
                    .filter_map(|(_, worker)| {
                        find(worker, &|step| what.needed_by(step, provider.1, scene.config)).map(|(item, _)| item)
                    })
                    .collect();
                unordered(scene, item, &consumers, what.words())
            })
        })
        .collect()
}

/// A definition and resources of its kind in one command: the second are refused until the first is established.
pub(super) fn at_once(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    scene.steps.each_step(&mut |item, step| {
        let named = |pair: &[String], list: &[&str]| {
            matches!(pair[0].as_str(), "-f" | "--filename") && split(&pair[1]).iter().any(|word| list.contains(&word.as_str()))
        };
        let pairs = || step.words.windows(2).filter(|pair| !named(pair, CRDS));
        let defines = step.words.windows(2).any(|pair| named(pair, CRDS));
        let kubectl = step.words.first().is_some_and(|program| program == "kubectl" || program == "oc");
        if kubectl && defines && pairs().any(|pair| named(pair, RESOURCES)) {
            let source = &scene.file.source;
            let message = "this command applies resources together with their CRDs: the API refuses them until the CRDs are established";
            let help = "apply the CRDs first and wait until they are established, then the resources".to_owned();
            let place = source.first_line(item.span);
            findings.push(Finding::new(RULE.id, RULE.severity, &source.path, place, message.to_owned(), help));
        }
    });
    findings
}

fn find<'a>(spawned: &'a Spawned, test: &dyn Fn(&Step) -> bool) -> Option<(&'a Item, &'a Step)> {
    let mut found = None;
    spawned.inner.each_step(&mut |item, step| {
        if found.is_none() && test(step) {
            found = Some((item, step));
        }
    });
    found
}

/// The words of a step's name, and of the files that a command names.
fn said(step: &Step) -> Vec<String> {
    let name = step.meaning.label.rsplit('.').next().unwrap_or_default();
    if step.words.first().is_some_and(|program| program == "kubectl" || program == "oc") {
        let files =
            step.words.windows(2).filter(|pair| matches!(pair[0].as_str(), "-f" | "-k" | "--filename" | "create"));
        return files.flat_map(|pair| split(&pair[1])).collect();
    }
    split(name)
}

const CRDS: &[&str] = &["crd", "crds", "customresourcedefinition", "customresourcedefinitions"];

const RESOURCES: &[&str] = &["resources", "crs", "cr", "custom", "samples", "sample", "instances"];

impl Provides {
    fn made_by(self, step: &Step) -> bool {
        let words = said(step);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let puts = step.meaning.kind.deploys() || step.meaning.kind == Kind::Prepare;
        puts && match self {
            Self::Definition => has(CRDS),
            // The last word says what is made: `deployRedisInNamespace` makes none.
            Self::Namespace => {
                step.meaning.kind == Kind::Prepare
                    && !has(&["in", "to", "with", "for"])
                    && words.iter().any(|word| matches!(word.as_str(), "namespace" | "ns" | "namespaces"))
            }
            Self::Webhook => has(&["webhook", "webhooks", "admission"]) && !has(CRDS),
        }
    }

    /// Whether a step needs what another one makes.
    fn needed_by(self, step: &Step, provider: &Step, config: &Config) -> bool {
        let words = said(step);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let is_custom =
            has(&["crs", "cr"]) || words.windows(2).any(|pair| pair[0] == "custom" && pair[1].starts_with("resource"));
        let puts = step.meaning.kind.deploys() || step.meaning.kind == Kind::Prepare;
        match self {
            _ if !puts => false,
            Self::Definition => {
                is_custom || step.meaning.kind.deploys() && has(&["operator", "controller", "controllers"])
            }
            Self::Namespace => {
                let creates = step.words.iter().any(|word| word == "--create-namespace");
                step.meaning.kind.deploys()
                    && !creates
                    && spaces(provider).iter().any(|space| spaces(step).contains(space))
            }
            // What a function "applies" under a name of its own kind goes through admission.
            Self::Webhook => {
                let service = words.iter().any(|word| config.is(word, Sort::Service) || config.is(word, Sort::Light));
                is_custom || words.first().is_some_and(|verb| verb == "apply") && !service && words.len() > 1
            }
        }
    }

    fn words(self) -> (String, String) {
        let (message, help) = match self {
            Self::Definition => (
                "these CRDs are made beside what needs them: the API refuses a resource whose kind it does not know yet",
                "apply the CRDs first and wait until they are established; everything else may run beside them",
            ),
            Self::Namespace => (
                "this namespace is made beside what goes into it: what is faster is refused",
                "make the namespace before the workers start; it is there at once",
            ),
            Self::Webhook => (
                "this webhook is deployed beside what it admits: until it serves, the API refuses that or lets it through unseen",
                "wait until the webhook serves before what it admits is applied; everything else may run beside it",
            ),
        };
        (message.to_owned(), help.to_owned())
    }
}

/// What may be the namespace among what a step is given: names, and variables that are called so.
fn spaces(step: &Step) -> Vec<&str> {
    let variable = |word: &str| {
        let lower = word.to_lowercase();
        lower.contains("namespace") || lower.trim_matches(['$', '{', '}']).rsplit('.').next() == Some("ns")
    };
    let name = |word: &str| {
        !word.contains("${")
            && word.len() > 1
            && word.chars().all(|char| char.is_ascii_alphanumeric() || char == '-')
            && !word.starts_with('-')
            && !matches!(word, "kubectl" | "helm" | "create" | "apply" | "namespace" | "ns" | "nil" | "true" | "false")
    };
    step.words.iter().map(String::as_str).filter(|word| variable(word) || name(word)).collect()
}
