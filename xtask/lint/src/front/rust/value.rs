//! Values, names and patterns of Rust, and what is done with calls once they are lowered.

use syn::{Expr, Lit, Pat};

use crate::front::merge;
use crate::ir::{Assign, Block, Call, Guard, Launch, Node, Spawn, Value};

/// Puts out a call; closures given to it run where it stands.
pub(super) fn put(mut call: Call, out: &mut Block) -> Value {
    let mut value = Value::default();
    for part in call.chain.iter().chain(&call.args) {
        merge(&mut value.reads, &part.reads);
        value.calls.extend(part.calls.iter().cloned());
    }
    value.calls.push(call.name().to_owned());
    if call.path.ends_with(&["Command".to_owned(), "new".to_owned()]) {
        call.argv = Some(
            call.args
                .first()
                .map(|program| program.text.clone().unwrap_or_else(|| "${}".to_owned()))
                .into_iter()
                .collect(),
        );
    }
    let polls =
        ["wait", "poll", "retry", "eventually", "until"].iter().any(|word| call.name().to_lowercase().contains(word));
    if !polls {
        for arg in &mut call.args {
            out.extend(arg.closure.take().into_iter().flatten());
        }
    }
    out.push(Node::Call(Box::new(call)));
    value
}

pub(super) fn spawn(mut args: Vec<Value>, on: Option<String>, at: crate::source::Span, out: &mut Block) -> Value {
    let body = args.iter_mut().find_map(|arg| arg.closure.take()).unwrap_or_default();
    out.push(Node::Spawn(Box::new(Spawn { launch: Launch::Task, handle: on, body, span: at })));
    Value::default()
}

/// `items.iter().map(|item| ...)`: a loop; in parallel, its rounds are workers.
pub(super) fn mapped(mut args: Vec<Value>, parallel: bool, at: crate::source::Span, out: &mut Block) -> Value {
    let Some(body) = args.iter_mut().find_map(|arg| arg.closure.take()) else { return Value::default() };
    if parallel {
        out.push(Node::Spawn(Box::new(Spawn { launch: Launch::Structured, handle: None, body, span: at })));
    } else {
        out.extend(body);
    }
    Value::default()
}

/// Gives the results of what was just put out a name.
pub(super) fn bind(names: &[String], value: Value, before: usize, out: &mut Block, at: crate::source::Span) {
    let mut taken = false;
    for node in out.iter_mut().skip(before).collect::<Vec<_>>().into_iter().rev() {
        match node {
            Node::Call(call) if !taken => {
                call.assigned = names.to_vec();
                taken = true;
            }
            Node::Join(join) if !taken => {
                join.assigned = names.to_vec();
                taken = true;
            }
            Node::Spawn(spawn) if !taken => {
                spawn.handle = spawn.handle.take().or_else(|| names.first().cloned());
                taken = true;
            }
            _ => {}
        }
    }
    if !taken {
        out.push(Node::Assign(Box::new(Assign { targets: names.to_vec(), value, span: at })));
    }
}

pub(super) fn name(text: &str) -> Value {
    Value { text: Some(format!("${{{text}}}")), reads: vec![text.to_owned()], ..Value::default() }
}

pub(super) fn literal_text(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(text.value()),
        Lit::Int(number) => Some(number.to_string()),
        Lit::Bool(truth) => Some(truth.value.to_string()),
        _ => None,
    }
}

pub(super) fn names(pattern: &Pat) -> Vec<String> {
    match pattern {
        Pat::Ident(name) => vec![name.ident.to_string()],
        Pat::Type(typed) => names(&typed.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().flat_map(names).collect(),
        Pat::TupleStruct(tuple) => tuple.elems.iter().flat_map(names).collect(),
        Pat::Reference(inner) => names(&inner.pat),
        _ => Vec::new(),
    }
}

pub(super) fn pattern_guard(pattern: &Pat) -> Guard {
    match pattern {
        Pat::TupleStruct(tuple) => match tuple.path.segments.last().map(|last| last.ident.to_string()).as_deref() {
            Some("Err") => Guard::Failure,
            Some("Ok") => Guard::Success,
            _ => Guard::Condition,
        },
        _ => Guard::Condition,
    }
}

pub(super) fn path_names(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

pub(super) fn field_text(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// `self.cluster.kubeconfig` as a dotted name.
pub(super) fn field_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => Some(path_names(&path.path).join("::")),
        Expr::Field(field) => Some(format!("{}.{}", field_name(&field.base)?, field_text(&field.member))),
        Expr::Reference(inner) => field_name(&inner.expr),
        Expr::Paren(inner) => field_name(&inner.expr),
        _ => None,
    }
}
