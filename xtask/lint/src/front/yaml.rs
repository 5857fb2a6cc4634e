//! The YAML front: documents as trees with spans, comments by line.
//! It must not know what a document is about.

use saphyr_parser::{Event, Parser, ScalarStyle};

mod tree;

use tree::{Open, Tree};

use crate::front::{MAX_DEPTH, ParseError};
use crate::ir::{Comment, Unit};
use crate::source::Span;

/// A node with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yaml {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A scalar, as text.
    Scalar(String),
    /// A sequence.
    List(Vec<Yaml>),
    /// A mapping, in order.
    Map(Vec<(Yaml, Yaml)>),
}

/// Lowers a YAML file; an alias is what it stands for.
pub fn parse(text: &str) -> Result<Unit, ParseError> {
    let documents = documents(text).or_else(|error| documents(&joined(text)).map_err(|_| error))?;
    if text.contains("{{")
        && let Some(strange) = documents.iter().find(|document| document.is_template())
    {
        return Err(template(strange.span));
    }
    Ok(Unit { comments: comments(text), documents, ..Unit::default() })
}

/// Text from which YAML is made is not YAML yet, also where it can be read as such.
fn template(span: Span) -> ParseError {
    ParseError { span, message: "a template".to_owned() }
}

/// A text in quotes may go on at its key's column, says every other parser: such lines are joined, which for what is in
/// quotes is the same, and keeps places.
fn joined(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(length) = bytes[at..].iter().position(|byte| *byte == b'\n') {
        let line = &bytes[at..at + length];
        let quoted = line.windows(3).position(|part| matches!(part, [b':' | b'-', b' ', b'"' | b'\'']));
        let next = at + length + 1;
        at = quoted.map_or(next, |quoted| {
            let start = at + quoted + 2;
            let end = quote_end(&bytes, start).unwrap_or(start);
            bytes[start..end].iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
            next.max(end)
        });
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Where a text in quotes ends.
fn quote_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mark = *bytes.get(start)?;
    let mut at = start + 1;
    loop {
        match (*bytes.get(at)?, bytes.get(at + 1)) {
            (b'\\', _) if mark == b'"' => at += 1,
            (b'\'', Some(b'\'')) if mark == b'\'' => at += 1,
            (byte, _) if byte == mark => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

fn documents(text: &str) -> Result<Vec<Yaml>, ParseError> {
    let bytes = offsets(text);
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| ParseError {
            span: Span::new(at(bytes.as_ref(), error.marker().index()), at(bytes.as_ref(), error.marker().index())),
            message: error.info().to_owned(),
        })?;
        let place = Span::new(at(bytes.as_ref(), span.start.index()), at(bytes.as_ref(), span.end.index()));
        let node = |kind| Yaml { span: place, kind };
        match event {
            Event::Scalar(value, ScalarStyle::Plain, ..) if value.replace("${{", "").contains("{{") => {
                return Err(template(place));
            }
            Event::Scalar(value, style, anchor, _) => {
                let null = style == ScalarStyle::Plain && matches!(value.as_ref(), "~" | "null");
                let value = if null { String::new() } else { value.into_owned() };
                // Behind a quoted scalar the parser counts the blanks in.
                let length = text.get(place.range()).map_or(0, |text| text.trim_end().len());
                let span = Span::new(place.start, place.start + length);
                tree.put(Yaml { span, kind: Kind::Scalar(value) }, anchor);
            }
            Event::Alias(anchor) => {
                let known = tree.known(anchor).unwrap_or_else(|| node(Kind::Scalar(String::new())));
                tree.put(known, 0);
            }
            Event::SequenceStart(anchor, _) => tree.open.push(Open::new(node(Kind::List(Vec::new())), anchor)),
            Event::MappingStart(anchor, _) => tree.open.push(Open::new(node(Kind::Map(Vec::new())), anchor)),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { mut node, anchor, .. }) = tree.open.pop() {
                    node.span.end = place.end.max(node.span.start);
                    tree.put(node, anchor);
                }
            }
            _ => {}
        }
        if tree.open.len() > MAX_DEPTH {
            return Err(ParseError { span: place, message: "nested too deeply".to_owned() });
        }
    }
    Ok(tree.documents)
}

/// Byte offsets of characters, where they differ.
fn offsets(text: &str) -> Option<Vec<usize>> {
    (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
}

fn at(offsets: Option<&Vec<usize>>, index: usize) -> usize {
    offsets.map_or(index, |bytes| bytes.get(index).or(bytes.last()).copied().unwrap_or(index))
}

/// Comments of a language in which `#` starts them at the start of a word.
#[must_use]
pub fn comments(text: &str) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let hash = line.match_indices('#').map(|(at, _)| at).find(|at| *at == 0 || line[..*at].ends_with([' ', '\t']));
        if let Some(hash) = hash {
            let body = line[hash..].trim_end();
            let text = body.trim_start_matches('#').trim().to_owned();
            found.push(Comment { span: Span::new(start + hash, start + hash + body.len()), text });
        }
        start += line.len();
    }
    found
}

impl Yaml {
    /// `{{ name }}` reads as a mapping with a mapping for a key.
    fn is_template(&self) -> bool {
        match &self.kind {
            Kind::Scalar(_) => false,
            Kind::List(items) => items.iter().any(Self::is_template),
            Kind::Map(entries) => {
                entries.iter().any(|(key, value)| matches!(key.kind, Kind::Map(_)) || value.is_template())
            }
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key and its value, its own or merged into it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        let Kind::Map(entries) = &self.kind else { return None };
        let own = |key: &str| entries.iter().find(|(name, _)| name.text() == Some(key));
        if let Some((name, value)) = own(key) {
            return Some((name, value));
        }
        let (_, merged) = own("<<")?;
        merged.entry(key).or_else(|| merged.items().iter().find_map(|map| map.entry(key)))
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The text at a path of keys.
    #[must_use]
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Self::text)
    }

    /// The elements of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The elements of the list at a path of keys.
    #[must_use]
    pub fn items_at(&self, path: &[&str]) -> &[Self] {
        self.at(path).map_or(&[], Self::items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_also_behind_other_alphabets() {
        let text = "about: größe\nimage: nginx\n";
        let unit = parse(text).unwrap();
        let image = unit.documents[0].get("image").unwrap();
        assert_eq!(&text[image.span.range()], "nginx");
    }

    #[test]
    fn an_alias_is_what_it_stands_for() {
        let text = "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc: {<<: [*a]}\nd: *a\n";
        let unit = parse(text).unwrap();
        let said = |path: &[&str]| unit.documents[0].text_at(path);
        assert_eq!((said(&["b", "x"]), said(&["b", "y"]), said(&["c", "y"])), (Some("1"), Some("3"), Some("2")));
        assert_eq!(said(&["d", "x"]), Some("1"));
        // Nine lists of nine lists and so on: not all of that is held.
        let line = |level: i32| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
        let bomb = "a0: &a0 [x, y]\n".to_owned() + &(1..30).map(line).collect::<String>();
        assert!(parse(&bomb).is_ok());
    }

    #[test]
    fn a_template_is_told_from_text_with_braces() {
        let template = |text: &str| parse(text).is_err();
        assert!(template("a:\n  b: {{ .Values.b }}\n") && template("- {{ x }}\n") && template("a: pod-{{.Index}}\n"));
        assert!(!template("a: ${{ github.ref }}\nb: '{{ x }}'\nc: |\n  {{ range }}\n"));
    }

    #[test]
    fn a_text_in_quotes_may_go_on_at_its_keys_column() {
        let text = "a:\n  b: 'one\n  it''s two'\n  c: x\n  d: \"three\n  four\"\ne: y\n";
        let unit = parse(text).unwrap();
        let place = unit.documents[0].at(&["a", "c"]).unwrap().span;
        assert_eq!(&text[place.range()], "x");
        assert_eq!(unit.documents[0].text_at(&["a", "b"]), Some("one   it's two"));
        assert_eq!(unit.documents[0].text_at(&["e"]), Some("y"));
    }

    #[test]
    fn broken_text_says_where() {
        let error = parse("a: [1, 2\nb: }\n").unwrap_err();
        assert!(error.span.start > 0);
    }
}
