//! What the grammar does not know of bash: it is shown plain text of the same length instead, so that places stay what
//! they are. A paragraph that it cannot read even then is left out.

use tree_sitter::{Node as Tree, Parser, Tree as Parsed};

use crate::front::{ParseError, first_error};
use crate::ir::Unread;
use crate::source::Span;

/// Parses a script as far as that goes.
pub(super) fn parse(text: &str) -> Result<(Parsed, Option<Unread>), ParseError> {
    let mut parser = Parser::new();
    let broken = |message: &str| ParseError { span: Span::default(), message: message.to_owned() };
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).map_err(|error| broken(&error.to_string()))?;
    let mut parse = |text: &str| parser.parse(text, None).ok_or_else(|| broken("the parser gave up"));
    let soft = soften(text);
    let tree = parse(&soft)?;
    let Some(error) = first_error(tree.root_node()).filter(|_| serious(tree.root_node(), text.len())) else {
        return Ok((tree, None));
    };
    let mut rest = soft.into_bytes();
    let mut lost: Vec<Span> = Vec::new();
    let mut first = None;
    for paragraph in paragraphs(text) {
        let part = text.get(paragraph.range()).unwrap_or_default();
        let alone = parse(&soften(part))?;
        if serious(alone.root_node(), part.len()) {
            first = first.or_else(|| first_error(alone.root_node()).map(|error| error.behind(paragraph.start)));
            rest[paragraph.range()].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            lost.push(paragraph);
        }
    }
    let length: usize = lost.iter().map(|span| span.end - span.start).sum();
    let tree = parse(&String::from_utf8_lossy(&rest))?;
    let whole = !serious(tree.root_node(), text.len());
    if length == 0 || length * 2 > text.len() || !whole {
        return Err(error);
    }
    Ok((tree, Some(Unread { error: first.unwrap_or(error), broken: length * 4 > text.len() })))
}

/// The script cut where a line begins at the margin behind a blank line or the end of a function.
fn paragraphs(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let (mut start, mut at, mut ended) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        let margin = line.starts_with(|char: char| !char.is_whitespace() && !matches!(char, '}' | ')' | '|' | '&'));
        let goes_on =
            ["then", "else", "elif", "fi", "do", "done", "esac", ";;"].iter().any(|word| line.trim_end() == *word);
        if ended && margin && !goes_on {
            found.push(Span::new(start, at));
            start = at;
        }
        ended = line.trim().is_empty() || line.starts_with('}');
        at += line.len();
    }
    found.push(Span::new(start, at));
    found
}

/// The grammar stumbles over `${!name}`, `${name//"/x}`, `${name:+<(...)}`, `${@:$#}`, `${name:$at:1}`, and comments in
/// backquotes.
fn soften(text: &str) -> String {
    let mut bytes = text.replace("${!", "${_").into_bytes();
    let mut at = 0;
    while let Some(found) = find(&bytes, at, *b"${") {
        let Some((name, end)) = expansion(&bytes, found + 2) else { break };
        let operand = &bytes[name..end];
        let plain = !operand.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'('));
        let hard = operand.windows(2).any(|pair| matches!(pair, b"<(" | b">(" | b"//" | b"\\\""))
            || plain && operand.iter().any(|byte| matches!(byte, b'<' | b'>' | b';' | b'|' | b'&'))
            || plain && matches!(operand, [b':', next, ..] if !matches!(next, b'-' | b'=' | b'+' | b'?'));
        if operand.len() >= 2 && operand[0] == b'@' {
            bytes[name..end].fill(b'x');
        } else if hard && operand.len() >= 2 {
            bytes[name..end].fill(b'x');
            bytes[name..name + 2].copy_from_slice(b":-");
        }
        at = end.max(found + 2);
    }
    at = 0;
    while let Some(start) = find(&bytes, at, *b"`#") {
        let rest = &bytes[start + 2..];
        let end = rest.iter().position(|byte| matches!(byte, b'`' | b'\n')).filter(|end| rest[*end] == b'`');
        at = start + 2;
        if let Some(end) = end {
            at += end + 1;
            // A line of its own goes with its continuation.
            let own = bytes[..start].iter().rev().take_while(|byte| **byte != b'\n').all(u8::is_ascii_whitespace);
            let more = bytes[at..].starts_with(b" \\\n") && own;
            at += if more { 3 } else { 0 };
            bytes[start..at].fill(b' ');
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn find(bytes: &[u8], from: usize, what: [u8; 2]) -> Option<usize> {
    bytes.get(from..)?.windows(2).position(|pair| pair == what).map(|at| from + at)
}

/// The end of an expansion's name and its closing brace, on one line.
fn expansion(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let name = from + bytes.get(from..)?.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')?;
    let mut depth = 1;
    for (at, byte) in bytes.iter().enumerate().skip(name) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'\n' => return Some((name, name)),
            _ => {}
        }
        if depth == 0 {
            return Some((name, at));
        }
    }
    None
}

/// The grammar does not know every corner of bash: a small hole in a long script is stepped over, a broken script is
/// not. Unclosed blocks swallow the rest, so what is lost tells them apart.
fn serious(root: Tree, length: usize) -> bool {
    if root.is_error() {
        return true;
    }
    let mut lost = 0;
    let mut missing = false;
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let inner = node.parent().is_some_and(|parent| parent.kind() == "expansion");
        missing |=
            node.is_missing() && !inner && matches!(node.kind(), "fi" | "done" | "esac" | "}" | ")" | "then" | "do");
        if node.is_error() {
            lost += node.end_byte() - node.start_byte();
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return missing || lost * 4 > length;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bash_that_the_grammar_does_not_know_is_read() {
        for line in [
            "last=\"${@:$#}\"",
            "HARD=${HARD:-memory.available<250Mi}",
            "while option=\"${arg:$at:1}\"; do echo; done",
            "codes=\"${codes:+$codes;}$code\"",
            "ldd a \\\n  `# one` \\\n  | sort \\\n  `# two` \\\n  `# three` \\\n  | tail",
            "ls 'a'  `# one` \\\n  'b' `# two` \\\n  c",
        ] {
            let text = format!("#!/bin/bash\nf() {{\n  {line}\n}}\nkubectl apply -f a.yaml\n");
            let (tree, unread) = parse(&text).unwrap();
            assert!(unread.is_none() && !tree.root_node().has_error(), "{line}: {}", tree.root_node().to_sexp());
        }
    }

    #[test]
    fn a_paragraph_that_cannot_be_read_is_left_out() {
        let good = "\nkubectl apply -f a.yaml\n".repeat(20);
        let text = format!("#!/bin/sh\n{good}\ncase \"$x\" in\n?*' '?*)\n  ;;\n*)\n  exit 2 ;;\nesac\n{good}");
        let unread = parse(&text).unwrap().1.unwrap();
        assert!(!unread.broken);
        let place = &text[unread.error.span.start..];
        assert!(place.starts_with("case"), "{place}");
        let unread = parse("if true; then\n  echo\n\nkubectl apply -f a.yaml\n").unwrap().1.unwrap();
        assert!(unread.broken);
        assert_eq!(unread.error.message, "fi is missing");
    }
}
