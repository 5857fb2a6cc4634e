//! Statements of Go.

use tree_sitter::Node as Tree;

use super::{Lower, children, span};
use crate::ir::{Assign, Block, Exit, ExitKind, Join, JoinKind, Launch, Node, Role, Spawn, Value};
use crate::source::Span;

impl<'a> Lower<'a> {
    pub(super) fn block(&mut self, node: Tree<'a>, out: &mut Block) {
        for child in children(node) {
            self.deeper(|lower| lower.statement(child, out));
        }
    }

    pub(super) fn statement(&mut self, node: Tree<'a>, out: &mut Block) {
        match node.kind() {
            "statement_list" | "block" | "labeled_statement" => self.block(node, out),
            "expression_statement" => {
                for child in children(node) {
                    self.expr(child, out);
                }
            }
            "short_var_declaration" | "assignment_statement" => self.assignment(node, out),
            "var_declaration" => self.locals(node, out),
            "if_statement" => self.branch(node, out),
            "for_statement" => self.repeat(node, out),
            "expression_switch_statement" | "type_switch_statement" | "select_statement" => self.switch(node, out),
            "go_statement" => self.go(node, out),
            "defer_statement" => {
                let mut body = Vec::new();
                for child in children(node) {
                    self.expr(child, &mut body);
                }
                out.push(Node::Defer(body));
            }
            "return_statement" => {
                let mut reads = Vec::new();
                for list in children(node) {
                    for value in children(list) {
                        let value = self.expr(value, out);
                        if let Some(body) = value.closure {
                            out.extend(body);
                        }
                        crate::front::merge(&mut reads, &value.reads);
                    }
                }
                out.push(Node::Exit(Exit { kind: ExitKind::Return, reads, span: span(node) }));
            }
            "break_statement" => out.push(exit(ExitKind::Break, node)),
            "continue_statement" => out.push(exit(ExitKind::Continue, node)),
            "send_statement" => self.send(node, out),
            _ => {}
        }
    }

    fn send(&mut self, node: Tree<'a>, out: &mut Block) {
        if let Some(value) = node.child_by_field_name("value") {
            self.expr(value, out);
        }
        if let Some(channel) = node.child_by_field_name("channel") {
            out.push(Node::Send(self.slice(channel).to_owned(), span(node)));
        }
    }

    fn assignment(&mut self, node: Tree<'a>, out: &mut Block) {
        let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
            return;
        };
        let targets: Vec<String> = children(left).into_iter().map(|target| self.slice(target).to_owned()).collect();
        self.bind(&targets, &children(right), span(node), out);
    }

    fn locals(&mut self, node: Tree<'a>, out: &mut Block) {
        for child in children(node) {
            match child.kind() {
                "var_spec_list" => self.locals(child, out),
                "var_spec" => {
                    let mut cursor = child.walk();
                    let targets: Vec<String> = child
                        .children_by_field_name("name", &mut cursor)
                        .map(|name| self.slice(name).to_owned())
                        .collect();
                    let kind = child.child_by_field_name("type").map_or("", |kind| self.slice(kind));
                    if kind.contains("errgroup.Group") {
                        self.scope.groups.extend(targets.iter().cloned());
                    }
                    if let Some(right) = child.child_by_field_name("value") {
                        self.bind(&targets, &children(right), span(child), out);
                    }
                }
                _ => {}
            }
        }
    }

    fn bind(&mut self, targets: &[String], values: &[Tree<'a>], at: Span, out: &mut Block) {
        for (index, value) in values.iter().enumerate() {
            let names = if values.len() == 1 { targets } else { targets.get(index..=index).unwrap_or_default() };
            if value.kind() == "func_literal" {
                let name = names.first().map_or("", String::as_str).to_owned();
                let name_span = Span::new(at.start, at.start + name.len());
                self.nested(&name, Role::Closure, *value, name_span);
                continue;
            }
            let before = out.len();
            let lowered = self.expr(*value, out);
            let takes_call = matches!(value.kind(), "call_expression" | "unary_expression") && out.len() > before;
            match out.last_mut() {
                Some(Node::Call(call)) if takes_call && value.kind() == "call_expression" => {
                    call.assigned = names.to_vec();
                }
                Some(Node::Join(join)) if takes_call => join.assigned = names.to_vec(),
                _ => {}
            }
            self.remember(names, &lowered, out, takes_call);
            if !takes_call {
                out.push(Node::Assign(Box::new(Assign { targets: names.to_vec(), value: lowered, span: at })));
            }
        }
    }

    /// Notes what later lines may want to know of a variable.
    fn remember(&mut self, names: &[String], value: &Value, out: &mut Block, from_call: bool) {
        let Some(name) = names.first() else { return };
        if let Some(command) = name.strip_suffix(".Stdin") {
            let text = value.text.as_deref().map(|text| self.resolve(text));
            let found = out.iter_mut().rev().find_map(|node| match node {
                Node::Call(call) if call.assigned.iter().any(|taken| taken == command) => Some(call),
                _ => None,
            });
            if let Some(call) = found {
                call.stdin = text;
            }
            return;
        }
        self.scope.lists.remove(name);
        self.scope.strings.remove(name);
        if !value.items.is_empty() || value.type_name.as_deref() == Some("[]string") {
            let words = value.items.iter().map(|item| self.resolve(item.text.as_deref().unwrap_or("${}"))).collect();
            self.scope.lists.insert(name.clone(), (words, false));
        } else if let Some(text) = &value.text {
            let text = self.resolve(text);
            if text != format!("${{{name}}}") {
                self.scope.strings.insert(name.clone(), text);
            }
        }
        if let Some(kind) = &value.type_name {
            self.scope.types.insert(name.clone(), kind.clone());
        }
        if !from_call {
            return;
        }
        if let Some(Node::Call(call)) = out.last() {
            let path = &call.path;
            if path.first().is_some_and(|first| first == "errgroup") {
                self.scope.groups.insert(name.clone());
            }
            if path.first().is_some_and(|first| first == "exec") {
                self.scope.commands.insert(name.clone());
            }
        }
    }

    fn go(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut body = Vec::new();
        for child in children(node) {
            self.expr(child, &mut body);
        }
        out.push(Node::Spawn(Box::new(Spawn { launch: Launch::Task, handle: None, body, span: span(node) })));
    }

    /// `x.Wait()`, `x.Start()` and their like, where `x` is known to be a group or a command.
    pub(super) fn handle_call(&mut self, on: &str, method: &str, at: Span, out: &mut Block) -> bool {
        match method {
            "Wait" => {
                let kind = if self.scope.groups.contains(on) {
                    JoinKind::FirstError
                } else if self.scope.commands.contains(on) {
                    JoinKind::One
                } else {
                    JoinKind::All
                };
                out.push(Node::Join(Join { on: Some(on.to_owned()), kind, assigned: Vec::new(), span: at }));
                true
            }
            "Start" if self.scope.commands.contains(on) => {
                let found = out.iter().rposition(
                    |node| matches!(node, Node::Call(call) if call.assigned.iter().any(|taken| taken == on)),
                );
                let Some(index) = found else { return false };
                let command = out.remove(index);
                let spawn =
                    Spawn { launch: Launch::Process, handle: Some(on.to_owned()), body: vec![command], span: at };
                out.push(Node::Spawn(Box::new(spawn)));
                true
            }
            _ => false,
        }
    }
}

fn exit(kind: ExitKind, node: Tree) -> Node {
    Node::Exit(Exit { kind, reads: Vec::new(), span: span(node) })
}
