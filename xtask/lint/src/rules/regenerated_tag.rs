//! `regenerated-tag`: a tag from a clock or a random source, made more than once.

use super::{Check, Rule};
use crate::classify::subject::split;
use crate::finding::{Edit, Finding, Place, Severity};
use crate::ir::{Block, Call, Node, Turns, Value, walk};
use crate::package::Parsed;
use crate::reason::Scene;
use crate::source::{Language, Span};

pub(super) const RULE: Rule = Rule {
    id: "regenerated-tag",
    severity: Severity::Error,
    summary: "an image tag from a clock or a random source, computed more than once",
    check: Check::Function(check),
};

const HELP: &str =
    "compute the tag once, from what goes into the image, and hand it to whoever builds, loads and deploys";

fn check(scene: &Scene) -> Vec<Finding> {
    let mut made: Vec<Made> = Vec::new();
    let file = scene.file;
    walk(&scene.function.body, &mut |node| match node {
        Node::Assign(assign) if assign.targets.iter().any(|name| is_tag(name)) && changing(&assign.value) => {
            let of = whose(&assign.targets);
            made.push(Made::new(format!("{of}|{}", shape(&assign.value)), assign.span, &assign.targets));
        }
        Node::Call(call) => {
            if call.assigned.iter().any(|name| is_tag(name)) && generator(call.name()) {
                let given = call.args.iter().map(shape).collect::<Vec<_>>().join(",");
                made.push(Made::new(format!("{}({given})", call.path.join(".")), call.span, &call.assigned));
            } else if call.assigned.iter().any(|name| is_tag(name)) && anew(call) {
                let shape = format!("{}|{}", whose(&call.assigned), right_side(scene, call.span));
                made.push(Made::new(shape, call.span, &call.assigned));
            }
            made.extend(given(scene, call));
            if scene.file.source.language == Language::Shell {
                made.extend(commanded(scene.file.source.slice(call.span), call));
            }
        }
        _ => {}
    });
    let source = &scene.file.source;
    let mut findings = Vec::new();
    for (at, again) in made.iter().enumerate() {
        let first = made[..at].iter().find(|known| known.is_meant_as(again));
        if let Some(first) = first {
            let message =
                "this tag is made a second time, and comes out as another one: what is built is not what is deployed"
                    .to_owned();
            findings.push(
                Finding::new(
                    RULE.id,
                    RULE.severity,
                    &source.path,
                    source.first_line(again.span),
                    message,
                    HELP.to_owned(),
                )
                .with_related(source.first_line(first.span), "made here first")
                .with_fix(again.taken_from(first, file, &scene.function.body).into_iter().collect()),
            );
        }
    }
    findings
}

/// A tag that is made where it is handed over: `load(ctx, "shop", uuid.NewString())`.
fn given(scene: &Scene, call: &Call) -> Option<Made> {
    if scene.file.source.language == Language::Shell {
        return None;
    }
    let tag = call.args.iter().find(|arg| changing(arg) || arg.calls.iter().any(|name| generator(name)))?;
    let kind = scene.package.meaning(call)?.kind;
    if !(kind.builds() || kind.loads() || kind.deploys()) {
        return None;
    }
    // What is tagged is in the other arguments.
    let others = call.args.iter().filter(|arg| !changing(arg)).filter_map(Value::literal).collect::<Vec<_>>().join(",");
    Some(Made::new(format!("{others}|{}", shape(tag)), call.span, &[]))
}

/// A tag that a command of a script makes where it needs it: `docker build -t shop:$(date +%s)`, `--set image.tag=$RANDOM`.
fn commanded(text: &str, call: &Call) -> Option<Made> {
    if !image_command(text) {
        return None;
    }
    call.args.iter().filter(|arg| changing(arg)).find_map(|arg| {
        let text = arg.text.as_deref().unwrap_or_default();
        let (key, value) = text.split_once('=').unwrap_or(("", text));
        let (image, tag) = match value.rsplit_once(':') {
            Some((image, tag)) if !tag.contains('/') => (Some(image), tag),
            _ => (None, value),
        };
        (image.is_some() || is_tag(key)).then(|| {
            let mut made = Made::new(format!("{tag}{:?}", arg.calls), call.span, &[]);
            made.image = image.map(str::to_owned);
            made.any_image = image.is_none();
            made
        })
    })
}

/// A tag that is made.
struct Made {
    /// From what: two of one shape are meant to be one tag.
    shape: String,
    span: Span,
    /// Its name, where it gets one.
    name: Option<String>,
    /// The image whose tag it is, as far as that is told apart from its shape.
    image: Option<String>,
    /// Set when the image is not said: it may be any.
    any_image: bool,
}

impl Made {
    fn new(shape: String, span: Span, names: &[String]) -> Self {
        let name = match names {
            [name] if name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') => Some(name.clone()),
            _ => None,
        };
        Self { shape, span, name, image: None, any_image: false }
    }

    /// Whether both are meant to be one tag.
    fn is_meant_as(&self, other: &Self) -> bool {
        let one_image = self.any_image || other.any_image || self.image == other.image;
        self.shape == other.shape && self.span != other.span && one_image
    }

    /// The change that makes this one the first one, where that has a name that is known to the end of the function and
    /// keeps its value. In Rust the value may have moved away, so that is left to people.
    fn taken_from(&self, first: &Self, file: &Parsed, body: &Block) -> Option<Edit> {
        let is_first = |node: &Node| match node {
            Node::Assign(assign) => assign.span == first.span,
            Node::Call(call) => call.span == first.span,
            _ => false,
        };
        let (Some(name), Some(own)) = (&first.name, &self.name) else { return None };
        let known = file.unit.unread.is_none() && body.iter().any(is_first) && first.initialiser(file).is_some();
        if name == own || name == "_" || own == "_" || !known {
            return None;
        }
        let text = match file.source.language {
            // A function that is called in between may set what its script knows.
            Language::Shell
                if !file.unit.functions.iter().any(|function| changed(&function.body, name, first.span)) =>
            {
                format!("\"${name}\"")
            }
            Language::Go if !changed(body, name, first.span) => name.clone(),
            _ => return None,
        };
        let span = self.initialiser(file)?;
        Some(Edit { place: Place { file: file.source.path.clone(), span }, text })
    }

    /// What stands behind the sign of the assignment, where that is the whole of it: a tag that is only a part of what
    /// the name gets is not the other one.
    fn initialiser(&self, file: &Parsed) -> Option<Span> {
        // The span of an assignment begins with its name, that of a call with the call.
        let slice = file.source.slice(self.span);
        let named = slice.starts_with(self.name.as_deref()?);
        let start = if named { self.span.start + slice.find('=')? + 1 } else { self.span.start };
        let blank = file.source.slice(Span { start, end: self.span.end });
        let start = start + (blank.len() - blank.trim_start().len());
        let end = start + blank.trim().trim_end_matches(';').len();
        let text = &file.source.text;
        let behind = text.get(end..)?.lines().next().unwrap_or_default().trim_start();
        let whole = text.get(..start)?.trim_end().ends_with('=')
            && (behind.is_empty() || [";", "//", "#"].iter().any(|sign| behind.starts_with(sign)));
        whole.then_some(Span { start, end })
    }
}

/// Whether a block gives a name a value elsewhere than at `first`.
fn changed(block: &Block, name: &str, first: Span) -> bool {
    let mut again = false;
    let is_it = |target: &String| target == name;
    walk(block, &mut |node| {
        again |= match node {
            Node::Assign(assign) => assign.span != first && assign.targets.iter().any(is_it),
            Node::Call(call) => {
                let filled = matches!(call.name(), "read" | "mapfile" | "readarray" | "printf" | "unset");
                filled && call.args.iter().any(|arg| arg.literal() == Some(name))
                    || call.span != first && call.assigned.iter().any(is_it)
                    || call.args.iter().any(|arg| arg.out.as_ref().is_some_and(is_it))
            }
            Node::Join(join) => join.assigned.iter().any(is_it),
            Node::Loop(inner) => matches!(&inner.turns, Turns::Each { binds, .. } if binds.iter().any(is_it)),
            _ => false,
        };
    });
    again
}

/// A value with everything that differs from run to run left as it is written.
fn shape(value: &Value) -> String {
    value.text.clone().unwrap_or_else(|| format!("{:?}{:?}", value.reads, value.calls))
}

fn is_tag(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains("tag") || lower.ends_with("image") || lower.ends_with("imagename")
}

/// Whose tag a variable holds: its name without the words that say what is done with it. `buildTag` and `deployTag` are of
/// one image, `cartTag` is of another one.
fn whose(names: &[String]) -> String {
    let mut words: Vec<String> = names.iter().flat_map(|name| split(name)).collect();
    words.retain(|word| !ROLES.contains(&word.as_str()));
    words.join(" ")
}

const ROLES: &[&str] = &[
    "tag", "image", "name", "build", "built", "deploy", "deployed", "load", "loaded", "push", "pushed", "run", "new",
    "last", "next", "final", "current", "test", "e2e", "docker", "kind", "helm", "chart", "release",
];

/// What a name is given, as it is written.
fn right_side<'a>(scene: &'a Scene, call: Span) -> &'a str {
    let source = &scene.file.source;
    let line = source.slice(source.line_span(source.line(call.start)));
    line.split_once('=').map_or(line, |(_, right)| right).trim()
}

/// Whether a call asks a clock or a random source, or is given what does.
fn anew(call: &Call) -> bool {
    call.path.iter().any(|name| is_source(name)) || call.chain.iter().chain(&call.args).any(changing)
}

/// Whether a value comes from a clock or a random source.
fn changing(value: &Value) -> bool {
    value.calls.iter().any(|call| is_source(call)) || value.reads.iter().any(|name| name == "RANDOM")
}

fn is_source(call: &str) -> bool {
    matches!(
        call,
        "Now"
            | "now"
            | "date"
            | "uuidgen"
            | "NewString"
            | "NewV4"
            | "openssl"
            | "Intn"
            | "IntN"
            | "Int63"
            | "Int63n"
            | "now_v7"
            | "new_v4"
            | "Unix"
            | "UnixNano"
    )
}

/// Helpers that are named for making a name anew.
fn generator(name: &str) -> bool {
    let lower = name.to_lowercase();
    (lower.starts_with("generate") || lower.starts_with("random") || lower.starts_with("unique"))
        && (lower.contains("tag") || lower.contains("image"))
}

fn image_command(text: &str) -> bool {
    ["docker", "podman", "kind load", "buildah", "kubectl set image", "helm"]
        .iter()
        .any(|command| text.trim_start().starts_with(command))
}
