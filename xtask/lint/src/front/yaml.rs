//! The YAML front: documents as trees with spans, comments by line.
//! It must not know what a document is about.

use saphyr_parser::{Event, Parser, ScalarStyle};

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

/// Lowers a YAML file; an alias is an empty scalar.
pub fn parse(text: &str) -> Result<Unit, ParseError> {
    let documents = documents(text).or_else(|error| documents(&joined(text)).map_err(|_| error))?;
    Ok(Unit { comments: comments(text), documents, ..Unit::default() })
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
    let mut stack: Vec<(Yaml, Option<Yaml>)> = Vec::new();
    let mut documents = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| ParseError {
            span: Span::new(at(bytes.as_ref(), error.marker().index()), at(bytes.as_ref(), error.marker().index())),
            message: error.info().to_owned(),
        })?;
        let place = Span::new(at(bytes.as_ref(), span.start.index()), at(bytes.as_ref(), span.end.index()));
        let node = |kind| Yaml { span: place, kind };
        match event {
            Event::Scalar(value, style, ..) => {
                let null = style == ScalarStyle::Plain && matches!(value.as_ref(), "~" | "null");
                let value = if null { String::new() } else { value.into_owned() };
                // Behind a quoted scalar the parser counts the blanks in.
                let length = text.get(place.range()).map_or(0, |text| text.trim_end().len());
                let span = Span::new(place.start, place.start + length);
                put(&mut stack, &mut documents, Yaml { span, kind: Kind::Scalar(value) });
            }
            Event::Alias(_) => put(&mut stack, &mut documents, node(Kind::Scalar(String::new()))),
            Event::SequenceStart(..) => stack.push((node(Kind::List(Vec::new())), None)),
            Event::MappingStart(..) => stack.push((node(Kind::Map(Vec::new())), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((mut done, _)) = stack.pop() {
                    done.span.end = place.end.max(done.span.start);
                    put(&mut stack, &mut documents, done);
                }
            }
            _ => {}
        }
        if stack.len() > MAX_DEPTH {
            return Err(ParseError { span: place, message: "nested too deeply".to_owned() });
        }
    }
    Ok(documents)
}

fn put(stack: &mut [(Yaml, Option<Yaml>)], documents: &mut Vec<Yaml>, node: Yaml) {
    let Some((parent, key)) = stack.last_mut() else {
        documents.push(node);
        return;
    };
    match &mut parent.kind {
        Kind::List(items) => items.push(node),
        Kind::Map(entries) => match key.take() {
            Some(key) => entries.push((key, node)),
            None => *key = Some(node),
        },
        Kind::Scalar(_) => {}
    }
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
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key and its value.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        match &self.kind {
            Kind::Map(entries) => {
                entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(name, value)| (name, value))
            }
            _ => None,
        }
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
