//! The Go front: functions, Ginkgo hooks and test cases to the language-neutral form, by tree-sitter.
//! It must not judge what a call means; that `exec.Command` starts a program is the one thing it knows.

mod call;
mod control;
mod expr;
mod stmt;
mod words;

use std::collections::{HashMap, HashSet};

use tree_sitter::{Node as Tree, Parser};

use crate::front::{MAX_DEPTH, ParseError, first_error};
use crate::ir::{Comment, Function, Role, Unit, Unread};
use crate::source::Span;

/// What is known of the variables of one function while it is lowered.
#[derive(Default, Clone)]
struct Scope {
    /// Text of string variables.
    strings: HashMap<String, String>,
    /// Elements of string lists, and whether some are unknown.
    lists: HashMap<String, (Vec<String>, bool)>,
    /// Variables that are error groups.
    groups: HashSet<String>,
    /// Variables that hold a command that was not run yet.
    commands: HashSet<String>,
    /// Types of object literals by variable.
    types: HashMap<String, String>,
}

/// Lowers one file.
struct Lower<'a> {
    text: &'a str,
    unit: Unit,
    scope: Scope,
    depth: usize,
}

/// Lowers a Go file.
pub fn parse(text: &str) -> Result<Unit, ParseError> {
    let mut parser = Parser::new();
    let broken = |message: &str| ParseError { span: Span::default(), message: message.to_owned() };
    parser.set_language(&tree_sitter_go::LANGUAGE.into()).map_err(|error| broken(&error.to_string()))?;
    let tree = parser.parse(text, None).ok_or_else(|| broken("the parser gave up"))?;
    let error = first_error(tree.root_node()).filter(|error| !newer_grammar(text, error.span));
    let mut lower = Lower { text, unit: Unit::default(), scope: Scope::default(), depth: 0 };
    lower.file(tree.root_node(), error.as_ref());
    match error {
        Some(error) if lower.unit.functions.is_empty() => return Err(error),
        error => lower.unit.unread = error.map(|error| Unread { error, broken: true }),
    }
    Ok(lower.unit)
}

impl<'a> Lower<'a> {
    fn file(&mut self, root: Tree<'a>, error: Option<&ParseError>) {
        self.comments(root);
        for child in children(root) {
            match child.kind() {
                _ if error.is_some() && child.has_error() => {}
                "function_declaration" | "method_declaration" => self.function(child),
                "const_declaration" | "var_declaration" => self.globals(child),
                _ => {}
            }
        }
    }

    fn comments(&mut self, root: Tree<'a>) {
        let mut cursor = root.walk();
        // Comments sit at any depth: the tree is walked without recursion, for files of any nesting.
        loop {
            let node = cursor.node();
            if node.kind() == "comment" {
                let text = self.slice(node).trim_start_matches("//").trim_start_matches("/*").trim_end_matches("*/");
                self.unit.comments.push(Comment { span: span(node), text: text.trim().to_owned() });
            }
            if cursor.goto_first_child() || cursor.goto_next_sibling() {
                continue;
            }
            while cursor.goto_parent() {
                if cursor.goto_next_sibling() {
                    break;
                }
            }
            if cursor.node() == root {
                return;
            }
        }
    }

    fn function(&mut self, node: Tree<'a>) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let Some(body) = node.child_by_field_name("body") else { return };
        let receiver = node.child_by_field_name("receiver").and_then(|list| self.parameters(list).into_iter().next());
        let params = node.child_by_field_name("parameters").map(|list| self.parameters(list)).unwrap_or_default();
        let text = self.slice(name).to_owned();
        let takes_test = node
            .child_by_field_name("parameters")
            .is_some_and(|list| self.slice(list).contains("testing.T") || self.slice(list).contains("testing.B"));
        let role = match text.as_str() {
            "TestMain" => Role::SetUp,
            name if name.starts_with("Test") && takes_test && receiver.is_none() => Role::Case,
            "SetupSuite" | "SetupTest" | "SetUpSuite" => Role::SetUp,
            "TearDownSuite" | "TearDownTest" => Role::TearDown,
            _ => Role::Named,
        };
        self.scope = Scope::default();
        let mut block = Vec::new();
        self.block(body, &mut block);
        let function =
            Function { name: text, receiver, role, params, span: span(node), name_span: span(name), body: block };
        self.unit.functions.push(function);
    }

    fn parameters(&self, list: Tree<'a>) -> Vec<String> {
        let mut names = Vec::new();
        for parameter in children(list) {
            let mut cursor = parameter.walk();
            names.extend(parameter.children_by_field_name("name", &mut cursor).map(|name| self.slice(name).to_owned()));
        }
        names
    }

    fn globals(&mut self, node: Tree<'a>) {
        let mut specs = Vec::new();
        for child in children(node) {
            match child.kind() {
                "var_spec_list" => specs.extend(children(child)),
                "const_spec" | "var_spec" => specs.push(child),
                _ => {}
            }
        }
        for spec in specs {
            self.scope = Scope::default();
            let name = spec.child_by_field_name("name").map(|name| self.slice(name).to_owned()).unwrap_or_default();
            let Some(value) = spec.child_by_field_name("value") else { continue };
            let mut block = Vec::new();
            let values: Vec<_> = children(value).into_iter().map(|value| self.expr(value, &mut block)).collect();
            if let Some(text) = values.first().and_then(|value| value.literal()) {
                self.unit.constants.push((name, text.to_owned()));
            }
        }
    }

    /// A closure that is a body of its own (a hook, a test case, a closure with a name).
    fn nested(&mut self, name: &str, role: Role, literal: Tree<'a>, name_span: Span) {
        let Some(body) = literal.child_by_field_name("body") else { return };
        let params = literal.child_by_field_name("parameters").map(|list| self.parameters(list)).unwrap_or_default();
        let outer = self.scope.clone();
        let mut block = Vec::new();
        self.block(body, &mut block);
        self.scope = outer;
        let name = name.to_owned();
        let span = Span::new(name_span.start, literal.end_byte());
        self.unit.functions.push(Function { name, receiver: None, role, params, span, name_span, body: block });
    }

    fn slice(&self, node: Tree) -> &'a str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }

    /// Runs `visit` unless the nesting is too deep to be code.
    fn deeper(&mut self, visit: impl FnOnce(&mut Self)) {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            visit(self);
            self.depth -= 1;
        }
    }
}

/// Go 1.26 allows `new(expression)`, which the grammar does not know: the hole is stepped over.
fn newer_grammar(text: &str, at: Span) -> bool {
    let start = text[..at.start.min(text.len())].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    line.contains("new(")
}

fn span(node: Tree) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

/// The named children of a node, comments left out.
fn children(node: Tree<'_>) -> Vec<Tree<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parses_is_read_and_the_line_that_does_not_is_named() {
        let text = "// Licence\n\npackage p\n\nfunc a() { b() }\n\nfunc c() {\n\td(]\n}\n\nfunc e() { f() }\n";
        let unit = parse(text).unwrap();
        let names: Vec<_> = unit.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["a", "e"]);
        let unread = unit.unread.unwrap();
        assert!(unread.broken);
        assert_eq!(text[..unread.error.span.start].matches('\n').count(), 7);
    }
}
