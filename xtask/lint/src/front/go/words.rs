//! Calls of Go that make text, lists of text, and the command lines that are made of them.

use super::Lower;
use crate::front::merge;
use crate::ir::{Call, Value};

impl Lower<'_> {
    /// Calls that only make text or lists of text.
    pub(super) fn text_call(&mut self, call: &Call, open: bool) -> Option<Value> {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let mut value = Value::default();
        for part in &call.args {
            merge(&mut value.reads, &part.reads);
            value.calls.extend(part.calls.iter().cloned());
        }
        let text = |value: &Value| value.text.clone().unwrap_or_else(|| "${}".to_owned());
        match path.as_slice() {
            ["fmt", "Sprintf"] => {
                let mut holes = call.args.iter().skip(1).map(text);
                value.text = call.args.first().map(|format| fill(&text(format), &mut holes));
            }
            ["filepath" | "path", "Join"] => {
                value.text = Some(call.args.iter().map(text).collect::<Vec<_>>().join("/"));
            }
            // An option is what it is given: `helm.WithName("portal")`.
            [.., option] if option.starts_with("With") && call.args.len() == 1 && call.args[0].literal().is_some() => {
                value.text.clone_from(&call.args[0].text);
            }
            ["os", "TempDir"] if call.args.is_empty() => value.text = Some("/tmp".to_owned()),
            ["strings", "NewReader"] | ["bytes", "NewBufferString" | "NewReader"] | ["string" | "[]byte"] => {
                value.text = call.args.first().and_then(|first| first.text.clone());
            }
            ["append"] => {
                let (mut words, mut unknown) = self.list(call.args.first()?);
                for (index, item) in call.args.iter().enumerate().skip(1) {
                    if open && index + 1 == call.args.len() {
                        let (more, more_unknown) = self.list(item);
                        words.extend(more);
                        unknown |= more_unknown;
                    } else {
                        words.push(self.resolve(&text(item)));
                    }
                }
                value.items = words.into_iter().map(|word| Value { text: Some(word), ..Value::default() }).collect();
                value.type_name = Some(if unknown { "[]unknown".to_owned() } else { "[]string".to_owned() });
            }
            _ => return None,
        }
        Some(value)
    }

    fn list(&self, value: &Value) -> (Vec<String>, bool) {
        if let Some(known) = value.reads.first().and_then(|name| self.scope.lists.get(name)) {
            return known.clone();
        }
        let words = value.items.iter().map(|item| self.resolve(item.text.as_deref().unwrap_or("${}"))).collect();
        (words, value.type_name.as_deref() != Some("[]string"))
    }

    pub(super) fn command(&mut self, call: &mut Call, open: bool) {
        let skip = match call.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["exec", "Command", ..] => 0,
            ["exec", "CommandContext", ..] => 1,
            _ => {
                // A wrapper of exec is recognised later, by its words; they are resolved here, where names are known.
                for arg in call.args.iter_mut().chain(&mut call.chain) {
                    if let Some(text) = &arg.text {
                        arg.text = Some(self.resolve(text));
                    }
                }
                if open && let Some(last) = call.args.pop() {
                    let (words, unknown) = self.list(&last);
                    call.argv_open = unknown;
                    let reads = last.reads.clone();
                    call.args.extend(words.into_iter().map(|word| Value {
                        text: Some(word),
                        reads: reads.clone(),
                        ..Value::default()
                    }));
                }
                return;
            }
        };
        let from_chain = call.path.len() > 2;
        let values = if from_chain { &call.chain } else { &call.args };
        let mut words = Vec::new();
        let last = values.len().saturating_sub(1);
        for (index, value) in values.iter().enumerate().skip(skip) {
            let spread = index == last
                && (open
                    || (from_chain && self.scope.lists.contains_key(value.reads.first().map_or("", String::as_str))));
            if spread {
                let (more, unknown) = self.list(value);
                words.extend(more);
                call.argv_open = unknown;
            } else {
                words.push(self.resolve(value.text.as_deref().unwrap_or("${}")));
            }
        }
        call.argv = Some(words);
    }
}

/// Puts values into the verbs of a format.
fn fill(format: &str, holes: &mut dyn Iterator<Item = String>) -> String {
    let mut result = String::new();
    let mut rest = format.chars().peekable();
    while let Some(char) = rest.next() {
        if char != '%' {
            result.push(char);
            continue;
        }
        if rest.peek() == Some(&'%') {
            rest.next();
            result.push('%');
            continue;
        }
        while rest.peek().is_some_and(|next| matches!(next, '0'..='9' | '.' | '+' | '-' | '#' | '[' | ']')) {
            rest.next();
        }
        rest.next();
        result.push_str(&holes.next().unwrap_or_else(|| "${}".to_owned()));
    }
    result
}
