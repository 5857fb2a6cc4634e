//! YAML as a tree in which every node knows its place.
//!
//! Definitions and manifests go through this one reader. Typed decoding (`serde_yaml`, also serde-saphyr's `Spanned`)
//! stops at the first error; a tree lets all of them be found and located, and a later check (who builds the image that
//! line 30 of a manifest names?) still knows the line. Of saphyr only the parser is used: its own tree loses duplicate
//! keys, and costs three more crates to build. It must not know what the documents mean.

use std::{collections::HashMap, ops::Range};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Number, Value};

/// A node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Bytes of the text.
    pub at: Range<usize>,
    /// What it is.
    pub data: Data,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Data {
    /// Null, true, false, a number or text.
    Scalar(Value),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, in the order of the text.
    Map(Vec<(Key, Node)>),
}

/// A mapping's key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Its text; Kubernetes knows no other keys.
    pub text: String,
    /// Bytes of the text.
    pub at: Range<usize>,
}

/// Something that is not YAML, or not the YAML that Kubernetes reads.
#[derive(Debug, Clone)]
pub(super) struct Flaw {
    /// Bytes of the text.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
}

/// What a text says.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    /// All documents that are not empty, as far as the text could be read.
    pub documents: Vec<Node>,
    /// What is wrong, though it could be read.
    pub flaws: Vec<Flaw>,
    /// Why it could not be read to its end.
    pub stop: Option<Flaw>,
}

/// Reads a text.
pub(super) fn parse(text: &str) -> Parsed {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        bytes: text.char_indices().map(|(at, _)| at).chain([text.len()]).collect(),
        anchors: HashMap::new(),
        flaws: Vec::new(),
    };
    let mut documents = Vec::new();
    let stop = reader.stream(&mut documents).err();
    Parsed { documents, flaws: reader.flaws, stop }
}

impl Node {
    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Data::Map(entries) = &self.data else { return None };
        entries.iter().find(|(k, _)| k.text == key).map(|(_, v)| v)
    }

    /// The items of a sequence; none where it is something else.
    pub fn items(&self) -> &[Self] {
        if let Data::Seq(items) = &self.data { items } else { &[] }
    }

    /// The text, where it is text.
    pub fn text(&self) -> Option<&str> {
        if let Data::Scalar(value) = &self.data { value.as_str() } else { None }
    }

    /// The number, where it is a whole one.
    pub fn integer(&self) -> Option<i64> {
        if let Data::Scalar(value) = &self.data { value.as_i64() } else { None }
    }

    /// The same without places.
    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::Seq(items) => items.iter().map(Self::to_json).collect(),
            Data::Map(entries) => Value::Object(entries.iter().map(|(k, v)| (k.text.clone(), v.to_json())).collect()),
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// The byte at which each character starts: the parser counts characters.
    bytes: Vec<usize>,
    anchors: HashMap<usize, Node>,
    flaws: Vec<Flaw>,
}

impl<'t> Reader<'t> {
    fn stream(&mut self, documents: &mut Vec<Node>) -> Result<(), Flaw> {
        while let Some((event, at)) = self.next()? {
            if !matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..)) {
                continue;
            }
            let node = self.node(event, at)?;
            if !matches!(node.data, Data::Scalar(Value::Null)) {
                documents.push(node);
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Range<usize>)>, Flaw> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, self.range(span)))),
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                Err(Flaw { at: at..at, message: format!("this is not YAML: {}", error.info()) })
            }
        }
    }

    fn inner(&mut self) -> Result<(Event<'t>, Range<usize>), Flaw> {
        self.next()?.ok_or_else(|| {
            let end = self.byte(usize::MAX);
            Flaw { at: end..end, message: "this is not YAML: it ends too early".to_owned() }
        })
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes[character.min(self.bytes.len() - 1)]
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }

    fn node(&mut self, event: Event<'t>, at: Range<usize>) -> Result<Node, Flaw> {
        let (data, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (Data::Scalar(self.scalar(&text, style, tag.as_deref(), &at)), anchor, None)
            }
            Event::SequenceStart(anchor, tag) => (self.sequence()?, anchor, tag),
            Event::MappingStart(anchor, tag) => (self.mapping()?, anchor, tag),
            Event::Alias(id) => {
                let known = self.anchors.get(&id).cloned();
                return known.ok_or_else(|| Flaw { at, message: "this alias has no anchor".to_owned() });
            }
            _ => return Err(Flaw { at, message: "this is not YAML: a value was expected".to_owned() }),
        };
        if let Some(tag) = tag.filter(|t| !t.is_yaml_core_schema()) {
            self.flaws.push(Flaw { at: at.clone(), message: format!("the tag {tag} means nothing here") });
        }
        let node = Node { at, data };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn sequence(&mut self) -> Result<Data, Flaw> {
        let mut items = Vec::new();
        loop {
            match self.inner()? {
                (Event::SequenceEnd, _) => return Ok(Data::Seq(items)),
                (event, at) => items.push(self.node(event, at)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Data, Flaw> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let key = match self.inner()? {
                (Event::MappingEnd, _) => return Ok(Data::Map(entries)),
                (Event::Scalar(text, ..), at) => Key { text: text.into_owned(), at },
                (_, at) => return Err(Flaw { at, message: "a key must be plain text".to_owned() }),
            };
            if key.text == "<<" {
                let message = "merge keys are not supported: write the keys out".to_owned();
                self.flaws.push(Flaw { at: key.at.clone(), message });
            }
            if entries.iter().any(|(k, _)| k.text == key.text) {
                let message = format!("the key {} stands here twice", key.text);
                self.flaws.push(Flaw { at: key.at.clone(), message });
            }
            let (event, at) = self.inner()?;
            let value = self.node(event, at)?;
            entries.push((key, value));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: &Range<usize>) -> Value {
        match tag {
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => return Value::from(text),
            Some(tag) if !tag.is_yaml_core_schema() => {
                self.flaws.push(Flaw { at: at.clone(), message: format!("the tag {tag} means nothing here") });
            }
            _ => {}
        }
        if style != ScalarStyle::Plain {
            return Value::from(text);
        }
        if let Some(message) = ambiguous(text) {
            self.flaws.push(Flaw { at: at.clone(), message });
        }
        plain(text)
    }
}

/// YAML 1.2's core schema.
fn plain(text: &str) -> Value {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => return Value::from(text),
        _ => {}
    }
    let radix = |prefix, base| text.strip_prefix(prefix).and_then(|t| i64::from_str_radix(t, base).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| text.parse().ok()) {
        return Value::from(number);
    }
    let number = digits.chars().all(|c| matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'));
    let float = text.parse::<f64>().ok().filter(|_| number).and_then(Number::from_f64);
    float.map_or_else(|| Value::from(text), Value::Number)
}

/// Plain scalars that Kubernetes' tools, which read YAML 1.1, take for something else than YAML 1.2 does. Somebody who
/// tries a manifest with kubectl must not see another object than the one that we apply.
fn ambiguous(text: &str) -> Option<String> {
    const WORDS: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];
    if WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Some(format!(
            "{text} is a boolean to some YAML readers and text to others: write true, false or \"{text}\""
        ));
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let octal = digits.len() > 1 && digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    octal.then(|| match i64::from_str_radix(digits, 8) {
        Ok(value) => format!("{text} is octal to some YAML readers and decimal to others: write {value} or 0o{digits}"),
        Err(_) => format!("{text} starts with a zero: write it in quotes, or without"),
    })
}

#[cfg(test)]
mod tests;
