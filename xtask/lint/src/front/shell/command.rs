//! Commands, pipelines and redirections of the shell.

use std::collections::HashSet;

use tree_sitter::Node as Tree;

use super::{Lower, span};
use crate::front::merge;
use crate::ir::{Block, Call, Exit, ExitKind, Join, JoinKind, Launch, Node, Spawn, Value};
use crate::source::Span;

/// Commands that run the command that follows.
const PREFIXES: &[&str] = &[
    "sudo", "time", "nohup", "command", "exec", "eval", "nice", "xargs", "run", "try", "retry", "silent", "echo_run",
    "-E",
];

impl<'a> Lower<'a> {
    pub(super) fn command(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut call = Call { span: span(node), ..Call::default() };
        let mut words: Vec<Value> = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "variable_assignment" => {
                    let name = child.child_by_field_name("name").map(|name| self.slice(name).to_owned());
                    call.env.extend(name);
                }
                "command_name" => {
                    let name = child.named_child(0).unwrap_or(child);
                    words.push(self.word(name, out));
                }
                "file_redirect" => self.file(child, &mut call, out),
                "herestring_redirect" => {
                    let text = child.named_child(0).map(|text| self.word(text, out));
                    call.stdin = text.and_then(|text| text.text).map(|text| self.resolve(&text));
                }
                _ if child.is_named() => words.push(self.word(child, out)),
                _ => {}
            }
        }
        self.finish(call, words, out);
    }

    /// What is asked by `if`, `while` or `until`: there `!` turns the question round.
    pub(super) fn condition(&mut self, node: Tree<'a>, out: &mut Block) {
        match node.kind() {
            "negated_command" => self.block(node, out),
            _ => self.statement(node, out),
        }
    }

    /// `! kubectl apply ...`: a command that has to fail. It is a question, whatever it runs.
    pub(super) fn negated(&mut self, node: Tree<'a>, out: &mut Block) {
        let before = out.len();
        self.block(node, out);
        for step in out.iter_mut().skip(before) {
            if let Node::Call(call) = step {
                call.path = vec!["!".to_owned()];
                call.argv.get_or_insert_default().insert(0, "!".to_owned());
            }
        }
    }

    fn finish(&mut self, mut call: Call, mut words: Vec<Value>, out: &mut Block) {
        let mut argv: Vec<String> =
            words.iter().map(|word| self.resolve(word.text.as_deref().unwrap_or("${}"))).collect();
        strip_prefixes(&mut argv, &mut words, &self.own);
        // `$KUBECTL apply`: the words of a variable that holds a command.
        if let Some(first) = argv.first().filter(|first| first.contains(' ')).cloned() {
            let split: Vec<String> = first.split_whitespace().map(str::to_owned).collect();
            argv.splice(0..1, split);
            strip_prefixes(&mut argv, &mut Vec::new(), &self.own);
        }
        let Some(name) = argv.first().cloned() else { return };
        let at = call.span;
        match name.as_str() {
            "wait" => {
                let on =
                    words.iter().skip(1).find_map(|word| word.reads.first()).filter(|name| !name.is_empty()).cloned();
                // `for pid in "${pids[@]}"; do wait "$pid"` waits for what the list holds.
                let on = on.map(|name| self.handles.get(&name).cloned().unwrap_or(name));
                let plain = words.len() == 1;
                let kind = if plain { JoinKind::NoResult } else { JoinKind::One };
                out.push(Node::Join(Join { on, kind, assigned: Vec::new(), span: at }));
            }
            "exit" => out.push(Node::Exit(Exit { kind: ExitKind::Fatal, reads: Vec::new(), span: at })),
            "return" => out.push(Node::Exit(Exit { kind: ExitKind::Return, reads: Vec::new(), span: at })),
            "break" => out.push(Node::Exit(Exit { kind: ExitKind::Break, reads: Vec::new(), span: at })),
            "continue" => out.push(Node::Exit(Exit { kind: ExitKind::Continue, reads: Vec::new(), span: at })),
            _ => {
                call.path = vec![name.rsplit('/').next().unwrap_or(&name).to_owned()];
                call.args = words.into_iter().skip(1).collect();
                for (arg, word) in call.args.iter_mut().zip(argv.iter().skip(1)) {
                    arg.text = Some(word.clone());
                }
                call.argv = Some(argv);
                out.push(Node::Call(Box::new(call)));
            }
        }
    }

    pub(super) fn redirected(&mut self, node: Tree<'a>, out: &mut Block) {
        let before = out.len();
        if let Some(body) = node.child_by_field_name("body") {
            self.statement(body, out);
        }
        let mut shell = Call::default();
        let mut cursor = node.walk();
        let mut after = Vec::new();
        for redirect in node.children_by_field_name("redirect", &mut cursor) {
            match redirect.kind() {
                "file_redirect" => self.file(redirect, &mut shell, &mut after),
                "heredoc_redirect" => self.heredoc(redirect, &mut shell, &mut after),
                _ => {}
            }
        }
        let target = out.iter_mut().skip(before).rev().find_map(|step| match step {
            Node::Call(call) => Some(call),
            _ => None,
        });
        if let Some(call) = target {
            call.redirects.append(&mut shell.redirects);
            if shell.stdin.is_some() {
                call.stdin = shell.stdin;
            }
        } else if !shell.redirects.is_empty() {
            let call =
                Call { path: vec![":".to_owned()], redirects: shell.redirects, span: span(node), ..Call::default() };
            out.push(Node::Call(Box::new(call)));
        }
        // `cat <<EOF | kubectl apply -f -`: the pipe hangs on the here-document.
        if let (Some(Node::Call(next)), true) = (after.first_mut(), target_stdin(out, before).is_some()) {
            next.stdin = target_stdin(out, before);
        }
        out.extend(after);
    }

    fn heredoc(&mut self, node: Tree<'a>, call: &mut Call, after: &mut Block) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "heredoc_body" => call.stdin = Some(self.slice(child).to_owned()),
                "heredoc_start" | "heredoc_end" => {}
                "file_redirect" => self.file(child, call, after),
                "pipeline" => self.pipeline(child, after),
                _ => self.statement(child, after),
            }
        }
    }

    fn file(&mut self, node: Tree<'a>, call: &mut Call, out: &mut Block) {
        let text = self.slice(node);
        let Some(target) = node.child_by_field_name("destination") else { return };
        let word = self.word(target, out);
        let path = self.resolve(word.text.as_deref().unwrap_or_default());
        if text.trim_start_matches(|char: char| char.is_ascii_digit()).starts_with('<') {
            call.args.push(word);
        } else {
            call.redirects.push((path, span(target)));
        }
    }

    pub(super) fn pipeline(&mut self, node: Tree<'a>, out: &mut Block) {
        let mut cursor = node.walk();
        let stages: Vec<_> = node.named_children(&mut cursor).filter(|stage| stage.kind() != "comment").collect();
        let mut feed: Option<String> = None;
        let mut upstream: Vec<String> = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            let before = out.len();
            self.statement(*stage, out);
            for step in out.iter_mut().skip(before) {
                let Node::Call(call) = step else { continue };
                call.piped = index + 1 < stages.len();
                // What a command reads from another one comes from what that one was given.
                let reads = upstream.clone();
                for arg in &call.args {
                    merge(&mut upstream, &arg.reads);
                }
                if !reads.is_empty() {
                    call.chain.push(Value { reads, ..Value::default() });
                }
                if call.stdin.is_none() && index > 0 {
                    call.stdin.clone_from(&feed);
                }
                feed = call.stdin.clone().or_else(|| described(call));
            }
        }
    }
}

/// What a producer of text says of the text: the here-document of `cat`, the words of `kustomize build DIR`.
fn described(call: &Call) -> Option<String> {
    let argv = call.argv.as_ref()?;
    matches!(
        argv.first().map(String::as_str),
        Some("kustomize" | "helm" | "cat" | "envsubst" | "sed" | "kubectl" | "curl" | "ko")
    )
    .then(|| argv[1..].join(" "))
}

fn target_stdin(out: &[Node], before: usize) -> Option<String> {
    out.iter().skip(before).find_map(|step| match step {
        Node::Call(call) => call.stdin.clone(),
        _ => None,
    })
}

fn strip_prefixes(argv: &mut Vec<String>, words: &mut Vec<Value>, own: &HashSet<String>) {
    loop {
        let skip = match argv.first().map(String::as_str) {
            Some("env") => {
                1 + argv.iter().skip(1).take_while(|word| word.contains('=') || word.starts_with('-')).count()
            }
            Some("timeout") => 1 + argv.iter().skip(1).take_while(|word| word.starts_with('-')).count() + 1,
            // `retry 5 docker build ...`
            Some(first) if PREFIXES.contains(&first) && argv.len() > 1 && !own.contains(first) => {
                1 + argv.iter().skip(1).take_while(|word| is_count(word)).count()
            }
            _ => return,
        };
        let skip = skip.min(argv.len());
        argv.drain(..skip);
        words.drain(..skip.min(words.len()));
    }
}

/// A number, or a time such as `10s`.
fn is_count(word: &str) -> bool {
    let digits = word.trim_end_matches(['s', 'm', 'h']);
    !digits.is_empty() && digits.chars().all(|char| char.is_ascii_digit())
}

/// A command followed by `&`.
pub(super) fn background(body: Block, handle: Option<String>, at: Span) -> Node {
    Node::Spawn(Box::new(Spawn { launch: Launch::Process, handle, body, span: at }))
}
