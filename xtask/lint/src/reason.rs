//! Why one step may have to follow another. Without a reason they are independent.
//! Shared inputs are no reason; only what flows out of the first is.

use crate::classify::subject::{Tie, split};
use crate::classify::{Kind, Meaning};
use crate::config::Config;
use crate::ir::{Function, Role};
use crate::package::{Package, Parsed, says_only};
use crate::source::Language;
use crate::steps::{Item, Sequence, Step};

/// One function, with what is around it: what rules see.
pub struct Scene<'a> {
    /// The files that see each other.
    pub package: &'a Package<'a>,
    /// The function's file.
    pub file: &'a Parsed,
    /// The function.
    pub function: &'a Function,
    /// Its steps.
    pub steps: &'a Sequence,
    /// The configuration.
    pub config: &'a Config,
}

/// Why a step follows another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A result of the first goes into the second.
    Value,
    /// Both are about the same thing.
    Same,
    /// The first provides what the second may need: a network, CRDs, a webhook.
    Foundation,
    /// The first is an operator, and the second may be one of its resources.
    Operator,
    /// It cannot be told what one of them is about.
    Unknown,
    /// They never run in one run.
    Exclusive,
    /// A comment says so.
    Said(String),
}

impl Reason {
    /// The reason as the end of a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Value => "takes a result of the step before".to_owned(),
            Self::Same => "is about the same thing".to_owned(),
            Self::Foundation => "may need what the step before provides (CRDs, a webhook, a network)".to_owned(),
            Self::Operator => "may be a resource of the operator before".to_owned(),
            Self::Unknown => "cannot be told apart from the step before".to_owned(),
            Self::Exclusive => "never runs together with the step before".to_owned(),
            Self::Said(text) => format!("follows by its comment ({text})"),
        }
    }
}

impl Scene<'_> {
    /// Why `later` has to follow `earlier`; `None` when nothing says so.
    #[must_use]
    pub fn reason(&self, earlier: (&Item, &Step), later: (&Item, &Step)) -> Option<Reason> {
        if !earlier.0.together(later.0) {
            return Some(Reason::Exclusive);
        }
        if later.1.needs.contains(&earlier.0.id) {
            return Some(Reason::Value);
        }
        let (first, second) = (&earlier.1.meaning, &later.1.meaning);
        if first.kind.builds() && stands_on(earlier.1, later.1) {
            return Some(Reason::Value);
        }
        if elsewhere(earlier.1, later.1) {
            return None;
        }
        match first.subject.tie(&second.subject, self.config) {
            Tie::Unknown => return Some(Reason::Unknown),
            Tie::Same => return Some(Reason::Same),
            Tie::Foundation => return Some(Reason::Foundation),
            Tie::None => {}
        }
        if self.is_operated((first, second), later.1) {
            return Some(Reason::Operator);
        }
        let before = earlier.1.before.as_ref().filter(|text| mentions(text, later.1));
        before.cloned().or_else(|| self.said(earlier, later.0)).map(Reason::Said)
    }

    /// Whether the first is an operator, and the second may be one of its resources.
    fn is_operated(&self, (first, second): (&Meaning, &Meaning), later: &Step) -> bool {
        let operator =
            |word: &String| matches!(word.as_str(), "operator" | "operators" | "controller" | "crd" | "crds");
        if !first.subject.words.iter().any(operator) || second.subject.is_foreign_to(&first.subject, self.config) {
            return false;
        }
        let is_chart = later.words.first().is_some_and(|word| word == "helm");
        let also = second.subject.has("operator") || second.subject.has("controller");
        // `applyWorkspace` after an operator applies what the operator knows.
        let by_name = split(&second.label).first().is_some_and(|word| word == "apply");
        by_name || matches!(second.kind, Kind::Apply | Kind::Create) || is_chart && !also
    }

    /// A comment right above the later step that says that it needs the earlier one.
    fn said(&self, earlier: (&Item, &Step), later: &Item) -> Option<String> {
        let source = &self.file.source;
        let mut line = source.line(later.span.start);
        let mut budget = 6;
        while line > 1 && budget > 0 {
            line -= 1;
            budget -= 1;
            let here = source.line_span(line);
            let text = source.slice(here).trim();
            if let Some(comment) = self.file.comment_in(here) {
                if demands(&comment.text) && (mentions(&comment.text, earlier.1) || is_about_the_api(&comment.text)) {
                    return Some(comment.text.chars().take(60).collect());
                }
            } else if !text.is_empty() && !says_only(text) {
                break;
            }
        }
        None
    }

    /// Whether this body sets things up (a test case is a scenario, a tear-down takes down).
    #[must_use]
    pub fn sets_up(&self) -> bool {
        if self.function.role == Role::TearDown {
            return false;
        }
        let words = split(&self.function.name);
        let first = words.first().map_or("", String::as_str);
        !matches!(
            first,
            "cleanup"
                | "teardown"
                | "delete"
                | "uninstall"
                | "undeploy"
                | "remove"
                | "destroy"
                | "stop"
                | "clean"
                | "dump"
                | "collect"
                | "verify"
                | "validate"
                | "assert"
                | "usage"
                | "help"
        )
    }

    /// Whether the function is a test case; in a script, one that is called a test.
    #[must_use]
    pub fn is_case(&self) -> bool {
        let script = self.file.source.language == Language::Shell;
        self.function.role == Role::Case || script && self.is_called_a_test()
    }

    /// Whether the function is called a test: a test case, or what one of them does.
    #[must_use]
    pub fn is_called_a_test(&self) -> bool {
        let words = split(&self.function.name);
        let is = |word: Option<&String>, list: &[&str]| word.is_some_and(|word| list.contains(&word.as_str()));
        let script = self.file.source.language == Language::Shell;
        let tests = script && is(words.first(), &["run"]) && is(words.last(), &["test", "tests"]);
        (tests || is(words.first(), &["test"])) && !words.iter().any(|word| SETS_UP.contains(&word.as_str()))
    }
}

/// Words in the name of what sets something up for tests.
const SETS_UP: &[&str] =
    &["setup", "deploy", "install", "prepare", "main", "env", "environment", "infra", "cluster", "suite", "bed"];

/// Whether two commands name different clusters.
fn elsewhere(first: &Step, second: &Step) -> bool {
    // Terratest is told the cluster by its options: the same chart by other options goes to another one.
    let helm = first.meaning.label == "helm.Install" || first.meaning.label == "helm.Upgrade";
    if helm && first.meaning.label == second.meaning.label && first.words.len() > 2 {
        return first.words[2..] == second.words[2..] && first.words[1] != second.words[1];
    }
    let named = |step: &Step| step.flag(&["--kubeconfig", "--context", "--kube-context"]).map(str::to_owned);
    matches!((named(first), named(second)), (Some(one), Some(other)) if one != other && one != "${}" && other != "${}")
}

/// Whether the second image is built on the first: the first is called a base, or the second is given its name.
fn stands_on(first: &Step, second: &Step) -> bool {
    let base = first.meaning.subject.words.iter().any(|word| matches!(word.as_str(), "base" | "builder" | "toolchain"));
    let tag = first.words.windows(2).find(|pair| pair[0] == "-t" || pair[0] == "--tag").map(|pair| pair[1].as_str());
    base || first.words.iter().any(|word| word.ends_with("base"))
        || tag.is_some_and(|tag| {
            second.words.windows(2).any(|pair| pair[1].ends_with(tag) && !pair[0].starts_with("-t") && pair[1] != tag)
        })
}

fn demands(text: &str) -> bool {
    // What others need is the other way round.
    let text = ["required for", "required by", "needed for", "needed by"]
        .iter()
        .fold(text.to_lowercase(), |text, other_way| text.replace(other_way, ""));
    [
        "require",
        "needs",
        "need ",
        "depends on",
        "dependent on",
        "must be",
        "must have",
        "must come",
        "must run",
        "prerequisite",
        "relies on",
        "expects",
        "has to",
        "only after",
        "before",
        "once",
    ]
    .iter()
    .any(|word| text.contains(word))
        && !["no dependency", "independent", "does not need", "doesn't need", "not depend"]
            .iter()
            .any(|word| text.contains(word))
}

/// What the API server asks before it takes an object: whoever writes of these means an order.
fn is_about_the_api(text: &str) -> bool {
    let text = text.to_lowercase();
    ["webhook", "admission", "crd", "custom resource", "schema"].iter().any(|word| text.contains(word))
}

fn mentions(text: &str, step: &Step) -> bool {
    let words = split(text);
    step.meaning.subject.words.iter().any(|word| {
        words.iter().any(|said| {
            said.len() > 2 && (said == word || word.starts_with(said.as_str()) || said.starts_with(word.as_str()))
        })
    })
}
