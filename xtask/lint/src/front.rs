//! Fronts: text in, language-neutral form out.
//! A front knows its grammar and nothing of deploys. It reads what parses, and says where something does not.

pub mod containerfile;
pub mod go;
pub mod rust;
pub mod shell;
pub mod yaml;

use tree_sitter::Node as Tree;

use crate::source::Span;

/// Where and why a file does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// Why, in the parser's words.
    pub message: String,
}

impl ParseError {
    /// The same of a text that `length` bytes stand before.
    pub(crate) fn behind(mut self, length: usize) -> Self {
        self.span = Span::new(self.span.start + length, self.span.end + length);
        self
    }
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
pub(crate) fn first_error(root: Tree) -> Option<ParseError> {
    if !root.has_error() {
        return None;
    }
    let mut node = root;
    loop {
        let mut cursor = node.walk();
        let inner = node.children(&mut cursor).find(|child| child.has_error() || child.is_missing());
        let Some(inner) = inner else { break };
        node = inner;
    }
    let what = if node.is_missing() { format!("{} is missing", node.kind()) } else { "unexpected text".to_owned() };
    // A long error begins with what was understood: the bracket or the word that nothing closes comes after that.
    let mut cursor = node.walk();
    let open = node.children(&mut cursor).find(|child| !child.is_named() && !matches!(child.kind().trim(), "" | ";"));
    let start = open.filter(|_| node.is_error()).map_or(node.start_byte(), |open| open.start_byte());
    Some(ParseError { span: Span::new(start, node.end_byte()), message: what })
}
