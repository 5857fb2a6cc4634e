//! The Rust front: functions and test cases to the language-neutral form, by syn.
//! It must not judge what a call means; that `Command::new` starts a program is the one thing it knows.

mod expr;

use syn::spanned::Spanned;
use syn::{Attribute, File, ImplItem, Item, Signature};

use crate::front::ParseError;
use crate::front::yaml::comments_of;
use crate::ir::{Block, Function, Role, Unit};
use crate::source::Span;

/// Lowers one file.
pub(crate) struct Lower {
    pub(crate) unit: Unit,
    pub(crate) depth: usize,
}

/// Lowers a Rust file.
pub fn parse(text: &str) -> Result<Unit, ParseError> {
    let file: File = syn::parse_file(text).map_err(|error| {
        let at = error.span().byte_range();
        ParseError { span: Span::new(at.start, at.end), message: error.to_string() }
    })?;
    let mut lower = Lower { unit: Unit::default(), depth: 0 };
    lower.items(&file.items);
    lower.unit.comments = comments_of(text, "//");
    Ok(lower.unit)
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
