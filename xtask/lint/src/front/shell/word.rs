//! Words of the shell: literal parts, variables, command substitutions.

use tree_sitter::Node as Tree;

use super::{Lower, span};
use crate::front::merge;
use crate::ir::{Block, Value};

impl<'a> Lower<'a> {
    /// A word as a value; commands substituted into it are put out first.
    pub(super) fn word(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let mut value = Value { span: span(node), ..Value::default() };
        let mut text = String::new();
        self.part(node, &mut value, &mut text, out);
        value.text = Some(text);
        value
    }

    fn part(&mut self, node: Tree<'a>, value: &mut Value, text: &mut String, out: &mut Block) {
        match node.kind() {
            "word" | "number" | "string_content" | "heredoc_content" | "extglob_pattern" | "regex" => {
                text.push_str(&self.slice(node).replace("\\\n", ""));
            }
            "raw_string" => text.push_str(self.slice(node).trim_matches('\'')),
            "ansi_c_string" => text.push_str(self.slice(node).trim_start_matches('$').trim_matches('\'')),
            "simple_expansion" | "expansion" => {
                let name = variable(self.slice(node));
                merge(&mut value.reads, std::slice::from_ref(&name));
                text.push_str("${");
                text.push_str(&name);
                text.push('}');
            }
            "command_substitution" => {
                let mut inner = Vec::new();
                self.block(node, &mut inner);
                // The output gets a name, so that what is asked flows into what is told.
                let name = format!("$({})", node.start_byte());
                for step in &mut inner {
                    if let crate::ir::Node::Call(call) = step {
                        value.calls.push(call.name().to_owned());
                        call.piped = true;
                        call.assigned.push(name.clone());
                        for arg in &call.args {
                            merge(&mut value.reads, &arg.reads);
                        }
                    }
                }
                merge(&mut value.reads, &[name]);
                text.push_str("${}");
                // `$(manifest gateway.yaml)` is of the gateway.
                if let [crate::ir::Node::Call(call)] = inner.as_slice()
                    && let Some(file) = call.args.last().and_then(Value::literal).filter(|text| is_yaml(text))
                {
                    text.push_str(file);
                }
                out.extend(inner);
            }
            "brace_expression" => text.push_str(self.slice(node)),
            "array" => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    let item = self.word(child, out);
                    merge(&mut value.reads, &item.reads);
                    value.items.push(item);
                }
                text.push_str("${}");
            }
            _ => self.parts(node, value, text, out),
        }
    }

    /// A string or a concatenation: its parts, and the blanks between them that are no nodes.
    fn parts(&mut self, node: Tree<'a>, value: &mut Value, text: &mut String, out: &mut Block) {
        let mut cursor = node.walk();
        let mut at = None;
        for child in node.children(&mut cursor) {
            if let Some(at) = at
                && child.start_byte() > at
                && node.kind() == "string"
            {
                text.push_str(self.text.get(at..child.start_byte()).unwrap_or_default());
            }
            at = Some(child.end_byte());
            if child.is_named() {
                self.part(child, value, text, out);
            }
        }
    }

    /// Every variable that a node mentions.
    pub(super) fn reads_of(&self, node: Tree<'a>, reads: &mut Vec<String>) {
        let mut cursor = node.walk();
        loop {
            let here = cursor.node();
            if matches!(here.kind(), "simple_expansion" | "expansion") {
                merge(reads, &[variable(self.slice(here))]);
            }
            if cursor.goto_first_child() {
                continue;
            }
            loop {
                if cursor.node() == node {
                    return;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// Puts the known text of variables into a text with holes.
    pub(super) fn resolve(&self, text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            result.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else { break };
            let name = &rest[start + 2..start + length];
            match self.strings.get(name) {
                Some(known) => result.push_str(known),
                None => result.push_str(&rest[start..=start + length]),
            }
            rest = &rest[start + length + 1..];
        }
        result.push_str(rest);
        result
    }
}

/// The name in `$name`, `${name}`, `${name:-default}`, `${name[@]}`.
fn variable(text: &str) -> String {
    let inner = text.trim_start_matches('$').trim_start_matches('{').trim_start_matches(['#', '!']);
    inner.chars().take_while(|char| char.is_ascii_alphanumeric() || *char == '_').collect()
}

fn is_yaml(text: &str) -> bool {
    let extension = std::path::Path::new(text).extension();
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}
