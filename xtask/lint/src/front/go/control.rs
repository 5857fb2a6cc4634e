//! Branches and loops of Go.

use tree_sitter::Node as Tree;

use super::{Lower, children, span};
use crate::ir::{Arm, Block, Guard, Loop, Node, Turns};
use crate::source::Span;

impl<'a> Lower<'a> {
    pub(super) fn branch(&mut self, node: Tree<'a>, out: &mut Block) {
        if let Some(first) = node.child_by_field_name("initializer") {
            self.statement(first, out);
        }
        let mut reads = Vec::new();
        let mut guard = Guard::Condition;
        if let Some(condition) = node.child_by_field_name("condition") {
            reads = self.expr(condition, out).reads;
            guard = failure_guard(self.slice(condition));
        }
        let mut arms = Vec::new();
        if let Some(then) = node.child_by_field_name("consequence") {
            let mut body = Vec::new();
            self.block(then, &mut body);
            arms.push(Arm { guard, reads: reads.clone(), body });
        }
        if let Some(other) = node.child_by_field_name("alternative") {
            let mut body = Vec::new();
            self.deeper(|lower| lower.statement(other, &mut body));
            arms.push(Arm { guard: guard.otherwise(), reads, body });
        }
        out.push(Node::Branch(arms));
    }

    pub(super) fn repeat(&mut self, node: Tree<'a>, out: &mut Block) {
        let body_node = node.child_by_field_name("body");
        let mut turns = Turns::Until;
        for child in children(node) {
            match child.kind() {
                "range_clause" => {
                    let binds = child.child_by_field_name("left").map(|left| {
                        children(left).into_iter().map(|name| self.slice(name).to_owned()).collect::<Vec<_>>()
                    });
                    let over =
                        child.child_by_field_name("right").map(|right| self.expr(right, out)).unwrap_or_default();
                    turns = Turns::Each { binds: binds.unwrap_or_default(), over };
                }
                "for_clause" => turns = Turns::Counted,
                _ => {}
            }
        }
        let mut body = Vec::new();
        if let Some(inner) = body_node {
            self.block(inner, &mut body);
        }
        let end = body_node.map_or(node.end_byte(), |inner| inner.start_byte());
        let head = Span::new(node.start_byte(), end);
        out.push(Node::Loop(Box::new(Loop { turns, body, span: span(node), head })));
    }

    pub(super) fn switch(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut arms = Vec::new();
        let mut reads = Vec::new();
        for child in children(node) {
            match child.kind() {
                "expression_case" | "type_case" | "default_case" => {
                    let mut body = Vec::new();
                    self.block(child, &mut body);
                    arms.push(Arm { guard: Guard::Condition, reads: reads.clone(), body });
                }
                "communication_case" => {
                    let mut body = Vec::new();
                    if let Some(channel) = child.child_by_field_name("communication") {
                        self.communication(channel, &mut body);
                    }
                    self.block(child, &mut body);
                    arms.push(Arm { guard: Guard::Condition, reads: Vec::new(), body });
                }
                _ => reads = self.expr(child, out).reads,
            }
        }
        out.push(Node::Branch(arms));
    }

    fn communication(&mut self, node: Tree<'a>, out: &mut Block) {
        if node.kind() != "receive_statement" {
            self.statement(node, out);
            return;
        }
        let Some(right) = node.child_by_field_name("right") else { return };
        self.expr(right, out);
        if let (Some(left), Some(Node::Join(join))) = (node.child_by_field_name("left"), out.last_mut()) {
            join.assigned = children(left).into_iter().map(|name| self.text[name.byte_range()].to_owned()).collect();
        }
    }
}

/// Whether a condition asks if the step before failed.
fn failure_guard(condition: &str) -> Guard {
    let condition = condition.trim();
    let first = condition.split(['&', '|']).next().unwrap_or(condition).trim();
    let subject = |text: &str| {
        let name = text.trim().trim_end_matches("()").rsplit('.').next().unwrap_or_default().to_lowercase();
        name.contains("err") || name == "run"
    };
    if let Some(left) = first.strip_suffix("!= nil") {
        if subject(left) || left.contains(".Run()") || left.trim_end().ends_with(')') {
            return Guard::Failure;
        }
    } else if let Some(left) = first.strip_suffix("== nil")
        && subject(left)
    {
        return Guard::Success;
    }
    Guard::Condition
}
