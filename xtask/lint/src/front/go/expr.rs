//! Expressions of Go: calls are put out in order of evaluation, what is left is a value.

use tree_sitter::Node as Tree;

use super::{Lower, children, span};
use crate::front::merge;
use crate::ir::{Block, Join, JoinKind, Node, Value};

impl<'a> Lower<'a> {
    pub(super) fn expr(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let mut value = Value::default();
        self.deeper(|lower| value = lower.expression(node, out));
        value.span = span(node);
        value
    }

    fn expression(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        match node.kind() {
            "identifier" => self.name(self.slice(node)),
            "interpreted_string_literal" | "raw_string_literal" => {
                Value { text: Some(unquote(self.slice(node))), ..Value::default() }
            }
            "int_literal" | "float_literal" | "rune_literal" | "true" | "false" => {
                Value { text: Some(self.slice(node).to_owned()), ..Value::default() }
            }
            "selector_expression" => self.selector(node, out),
            "call_expression" => self.call(node, out),
            "func_literal" => self.closure(node),
            "composite_literal" => self.composite(node, out),
            "unary_expression" => self.unary(node, out),
            "binary_expression" => self.binary(node, out),
            "parenthesized_expression" | "variadic_argument" => {
                children(node).into_iter().next().map(|inner| self.expr(inner, out)).unwrap_or_default()
            }
            "literal_element" | "expression_list" => {
                children(node).into_iter().last().map(|inner| self.expr(inner, out)).unwrap_or_default()
            }
            "keyed_element" => self.keyed(node, out),
            "literal_value" => self.elements(node, out),
            _ => self.rest(node, out),
        }
    }

    fn name(&self, name: &str) -> Value {
        match name {
            "nil" | "true" | "false" | "iota" => Value { text: Some(name.to_owned()), ..Value::default() },
            _ => Value {
                text: Some(format!("${{{name}}}")),
                reads: vec![name.to_owned()],
                type_name: self.scope.types.get(name).cloned(),
                ..Value::default()
            },
        }
    }

    fn selector(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let text = self.slice(node);
        if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.') {
            return self.name(text);
        }
        self.rest(node, out)
    }

    fn closure(&mut self, node: Tree<'a>) -> Value {
        let mut body = Vec::new();
        if let Some(inner) = node.child_by_field_name("body") {
            let outer = self.scope.clone();
            self.block(inner, &mut body);
            self.scope = outer;
        }
        Value { closure: Some(body), ..Value::default() }
    }

    fn composite(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let mut value = node.child_by_field_name("body").map(|body| self.expr(body, out)).unwrap_or_default();
        value.type_name = node.child_by_field_name("type").map(|kind| self.slice(kind).to_owned());
        value
    }

    fn elements(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let mut value = Value::default();
        for child in children(node) {
            let item = self.expr(child, out);
            merge(&mut value.reads, &item.reads);
            value.items.push(item);
        }
        value
    }

    fn keyed(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let parts = children(node);
        let mut value = parts.last().map(|inner| self.expr(*inner, out)).unwrap_or_default();
        value.field = parts.first().filter(|_| parts.len() > 1).map(|name| self.slice(*name).to_owned());
        value
    }

    fn unary(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let Some(operand) = node.child_by_field_name("operand") else { return Value::default() };
        let operator = node.child_by_field_name("operator").map_or("", |operator| self.slice(operator));
        let mut value = self.expr(operand, out);
        match operator {
            "&" if matches!(operand.kind(), "identifier" | "selector_expression") => {
                value.out = Some(self.slice(operand).to_owned());
            }
            "<-" => {
                let on = Some(self.slice(operand).to_owned());
                out.push(Node::Join(Join { on, kind: JoinKind::One, assigned: Vec::new(), span: span(node) }));
                value.text = None;
            }
            "&" => {}
            _ => value.text = None,
        }
        value
    }

    fn binary(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let left = node.child_by_field_name("left").map(|left| self.expr(left, out)).unwrap_or_default();
        let right = node.child_by_field_name("right").map(|right| self.expr(right, out)).unwrap_or_default();
        let plus = node.child_by_field_name("operator").is_some_and(|operator| self.slice(operator) == "+");
        let mut value = Value::default();
        merge(&mut value.reads, &left.reads);
        merge(&mut value.reads, &right.reads);
        value.calls = left.calls;
        value.calls.extend(right.calls);
        if plus {
            let part = |text: Option<String>| text.unwrap_or_else(|| "${}".to_owned());
            value.text = Some(part(left.text) + &part(right.text));
        }
        value
    }

    fn rest(&mut self, node: Tree<'a>, out: &mut Block) -> Value {
        let mut value = Value::default();
        for child in children(node) {
            let inner = self.expr(child, out);
            merge(&mut value.reads, &inner.reads);
            value.calls.extend(inner.calls);
        }
        value
    }

    /// Puts the known text of variables into a text with holes.
    pub(super) fn resolve(&self, text: &str) -> String {
        if !text.contains("${") {
            return text.to_owned();
        }
        let mut result = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            result.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else { break };
            let name = &rest[start + 2..start + length];
            match self.scope.strings.get(name).or_else(|| self.constant(name)) {
                Some(known) => result.push_str(known),
                None => result.push_str(&rest[start..=start + length]),
            }
            rest = &rest[start + length + 1..];
        }
        result.push_str(rest);
        result
    }

    fn constant(&self, name: &str) -> Option<&String> {
        self.unit.constants.iter().find(|(known, _)| known == name).map(|(_, text)| text)
    }
}

/// The text of a string literal; escapes that matter are put in.
fn unquote(literal: &str) -> String {
    if let Some(raw) = literal.strip_prefix('`') {
        return raw.strip_suffix('`').unwrap_or(raw).to_owned();
    }
    let inner = literal.strip_prefix('"').unwrap_or(literal);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    inner.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\\\", "\\")
}
