//! The Rust front: functions and test cases to the language-neutral form, by syn.
//! It must not judge what a call means; that `Command::new` starts a program is the one thing it knows.

mod call;
mod command;
mod expr;
mod scan;
mod value;

use std::borrow::Cow;

use syn::spanned::Spanned;
use syn::{Attribute, File, ImplItem, Item, Signature, TraitItem};

use crate::front::ParseError;
use crate::ir::{Block, Function, Role, Unit};
use crate::source::Span;

/// Lowers one file.
pub(crate) struct Lower {
    pub(crate) unit: Unit,
    pub(crate) depth: usize,
    /// Names of thread scopes.
    pub(crate) scopes: Vec<String>,
}

/// Nobody's code is nested deeper.
const DEEP: usize = 2000;
/// What the parser takes of the stack for each level, without optimisation.
const LEVEL: usize = 64 << 10;

/// Lowers a Rust file, on a stack that is large enough for it.
pub fn parse(text: &str) -> Result<Unit, ParseError> {
    let text = &*blanked(text);
    let seen = scan::scan(text);
    let failed =
        |message: &str| ParseError { span: Span::new(seen.deepest, seen.deepest), message: message.to_owned() };
    if seen.depth > DEEP {
        return Err(failed("nested too deeply"));
    }
    let stack = (seen.depth + 16) * LEVEL;
    let unit = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, || lowered(text));
        let outcome = worker.map(std::thread::ScopedJoinHandle::join);
        if let Ok(Ok(unit)) = outcome { unit } else { Err(failed("the parser gave up")) }
    })?;
    Ok(Unit { comments: seen.comments, ..unit })
}

fn lowered(text: &str) -> Result<Unit, ParseError> {
    let file: File = syn::parse_file(text).map_err(|error| {
        let at = error.span().byte_range();
        ParseError { span: Span::new(at.start, at.end), message: error.to_string() }
    })?;
    let mut lower = Lower { unit: Unit::default(), depth: 0, scopes: Vec::new() };
    lower.items(&file.items);
    Ok(lower.unit)
}

/// A byte order mark and a `#!` line are blanked: the parser would cut them off, and count from behind them.
fn blanked(text: &str) -> Cow<'_, str> {
    let code = text.strip_prefix('\u{feff}').unwrap_or(text);
    let script = code.strip_prefix("#!").is_some_and(|rest| !rest.trim_start().starts_with('['));
    let line = if script { code.find('\n').unwrap_or(code.len()) } else { 0 };
    let cut = text.len() - code.len() + line;
    if cut == 0 { Cow::Borrowed(text) } else { Cow::Owned(" ".repeat(cut) + &text[cut..]) }
}

impl Lower {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Fn(function) => self.function(&function.attrs, &function.sig, &function.block, span(item)),
                Item::Impl(block) => {
                    for item in &block.items {
                        if let ImplItem::Fn(function) = item {
                            self.function(&function.attrs, &function.sig, &function.block, span(item));
                        }
                    }
                }
                Item::Trait(block) => {
                    for item in &block.items {
                        if let TraitItem::Fn(function) = item
                            && let Some(body) = &function.default
                        {
                            self.function(&function.attrs, &function.sig, body, span(item));
                        }
                    }
                }
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        self.items(items);
                    }
                }
                _ => {}
            }
        }
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &syn::Block, at: Span) {
        let is_test = attributes
            .iter()
            .any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test"));
        let receiver = signature.receiver().map(|_| "self".to_owned());
        let params = signature.inputs.iter().filter_map(parameter).collect();
        let mut body: Block = Vec::new();
        self.block(block, &mut body);
        self.unit.functions.push(Function {
            name: signature.ident.to_string(),
            receiver,
            role: if is_test { Role::Case } else { Role::Named },
            params,
            span: at,
            name_span: span(&signature.ident),
            body,
        });
    }
}

fn parameter(input: &syn::FnArg) -> Option<String> {
    match input {
        syn::FnArg::Typed(typed) => match typed.pat.as_ref() {
            syn::Pat::Ident(name) => Some(name.ident.to_string()),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    }
}

/// The place of a piece of syntax.
pub(crate) fn span(node: &impl Spanned) -> Span {
    let range = node.span().byte_range();
    Span::new(range.start, range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_what_stands_before_the_code() {
        for start in ["", "\u{feff}", "#!/usr/bin/env -S cargo -Zscript\n", "\u{feff}#!/bin/x\n", "#![allow(x)]\n"] {
            let text = format!("{start}fn größe() {{}}\nfn f() {{ g() }}\n");
            let unit = parse(&text).unwrap();
            assert_eq!(&text[unit.functions[1].name_span.range()], "f", "{start}");
        }
    }
}
