//! Holds a tree against a shape and says everything that does not fit. It knows nothing of what the words mean.

use std::ops::Range;

use super::{
    problem::Problem,
    shape::{Field, Need, Record, Shape},
    source::{At, FileId},
    tree::{Data, Node},
};

/// Everything in this document that its shape does not allow.
pub(super) fn validate(file: FileId, document: &Node, shape: &Record) -> Vec<Problem> {
    let mut walk = Walk { file, problems: Vec::new() };
    walk.record(document, shape, "", None);
    walk.problems
}

/// The path of a key below a path.
pub(super) fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

struct Walk {
    file: FileId,
    problems: Vec<Problem>,
}

impl Walk {
    fn problem(&mut self, span: &Range<usize>, path: &str, message: impl Into<String>) -> &mut Problem {
        let at = At { file: self.file, span: span.clone(), path: path.to_owned() };
        self.problems.push(Problem::new(at, message));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    fn value(&mut self, node: &Node, shape: &Shape, path: &str) {
        match shape {
            Shape::Text(kind) => match node.text() {
                Some(text) => {
                    if let Some(wanted) = kind.flaw(text) {
                        self.problem(&node.at, path, format!("`{text}` is not what is wanted here: {wanted}"));
                    }
                }
                None => self.mismatch(node, "text", path),
            },
            Shape::Integer(min, max) => match node.integer() {
                Some(number) if (*min..=*max).contains(&number) => {}
                Some(number) if min == max => {
                    self.problem(&node.at, path, format!("{number} is not known here, only {min} is"));
                }
                Some(number) => {
                    self.problem(&node.at, path, format!("{number} is not between {min} and {max}"));
                }
                None => self.mismatch(node, "a whole number", path),
            },
            Shape::Choice(words) => self.choice(node, words, path),
            Shape::List(item) => match &node.data {
                Data::Seq(items) => {
                    for (index, node) in items.iter().enumerate() {
                        self.value(node, item, &format!("{path}[{index}]"));
                    }
                }
                _ => self.mismatch(node, "a list", path),
            },
            Shape::Record(record) => self.record(node, record, path, None),
            Shape::Tagged(tag, variants) => self.tagged(node, tag, variants, path),
        }
    }

    fn choice(&mut self, node: &Node, words: &[&'static str], path: &str) {
        match node.text() {
            Some(text) if words.contains(&text) => {}
            Some(text) => {
                let all = words.join(", ");
                let problem = self.problem(&node.at, path, format!("`{text}` is not one of {all}"));
                *problem = problem.clone().suggest(text, words.iter().copied());
            }
            None => self.mismatch(node, "a word", path),
        }
    }

    fn tagged(&mut self, node: &Node, tag: &'static str, variants: &[(&'static str, Record)], path: &str) {
        if !matches!(node.data, Data::Map(_)) {
            return self.mismatch(node, "a mapping", path);
        }
        let words: Vec<&'static str> = variants.iter().map(|(word, _)| *word).collect();
        let Some(word) = node.get(tag) else {
            self.problem(&node.at, path, format!("`{tag}` is missing: one of {}", words.join(", ")));
            return;
        };
        self.choice(word, &words, &below(path, tag));
        if let Some((_, record)) = variants.iter().find(|(name, _)| word.text() == Some(name)) {
            self.record(node, record, path, Some(tag));
        }
    }

    fn record(&mut self, node: &Node, record: &Record, path: &str, tag: Option<&str>) {
        let Data::Map(entries) = &node.data else { return self.mismatch(node, "a mapping", path) };
        for (key, value) in entries {
            if tag == Some(key.text.as_str()) {
                continue;
            }
            let path = below(path, &key.text);
            match record.fields.iter().find(|f| f.name == key.text) {
                Some(field) => self.value(value, &field.shape, &path),
                None => self.unknown(key.text.as_str(), &key.at, record.fields, &path),
            }
        }
        for field in record.fields.iter().filter(|f| f.need == Need::Required) {
            if node.get(field.name).is_none() {
                self.problem(&node.at, path, format!("`{}` is missing: {}", field.name, lower(field.about)));
            }
        }
    }

    fn unknown(&mut self, key: &str, at: &Range<usize>, fields: &[Field], path: &str) {
        let names = fields.iter().map(|f| f.name);
        let all = names.clone().collect::<Vec<_>>().join(", ");
        let problem = self.problem(at, path, format!("`{key}` is not a field of this"));
        *problem = problem.clone().suggest(key, names);
        if problem.help.is_none() {
            problem.help = Some(format!("its fields are {all}"));
        }
    }

    fn mismatch(&mut self, node: &Node, wanted: &str, path: &str) {
        let found = match &node.data {
            Data::Seq(_) => "a list".to_owned(),
            Data::Map(_) => "a mapping".to_owned(),
            Data::Scalar(value) if value.is_null() => "nothing".to_owned(),
            Data::Scalar(value) if value.is_string() => "text".to_owned(),
            Data::Scalar(value) => format!("`{value}`"),
        };
        let scalar = matches!(&node.data, Data::Scalar(value) if value.is_boolean() || value.is_number());
        let problem = self.problem(&node.at, path, format!("{wanted} is wanted here, not {found}"));
        if scalar && wanted == "text" {
            problem.help = Some("put it in quotes".to_owned());
        }
    }
}

/// The first letter small and no full stop, to follow a colon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
