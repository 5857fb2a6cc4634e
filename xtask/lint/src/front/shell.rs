//! The shell front: functions and the script's body to the language-neutral form, by tree-sitter.
//! It must not judge what a command means; that `sudo` and `time` run what follows is the one thing it knows.

mod command;
mod gaps;
mod word;

use std::collections::{HashMap, HashSet};

use tree_sitter::Node as Tree;

use crate::front::{MAX_DEPTH, ParseError};
use crate::ir::{Arm, Assign, Block, Comment, Function, Guard, Loop, Node, Role, Turns, Unit, Value};
use crate::source::Span;

/// Lowers one script.
struct Lower<'a> {
    text: &'a str,
    unit: Unit,
    strings: HashMap<String, String>,
    /// Lists that loops go through, by the name of the element.
    handles: HashMap<String, String>,
    /// Functions that the script defines itself.
    own: HashSet<String>,
    depth: usize,
}

/// Lowers a script.
pub fn parse(text: &str) -> Result<Unit, ParseError> {
    let (tree, unread) = gaps::parse(text)?;
    let mut lower = Lower {
        text,
        unit: Unit { unread, ..Unit::default() },
        strings: HashMap::new(),
        handles: HashMap::new(),
        own: own(text),
        depth: 0,
    };
    let mut body = Vec::new();
    lower.block(tree.root_node(), &mut body);
    let at = Span::new(0, text.len());
    let script = Function {
        name: String::new(),
        receiver: None,
        role: Role::Script,
        params: Vec::new(),
        span: at,
        name_span: Span::new(0, text.find('\n').unwrap_or(text.len())),
        body,
    };
    lower.unit.functions.push(script);
    Ok(lower.unit)
}

impl<'a> Lower<'a> {
    fn block(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut cursor = node.walk();
        let all: Vec<_> = node.children(&mut cursor).collect();
        let mut index = 0;
        while let Some(child) = all.get(index) {
            let background = all.get(index + 1).is_some_and(|next| next.kind() == "&");
            if background {
                let mut body = Vec::new();
                self.statement(*child, &mut body);
                let handle = self.pid_name(all.get(index + 2..).unwrap_or_default());
                out.push(command::background(body, handle, span(*child)));
            } else {
                self.statement(*child, out);
            }
            index += 1;
        }
    }

    /// `pid=$!` after a background command names its handle.
    fn pid_name(&self, next: &[Tree<'a>]) -> Option<String> {
        let node = next.iter().find(|node| node.is_named())?;
        let text = self.slice(*node);
        let (name, value) = text.split_once('=')?;
        ["$!", "${!}"]
            .iter()
            .any(|pid| value.contains(pid))
            .then(|| name.trim_start_matches("local ").trim_end_matches('+').to_owned())
    }

    /// Every way into what is nested leads through here.
    fn statement(&mut self, node: Tree<'a>, out: &mut Block) {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            self.by_kind(node, out);
            self.depth -= 1;
        }
    }

    fn by_kind(&mut self, node: Tree<'a>, out: &mut Block) {
        match node.kind() {
            "comment" => {
                let text = self.slice(node).trim_start_matches('#').trim().to_owned();
                self.unit.comments.push(Comment { span: span(node), text });
            }
            "function_definition" => self.function(node),
            "command" => self.command(node, out),
            "redirected_statement" => self.redirected(node, out),
            "pipeline" => self.pipeline(node, out),
            "variable_assignment" => self.assignment(node, out),
            "list" => self.list(node, out),
            "declaration_command" | "compound_statement" | "subshell" | "do_group" | "ERROR" => {
                self.block(node, out);
            }
            "negated_command" => self.negated(node, out),
            "program" => self.block(node, out),
            "if_statement" => self.branch(node, out),
            "case_statement" => self.choice(node, out),
            "for_statement" | "c_style_for_statement" => self.each(node, out),
            "while_statement" => self.until(node, out),
            _ => {}
        }
    }

    /// `a && b`, `a || exit 1`: what leaves where the first one failed is no step of its own.
    fn list(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut cursor = node.walk();
        let all: Vec<_> = node.children(&mut cursor).collect();
        let [first, operator, second] = all.as_slice() else { return self.block(node, out) };
        self.statement(*first, out);
        let mut body = Vec::new();
        self.statement(*second, &mut body);
        let ends_well =
            ["exit 0", "return 0", "return;", "return }"].iter().any(|end| self.slice(*second).contains(end));
        let leaves = body.iter().any(|inner| matches!(inner, Node::Exit(_)));
        if operator.kind() == "||" && leaves && !ends_well {
            out.push(Node::Branch(vec![Arm { guard: Guard::Failure, reads: Vec::new(), body }]));
        } else {
            out.append(&mut body);
        }
    }

    fn function(&mut self, node: Tree<'a>) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let Some(inner) = node.child_by_field_name("body") else { return };
        let outer = self.strings.clone();
        let mut body = Vec::new();
        self.statement(inner, &mut body);
        self.strings = outer;
        self.unit.functions.push(Function {
            name: self.slice(name).to_owned(),
            receiver: None,
            role: Role::Named,
            params: Vec::new(),
            span: span(node),
            name_span: span(name),
            body,
        });
    }

    fn assignment(&mut self, node: Tree<'a>, out: &mut Block) {
        let name = node.child_by_field_name("name").map(|name| self.slice(name).to_owned()).unwrap_or_default();
        let value = node.child_by_field_name("value").map(|value| self.word(value, out)).unwrap_or_default();
        // `KUBECTL=(kubectl --context x)` is run as `"${KUBECTL[@]}" apply`.
        let list: Vec<&str> = value.items.iter().filter_map(|item| item.text.as_deref()).collect();
        let text = if list.is_empty() { value.text.clone() } else { Some(list.join(" ")) };
        match text.as_deref().filter(|text| !text.contains("${}")) {
            Some(text) => {
                let text = self.resolve(text);
                self.unit.constants.push((name.clone(), text.clone()));
                self.strings.insert(name.clone(), text);
            }
            None => _ = self.strings.remove(&name),
        }
        out.push(Node::Assign(Box::new(Assign { targets: vec![name], value, span: span(node) })));
    }

    fn branch(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut arms: Vec<Arm> = Vec::new();
        let mut body = Vec::new();
        let mut reads = Vec::new();
        let mut guard = Guard::Condition;
        let mut in_condition = true;
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "then" => in_condition = false,
                "if" | "fi" | ";" => {}
                "elif_clause" | "else_clause" => {
                    let mut inner = Vec::new();
                    self.block(child, &mut inner);
                    arms.push(Arm { guard: Guard::Otherwise, reads: reads.clone(), body: inner });
                }
                _ if in_condition => {
                    let before = out.len();
                    self.condition(child, out);
                    self.reads_of(child, &mut reads);
                    if self.slice(child).trim_start().starts_with('!') && out.len() > before {
                        guard = Guard::Failure;
                    }
                }
                _ => self.statement(child, &mut body),
            }
        }
        arms.insert(0, Arm { guard, reads, body });
        out.push(Node::Branch(arms));
    }

    fn choice(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut reads = Vec::new();
        if let Some(value) = node.child_by_field_name("value") {
            self.reads_of(value, &mut reads);
        }
        let mut arms = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor).filter(|child| child.kind() == "case_item") {
            let mut body = Vec::new();
            self.block(child, &mut body);
            arms.push(Arm { guard: Guard::Condition, reads: reads.clone(), body });
        }
        out.push(Node::Branch(arms));
    }

    fn each(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut cursor = node.walk();
        let mut over = Value::default();
        for value in node.children_by_field_name("value", &mut cursor) {
            let item = self.word(value, out);
            crate::front::merge(&mut over.reads, &item.reads);
            over.items.push(item);
        }
        let binds = node.child_by_field_name("variable").map(|name| self.slice(name).to_owned());
        let handles = over.reads.first().filter(|_| over.reads.len() == 1).cloned();
        let outer = self.handles.clone();
        let turns = match binds {
            Some(name) if !counted(&over) => {
                self.handles.extend(handles.map(|list| (name.clone(), list)));
                Turns::Each { binds: vec![name], over }
            }
            _ => Turns::Counted,
        };
        self.repeat(node, turns, out);
        self.handles = outer;
    }

    fn until(&mut self, node: Tree<'a>, out: &mut Block) {
        let head = self.slice(node).lines().next().unwrap_or_default();
        let names = head.split_once("read ").map(|(_, rest)| rest.split([';', '<']).next().unwrap_or_default());
        let turns = names.map_or(Turns::Until, |names| {
            let binds = names.split_whitespace().filter(|word| !word.starts_with('-')).map(str::to_owned).collect();
            Turns::Each { binds, over: Value::default() }
        });
        self.repeat(node, turns, out);
    }

    fn repeat(&mut self, node: Tree<'a>, turns: Turns, out: &mut Block) {
        let Some(inner) = node.child_by_field_name("body") else { return };
        let mut body = Vec::new();
        if let Some(condition) = node.child_by_field_name("condition") {
            self.condition(condition, &mut body);
        }
        self.statement(inner, &mut body);
        let head = Span::new(node.start_byte(), inner.start_byte());
        out.push(Node::Loop(Box::new(Loop { turns, body, span: span(node), head })));
    }

    fn slice(&self, node: Tree) -> &'a str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }
}

/// `for i in 1 2 3` and `for i in $(seq 30)` count; they do not go through things.
fn counted(over: &Value) -> bool {
    let number = |item: &Value| item.text.as_deref().is_some_and(|text| text.parse::<u32>().is_ok());
    let sequence = |item: &Value| {
        item.calls.iter().any(|call| call == "seq")
            || item.text.as_deref().is_some_and(|text| text.starts_with('{') && text.contains(".."))
    };
    !over.items.is_empty() && over.items.iter().all(|item| number(item) || sequence(item))
}

/// The functions that a script defines, by the lines that look like it.
fn own(text: &str) -> HashSet<String> {
    let name = |line: &str| {
        let line = line.trim();
        let keyword = line.strip_prefix("function ");
        let (name, rest) = keyword.unwrap_or(line).split_once(['(', ' '])?;
        let is_name =
            !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'));
        let opens = rest.trim_start().starts_with([')', '(']) || keyword.is_some();
        (is_name && opens).then(|| name.to_owned())
    };
    text.lines().filter_map(name).collect()
}

fn span(node: Tree) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}
