//! Needs and hard edges: of something that there is, and without cycles.
//!
//! Cycles count over both kinds of edge together. A soft one orders nothing, but while what it names is not Ready a crash
//! is taken for expected; in a cycle nobody would ever be to blame.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    find::Reading,
    problem::Problem,
    raw::RawDefinition,
    source::{At, Located},
};

/// A definition as a whole, or one of its parts.
type Vertex<'a> = (&'a str, Option<&'a str>);
/// Where the edges of a vertex lead, and where they were written. What was not written anywhere (a definition waits for
/// its parts) has no place.
type Edges<'a> = BTreeMap<Vertex<'a>, Vec<(Vertex<'a>, Option<&'a At>)>>;

/// Unknown names and cycles.
pub(super) fn check(reading: &Reading) -> Vec<Problem> {
    let all: BTreeMap<&str, &RawDefinition> = reading.definitions.iter().map(|d| (d.id.as_str(), d)).collect();
    let mut problems = Vec::new();
    let mut edges = Edges::new();
    for definition in &reading.definitions {
        for (what, names) in [("needs", &definition.needs), ("breaks", &definition.breaks)] {
            let unknown = names.iter().filter(|n| !all.contains_key(n.value.as_str()) && !exists(reading, &n.value));
            problems.extend(unknown.map(|name| {
                let problem = Problem::new(name.at.clone(), format!("{what} `{}`, which nobody defines", name.value));
                problem.suggest(&name.value, all.keys().copied())
            }));
        }
        let whole = (definition.id.as_str(), None);
        let needs: Vec<_> = definition.needs.iter().map(|n| ((n.value.as_str(), None), Some(&n.at))).collect();
        edges.entry(whole).or_default().extend(needs.iter().copied());
        for part in &definition.parts {
            let vertex = (definition.id.as_str(), Some(part.name.value.as_str()));
            edges.entry(whole).or_default().push((vertex, None));
            edges.entry(vertex).or_default().extend(needs.iter().copied());
            for after in &part.after {
                match target(after, definition, &all) {
                    Ok(to) => edges.entry(vertex).or_default().push((to, Some(&after.at))),
                    Err(_) if exists(reading, definition_of(&after.value)) => {}
                    Err(problem) => problems.push(*problem),
                }
            }
        }
    }
    problems.extend(cycles(&edges));
    problems
}

fn definition_of(reference: &str) -> &str {
    reference.split_once('/').map_or(reference, |(definition, _)| definition)
}

/// Whether there is a file for this definition that could not be read; then nothing can be said of what is in it.
fn exists(reading: &Reading, id: &str) -> bool {
    reading.unread_definitions.iter().any(|unread| unread == id)
}

/// What an `after` means.
fn target<'a>(
    after: &'a Located<String>,
    own: &'a RawDefinition,
    all: &BTreeMap<&'a str, &'a RawDefinition>,
) -> Result<Vertex<'a>, Box<Problem>> {
    let text = after.value.as_str();
    let parts = |d: &'a RawDefinition| d.parts.iter().map(|p| p.name.value.as_str());
    let problem = |message: String| Problem::new(after.at.clone(), message);
    if let Some((definition, part)) = text.split_once('/') {
        let Some(other) = all.get(definition) else {
            let message = format!("after `{text}`: nobody defines `{definition}`");
            return Err(Box::new(problem(message).suggest(definition, all.keys().copied())));
        };
        if !parts(other).any(|name| name == part) {
            let message = format!("after `{text}`: `{definition}` has no part `{part}`");
            return Err(Box::new(problem(message).suggest(part, parts(other))));
        }
        return Ok((definition, Some(part)));
    }
    match (parts(own).any(|name| name == text), all.contains_key(text)) {
        (true, true) if text != own.id => {
            let message = format!("after `{text}` could be the part of `{}` or the definition", own.id);
            Err(Box::new(problem(message).help("name the part otherwise")))
        }
        (true, _) => Ok((own.id.as_str(), Some(text))),
        (false, true) => Ok((text, None)),
        (false, false) => {
            let message = format!("after `{text}`, which is neither a part of `{}` nor a definition", own.id);
            Err(Box::new(problem(message).suggest(text, parts(own).chain(all.keys().copied()))))
        }
    }
}

/// One problem for each edge that closes a cycle, and no cycle told twice.
fn cycles(edges: &Edges<'_>) -> Vec<Problem> {
    let mut search =
        Search { edges, done: BTreeSet::new(), path: Vec::new(), told: BTreeSet::new(), problems: Vec::new() };
    for vertex in edges.keys() {
        search.visit(*vertex);
    }
    search.problems
}

struct Search<'e, 'a> {
    edges: &'e Edges<'a>,
    done: BTreeSet<Vertex<'a>>,
    /// How the search came here: each vertex and where the edge to the next one was written.
    path: Vec<(Vertex<'a>, Option<&'a At>)>,
    told: BTreeSet<BTreeSet<&'a str>>,
    problems: Vec<Problem>,
}

impl<'a> Search<'_, 'a> {
    fn visit(&mut self, vertex: Vertex<'a>) {
        if let Some(start) = self.path.iter().position(|(v, _)| *v == vertex) {
            return self.tell(start);
        }
        if self.done.contains(&vertex) {
            return;
        }
        for (next, at) in self.edges.get(&vertex).into_iter().flatten() {
            self.path.push((vertex, *at));
            self.visit(*next);
            self.path.pop();
        }
        self.done.insert(vertex);
    }

    fn tell(&mut self, start: usize) {
        let cycle = &self.path[start..];
        let definitions: BTreeSet<&str> = cycle.iter().map(|((definition, _), _)| *definition).collect();
        // The last edge that somebody wrote; there is one in every cycle.
        let Some(at) = cycle.iter().rev().find_map(|(_, at)| *at) else { return };
        if !self.told.insert(definitions) {
            return;
        }
        let mut names: Vec<String> = cycle.iter().map(|(vertex, _)| show(*vertex)).collect();
        names.dedup();
        names.extend(names.first().cloned());
        let message = format!("this closes a cycle: {}", names.join(" -> "));
        self.problems.push(Problem::new(at.clone(), message).help("what needs each other belongs into one definition"));
    }
}

fn show((definition, part): Vertex<'_>) -> String {
    part.map_or_else(|| definition.to_owned(), |part| format!("{definition}/{part}"))
}
