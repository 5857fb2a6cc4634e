//! Files that see each other's functions (a Go directory, one script, one Rust file): calls are looked through here.
//! It must not read files; it is given them parsed.

mod body;
mod said;

use std::collections::HashMap;

pub use body::Body;
use body::{Only, equipped};
pub use said::says_only;

use crate::classify::{Kind, Meaning, Source as How, Subject, args, classify, name, subject};
use crate::config::{Config, Sort};
use crate::ir::{Call, Function, Node, Role, Unit, walk};
use crate::source::Source;

/// One file, read and lowered.
#[derive(Debug)]
pub struct Parsed {
    /// Its text.
    pub source: Source,
    /// Its functions.
    pub unit: Unit,
}

/// Files that see each other's functions.
pub struct Package<'a> {
    /// The files.
    pub files: Vec<&'a Parsed>,
    /// The configuration.
    pub config: &'a Config,
    bodies: HashMap<&'a str, Body>,
}

/// A helper that wraps one command has no more calls than this.
const SHORT: usize = 10;

/// A call in a body: its meaning by itself, or the name of a function to look into.
type Seen<'a> = (Option<(Kind, Subject)>, Option<&'a str>);

impl<'a> Package<'a> {
    /// Looks at every function once, then until nothing changes through calls between them.
    #[must_use]
    pub fn new(files: Vec<&'a Parsed>, config: &'a Config) -> Self {
        let mut package = Self { files, config, bodies: HashMap::new() };
        let mut seen: Vec<(&'a str, Vec<Seen<'a>>)> = Vec::new();
        for file in package.files.clone() {
            for function in
                file.unit.functions.iter().filter(|function| matches!(function.role, Role::Named | Role::Closure))
            {
                let calls = calls(function, config);
                let mut body = Body {
                    method: function.receiver.is_some(),
                    equipped: equipped(function, &file.source.path),
                    bare: function.params.is_empty(),
                    ..Body::default()
                };
                if calls.len() > SHORT {
                    body.only = Only::More;
                }
                package.bodies.insert(&function.name, body);
                seen.push((&function.name, calls));
            }
        }
        for _ in 0..4 {
            if !package.round(&seen) {
                break;
            }
        }
        package
    }

    fn round(&mut self, seen: &[(&'a str, Vec<Seen<'a>>)]) -> bool {
        let mut changed = false;
        for (name, calls) in seen {
            let known = self.bodies.get(name).cloned().unwrap_or_default();
            let more = if calls.len() > SHORT || known.only == Only::More { Only::More } else { Only::Nothing };
            let mut body = Body {
                method: known.method,
                equipped: known.equipped,
                bare: known.bare,
                only: more,
                ..Body::default()
            };
            for (kind, callee) in calls {
                // A helper that runs whatever it is given says nothing by itself: what it is given does.
                let inner = callee.and_then(|callee| self.bodies.get(callee));
                let says = |inner: &&Body| kind.is_none() || inner.only != Only::Nothing || inner.bare;
                if let Some(inner) = inner.filter(says) {
                    body.add_inner(inner);
                    if body.only == Only::Nothing {
                        body.subject = inner.subject.clone();
                    }
                    body.only = match (body.only, inner.only) {
                        (only, Only::Nothing) | (Only::Nothing, only) => only,
                        _ => Only::More,
                    };
                    body.steps += usize::from(inner.deploys || inner.builds || inner.loads);
                } else if let Some((kind, subject)) = kind {
                    if body.only == Only::Nothing {
                        body.subject = subject.clone();
                    }
                    body.add(*kind);
                }
            }
            if self.bodies.get(name) != Some(&body) {
                self.bodies.insert(name, body);
                changed = true;
            }
        }
        changed
    }

    /// What a call means, the body of the called function included.
    #[must_use]
    pub fn meaning(&self, call: &Call) -> Option<Meaning> {
        let by_itself = classify(call, self.config);
        match self.local(call) {
            Some(body) => self.through(call, by_itself, body),
            None => by_itself,
        }
    }

    /// The body of the function that is called, when it is one of these.
    fn local(&self, call: &Call) -> Option<&Body> {
        match call.path.as_slice() {
            [name] => self.bodies.get(name.as_str()),
            [_, name] => self.bodies.get(name.as_str()).filter(|body| body.method),
            _ => None,
        }
    }

    fn through(&self, call: &Call, by_itself: Option<Meaning>, body: &Body) -> Option<Meaning> {
        let Some(mut meaning) = by_itself else { return self.unnamed(call, body) };
        meaning.waits |= body.waits;
        if matches!(meaning.source, How::Declared | How::Direct) || !meaning.kind.deploys() {
            return Some(meaning);
        }
        if body.deploys {
            // One API call that returns at once stays one, whatever it is wrapped in.
            if meaning.kind != Kind::Create || body.waits {
                meaning.kind = Kind::Deploy;
            }
            return Some(meaning);
        }
        if body.cluster {
            meaning.kind = Kind::Cluster;
            return Some(meaning);
        }
        if body.prepares {
            // What is created from a manifest and waited for is no small thing.
            meaning.kind = if body.waits { Kind::Deploy } else { Kind::Prepare };
            return Some(meaning);
        }
        // All that a script's function does is here to be seen.
        let is_hidden = body.equipped && call.argv.is_none();
        (meaning.source != How::WeakName && is_hidden).then_some(meaning)
    }

    /// A helper whose name says nothing, judged by its body.
    fn unnamed(&self, call: &Call, body: &Body) -> Option<Meaning> {
        let words = subject::split(call.name());
        let first = words.first().map_or("", String::as_str);
        let asks = matches!(
            first,
            "assert" | "check" | "verify" | "expect" | "get" | "list" | "is" | "has" | "can" | "test" | "with"
        );
        if let Only::One(kind) = body.only
            && (!call.args.is_empty() || body.bare && !body.subject.is_unknown())
            && !asks
            && first != "main"
            && matches!(
                kind,
                Kind::Deploy | Kind::Apply | Kind::Wait | Kind::Build | Kind::Load | Kind::BuildLoad | Kind::Remove
            )
        {
            return Some(self.helper(call, kind, &words, body));
        }
        let makes = matches!(
            first,
            "create"
                | "ensure"
                | "bring"
                | "spin"
                | "prepare"
                | "init"
                | "start"
                | "launch"
                | "setup"
                | "apply"
                | "configure"
                | "enable"
                | "stand"
        );
        let named = words.iter().any(|word| self.config.is(word, Sort::Service));
        let kind = if body.cluster {
            Kind::Cluster
        } else if (body.deploys || body.prepares && body.waits && is_equipped(call))
            && (makes || named)
            && first != "main"
        {
            Kind::Deploy
        } else if body.builds && (words.iter().any(|word| word == "build") || !body.deploys && is_given_recipe(call)) {
            if body.loads { Kind::BuildLoad } else { Kind::Build }
        } else if body.loads && words.iter().any(|word| word == "load") {
            Kind::Load
        } else if body.waits
            && !body.deploys
            && words.iter().any(|word| matches!(word.as_str(), "ready" | "healthy" | "running" | "available"))
        {
            Kind::Wait
        } else {
            return None;
        };
        let mut meaning = Meaning {
            kind,
            subject: Subject::default(),
            source: How::Name,
            waits: body.waits,
            label: name::label(call),
        };
        let rest = if makes { &words[1..] } else { &words[..] };
        if !is_given_recipe(call) {
            meaning.subject = Subject::of_words(rest, self.config);
        }
        if meaning.subject.is_unknown() {
            meaning.subject = args::from_args(&call.args, self.config);
        }
        Some(meaning)
    }

    /// A call of a helper that does one thing: about what is in what it is given, or else in its name.
    fn helper(&self, call: &Call, kind: Kind, words: &[String], body: &Body) -> Meaning {
        let mut subject = args::from_args(&call.args, self.config);
        if subject.is_unknown() && body.bare {
            subject = body.subject.clone();
        }
        if subject.is_unknown() {
            subject = Subject::of_words(words, self.config);
        }
        Meaning { kind, subject, source: How::Name, waits: body.waits, label: name::label(call) }
    }

    /// Whether a name is a function of this package.
    #[must_use]
    pub fn defines(&self, name: &str) -> bool {
        self.bodies.contains_key(name)
    }
}

/// Whether a call is given what it makes or what it makes it with: a client, a manifest.
fn is_equipped(call: &Call) -> bool {
    let signs = ["client", "cli", "kube", "manifest", "chart", "yaml"];
    call.args.iter().flat_map(|arg| &arg.reads).any(|name| {
        let name = name.to_lowercase();
        signs.iter().any(|sign| name.contains(sign))
    })
}

/// Whether a helper is told by which Containerfile to build.
fn is_given_recipe(call: &Call) -> bool {
    let names = |text: &str| {
        let text = text.to_lowercase();
        text.contains("dockerfile") || text.contains("containerfile")
    };
    call.args.iter().filter_map(|arg| arg.text.as_deref()).any(names)
}

fn calls<'a>(function: &'a Function, config: &Config) -> Vec<Seen<'a>> {
    let mut seen = Vec::new();
    walk(&function.body, &mut |node| {
        if let Node::Call(call) = node {
            let callee = match call.path.as_slice() {
                [name] | [_, name] => Some(name.as_str()),
                _ => None,
            };
            let kind = classify(call, config).map(|meaning| (meaning.kind, meaning.subject));
            if kind.is_some() || callee.is_some() {
                seen.push((kind, callee.filter(|name| *name != function.name)));
            }
        }
    });
    seen
}
