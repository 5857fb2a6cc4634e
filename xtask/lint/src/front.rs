//! Fronts: text in, language-neutral form out.
//! A front knows its grammar and nothing of deploys; it never fails half-way: either the file parses or it says where not.

pub mod go;
pub mod rust;
pub mod shell;
pub mod yaml;

use crate::source::Span;

/// Where and why a file does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// Why, in the parser's words.
    pub message: String,
}

/// Nesting deeper than this is nobody's code; it is cut off rather than followed.
pub(crate) const MAX_DEPTH: usize = 150;

/// Adds what `more` reads, keeping order and naming each once.
pub(crate) fn merge(reads: &mut Vec<String>, more: &[String]) {
    for name in more {
        if !reads.contains(name) {
            reads.push(name.clone());
        }
    }
}

/// The first place where tree-sitter had to give up.
pub(crate) fn first_error(root: tree_sitter::Node) -> Option<ParseError> {
    if !root.has_error() {
        return None;
    }
    let mut node = root;
    loop {
        let mut cursor = node.walk();
        let inner = node.children(&mut cursor).find(|child| child.has_error() || child.is_missing());
        match inner {
            Some(inner) if !node.is_error() => node = inner,
            _ => break,
        }
    }
    let what = if node.is_missing() { format!("{} is missing", node.kind()) } else { "unexpected text".to_owned() };
    Some(ParseError { span: Span::new(node.start_byte(), node.end_byte()), message: what })
}
