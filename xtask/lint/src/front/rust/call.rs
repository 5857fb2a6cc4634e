//! Calls, methods and macros of Rust.

use syn::Expr;

use super::command::{macro_command, of_command};
use super::value::{field_name, mapped, names, path_names, put, spawn};
use super::{Lower, span};
use crate::ir::{Block, Call, Join, JoinKind, Launch, Node, Spawn, Value, walk};

impl Lower {
    pub(super) fn call(&mut self, call: &syn::ExprCall, out: &mut Block) -> Value {
        let Expr::Path(function) = call.func.as_ref() else {
            self.expr(&call.func, out);
            return self.list(call.args.iter(), out);
        };
        let mut path = path_names(&function.path);
        if path.last().is_some_and(|last| last == "scope")
            && let Some(Expr::Closure(closure)) = call.args.last()
        {
            return self.scope(closure, path, span(call), out);
        }
        let mut args: Vec<Value> = call.args.iter().map(|arg| self.expr(arg, out)).collect();
        if matches!(path.last().map(String::as_str), Some("Ok" | "Some" | "Err" | "Box" | "Arc")) {
            return args.pop().unwrap_or_default();
        }
        if path.last().is_some_and(|last| last == "spawn" || last == "spawn_blocking") {
            return spawn(args, None, span(call), out);
        }
        let is_join = path.last().is_some_and(|last| last == "join") && args.len() == 2;
        if is_join && args.iter().all(|arg| arg.closure.is_some()) {
            return join(args, span(call), out);
        }
        path.retain(|part| part != "crate" && part != "super" && part != "self");
        put(Call { path, args, span: span(call), ..Call::default() }, out)
    }

    pub(super) fn method(&mut self, call: &syn::ExprMethodCall, out: &mut Block) -> Value {
        let method = call.method.to_string();
        let before = out.len();
        let receiver = self.expr(&call.receiver, out);
        let args: Vec<Value> = call.args.iter().map(|arg| self.expr(arg, out)).collect();
        let on = field_name(&call.receiver);
        if of_command(&method, on.as_deref(), &args, before, span(call), out) {
            return receiver;
        }
        match method.as_str() {
            "spawn" | "spawn_blocking" if !args.is_empty() => {
                // What a scope starts has a name of its own, or none: the scope waits for it.
                let handle = on.filter(|on| !self.scopes.contains(on));
                return spawn(args, handle, span(call), out);
            }
            "join" | "join_next" | "wait" | "wait_with_output" if args.is_empty() && on.is_some() => {
                let kind = if method == "join_next" { JoinKind::All } else { JoinKind::One };
                out.push(Node::Join(Join { on, kind, assigned: Vec::new(), span: span(call) }));
                return receiver;
            }
            "recv" if on.is_some() => {
                out.push(Node::Join(Join { on, kind: JoinKind::One, assigned: Vec::new(), span: span(call) }));
                return receiver;
            }
            "send" if on.is_some() => {
                out.push(Node::Send(on.unwrap_or_default(), span(call)));
                return Value::default();
            }
            "unwrap" | "expect" | "context" | "with_context" | "map_err" | "into" | "to_owned" | "to_string"
            | "clone" | "as_str" | "as_ref" | "status" | "output" | "run" | "current_dir" | "env" | "stdout"
            | "stderr" | "stdin" => return receiver,
            "for_each" | "map" | "try_for_each" | "and_then" => {
                let parallel = out[before..]
                    .iter()
                    .any(|node| matches!(node, Node::Call(call) if call.name().starts_with("par_")));
                return mapped(args, parallel, span(call), out);
            }
            _ => {}
        }
        let mut path: Vec<String> =
            on.map_or_else(|| vec![String::new()], |on| on.split('.').map(str::to_owned).collect());
        path.push(method);
        put(Call { path, args, chain: vec![receiver], span: span(call), ..Call::default() }, out)
    }

    /// `x.await`: a call as it stands, or a handle that is waited for.
    pub(super) fn awaited(&mut self, base: &Expr, out: &mut Block) -> Value {
        let before = out.len();
        let value = self.expr(base, out);
        if matches!(base, Expr::Path(_)) && out.len() == before {
            let on = value.reads.first().cloned();
            out.push(Node::Join(Join { on, kind: JoinKind::One, assigned: Vec::new(), span: span(base) }));
        } else if let Some(Node::Spawn(inner)) = out.last() {
            let on = inner.handle.clone().or_else(|| Some("this".to_owned()));
            out.push(Node::Join(Join { on, kind: JoinKind::One, assigned: Vec::new(), span: span(base) }));
        }
        value
    }

    /// Macros: the arguments of `join!` run at once, those of others one after another.
    pub(super) fn tokens(&mut self, makro: &syn::Macro, out: &mut Block) -> Value {
        let name = makro.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        let Ok(args) = makro.parse_body_with(parser) else { return Value::default() };
        let launch = match name.as_str() {
            "join" => Launch::Structured,
            "try_join" => Launch::StructuredFirst,
            "cmd" => {
                let words = args.iter().map(|arg| self.expr(arg, out)).collect();
                return macro_command(words, span(makro), out);
            }
            _ => {
                args.iter().for_each(|arg| _ = self.expr(arg, out));
                return Value::default();
            }
        };
        for arg in &args {
            let mut body = Vec::new();
            self.expr(arg, &mut body);
            out.push(Node::Spawn(Box::new(Spawn { launch, handle: Some(name.clone()), body, span: span(arg) })));
        }
        let kind = if launch == Launch::Structured { JoinKind::All } else { JoinKind::FirstError };
        out.push(Node::Join(Join { on: Some(name), kind, assigned: Vec::new(), span: span(&makro.path) }));
        Value::default()
    }

    /// `thread::scope(|s| ..)`: the body runs here, and what it started is waited for at its end.
    fn scope(
        &mut self,
        closure: &syn::ExprClosure,
        path: Vec<String>,
        at: crate::source::Span,
        out: &mut Block,
    ) -> Value {
        let known = self.scopes.len();
        self.scopes.extend(closure.inputs.iter().flat_map(names));
        let mut body = Vec::new();
        self.expr(&closure.body, &mut body);
        self.scopes.truncate(known);
        let mut starts = false;
        walk(&body, &mut |node| starts |= matches!(node, Node::Spawn(_)));
        out.append(&mut body);
        if starts {
            out.push(Node::Join(Join { on: None, kind: JoinKind::All, assigned: Vec::new(), span: at }));
            return Value::default();
        }
        put(Call { path, span: at, ..Call::default() }, out)
    }
}

/// `rayon::join(|| .., || ..)`: both at once, and both awaited.
fn join(args: Vec<Value>, span: crate::source::Span, out: &mut Block) -> Value {
    let handle = Some("join".to_owned());
    for body in args.into_iter().filter_map(|arg| arg.closure) {
        let worker = Spawn { launch: Launch::Structured, handle: handle.clone(), body, span };
        out.push(Node::Spawn(Box::new(worker)));
    }
    out.push(Node::Join(Join { on: handle, kind: JoinKind::All, assigned: Vec::new(), span }));
    Value::default()
}
