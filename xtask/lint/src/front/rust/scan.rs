//! What is seen of Rust without a grammar: comments, and how deeply code is nested at most.
//! The parser calls itself for every bracket, prefix and operator, so this has to be known before it is asked.

use crate::ir::Comment;
use crate::source::Span;

/// Words that begin something inside the expression, type or pattern that they stand in.
const PREFIXES: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "do", "dyn", "else", "fn", "for", "if", "impl", "in", "let",
    "loop", "match", "move", "mut", "ref", "return", "static", "try", "unsafe", "while", "yield",
];

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) comments: Vec<Comment>,
    /// How deep, at most.
    pub(super) depth: usize,
    /// Where it is that deep.
    pub(super) deepest: usize,
}

/// Looks through a file.
pub(super) fn scan(text: &str) -> Seen {
    let mut scan = Scan { text: text.as_bytes(), at: 0, seen: Seen::default(), levels: vec![Level::default()], sum: 0 };
    while let Some(byte) = scan.peek(0) {
        scan.token(text, byte);
    }
    scan.seen
}

/// How many things are open between two brackets.
#[derive(Default, Clone, Copy)]
struct Level {
    /// A comma ends them.
    steps: usize,
    /// A comma does not: type arguments, a closure's parameters.
    lists: usize,
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    seen: Seen,
    levels: Vec<Level>,
    sum: usize,
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn token(&mut self, text: &str, byte: u8) {
        match byte {
            b'/' if self.peek(1) == Some(b'/') => {
                let end = text[self.at..].find('\n').map_or(text.len(), |length| self.at + length);
                self.comment(text, end);
            }
            b'/' if self.peek(1) == Some(b'*') => {
                let end = self.block_end();
                self.comment(text, end);
            }
            b'"' => self.quoted(b'"'),
            b'\'' => self.quote(),
            b'(' | b'[' | b'{' => self.open(),
            b')' | b']' | b'}' => self.close(byte),
            _ if word(byte) => self.word(text),
            _ => self.sign(byte),
        }
    }

    fn comment(&mut self, text: &str, end: usize) {
        let span = Span::new(self.at, end);
        let body = text.get(span.range()).unwrap_or_default();
        let body = body.trim_start_matches(['/', '*', '!']).trim_end_matches("*/").trim();
        self.seen.comments.push(Comment { span, text: body.to_owned() });
        self.at = end;
    }

    /// Comments of this form may hold each other.
    fn block_end(&self) -> usize {
        let mut depth = 0_usize;
        let mut at = self.at;
        while let Some(pair) = self.text.get(at..at + 2) {
            match pair {
                b"/*" => depth += 1,
                b"*/" => depth -= 1,
                _ => {
                    at += 1;
                    continue;
                }
            }
            at += 2;
            if depth == 0 {
                return at;
            }
        }
        self.text.len()
    }

    fn quoted(&mut self, mark: u8) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == mark {
                return;
            }
        }
        self.at = self.text.len();
    }

    /// A character, or a lifetime.
    fn quote(&mut self) {
        let rest = &self.text[self.at + 1..];
        // A character may be four bytes long.
        let close = rest.iter().take(5).position(|byte| *byte == b'\'');
        match rest.first() {
            Some(b'\\') => self.quoted(b'\''),
            Some(first) if close == Some(1) || (*first >= 0x80 && close.is_some()) => {
                self.at += 2 + close.unwrap_or_default();
            }
            _ => self.at += 1,
        }
    }

    fn word(&mut self, text: &str) {
        let start = self.at;
        while self.peek(0).is_some_and(word) {
            self.at += 1;
        }
        let name = text.get(start..self.at).unwrap_or_default();
        if matches!(name, "r" | "br" | "cr") {
            let marks = self.text[self.at..].iter().take_while(|byte| **byte == b'#').count();
            if self.peek(marks) == Some(b'"') {
                let end = format!("\"{}", "#".repeat(marks));
                let from = self.at + marks + 1;
                self.at = text[from..].find(&end).map_or(text.len(), |length| from + length + end.len());
            }
        } else if PREFIXES.contains(&name) {
            self.step();
        }
    }

    fn sign(&mut self, byte: u8) {
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied().unwrap_or(b' ');
        match byte {
            b',' => self.end(Level { steps: 0, ..self.level() }),
            b';' => self.end(Level::default()),
            // The arm of a `match` begins anew.
            b'>' if before == b'=' => self.end(Level::default()),
            b'<' | b'|' => {
                let level = self.level();
                self.end(Level { lists: level.lists + 1, ..level });
            }
            // The second half of an operator.
            b'=' if matches!(before, b'=' | b'!' | b'<' | b'>' | b'.' | b'+' | b'-' | b'*' | b'/' | b'&' | b'|') => {}
            b'.' if before == b'.' => {}
            b':' | b'#' | b'$' | b'@' | b'\\' | b'~' => {}
            _ if byte.is_ascii_punctuation() => self.step(),
            _ => {}
        }
        self.at += 1;
    }

    fn level(&self) -> Level {
        self.levels.last().copied().unwrap_or_default()
    }

    fn step(&mut self) {
        let level = self.level();
        self.end(Level { steps: level.steps + 1, ..level });
    }

    /// Goes on with another count at this level.
    fn end(&mut self, next: Level) {
        if let Some(level) = self.levels.last_mut() {
            self.sum = self.sum + next.steps + next.lists - level.steps - level.lists;
            *level = next;
        }
        self.note();
    }

    fn note(&mut self) {
        let depth = self.sum + self.levels.len() - 1;
        if depth > self.seen.depth {
            self.seen.depth = depth;
            self.seen.deepest = self.at;
        }
    }

    fn open(&mut self) {
        self.levels.push(Level::default());
        self.at += 1;
        self.note();
    }

    fn close(&mut self, byte: u8) {
        self.end(Level::default());
        if self.levels.len() > 1 {
            self.levels.pop();
        }
        self.at += 1;
        if byte == b'}' && self.statement_follows() {
            self.end(Level::default());
        }
    }

    /// Whether what comes behind a block is something new: no operator, no `else`, no method.
    fn statement_follows(&self) -> bool {
        let rest = &self.text[self.at..];
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &rest[blank..];
        match rest.first() {
            Some(first) if word(*first) => !rest.starts_with(b"else") && !rest.starts_with(b"as "),
            Some(first) => matches!(first, b'}' | b'#' | b'\'' | b'"') || rest.starts_with(b"//"),
            None => true,
        }
    }
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_those_of_code() {
        let text =
            "/// a\nfn f() { /* b /* c */ */ g(\"// no\", r#\"/* \" no\"#, 'x', '\\'', '\"', '/'); } // d\n//! e";
        let found: Vec<_> = scan(text).comments.into_iter().map(|comment| comment.text).collect();
        assert_eq!(found, ["a", "b /* c */", "d", "e"]);
        let cut = scan("fn f() { /* a");
        assert_eq!(cut.comments[0].text, "a");
    }

    #[test]
    fn depth_is_that_of_code() {
        let lines = "const A: &str = \"\\x1b[1m(({{\";\n// ((((\n".repeat(100);
        assert!(scan(&lines).depth < 5);
        let arms = "        x if x < 3 => { a.b().c(d)?; }\n".repeat(500);
        assert!(scan(&format!("fn f() {{ match x {{\n{arms}}} }}")).depth < 20);
        let lifetimes = "fn f<'a>(x: &'a str, y: &'a [(u8, char)]) -> &'a str { g('(', '{', x) }\n".repeat(500);
        assert!(scan(&lifetimes).depth < 20);
        for nested in ["return ", "!", "Vec<", "A<B, ", "|a, b| ", "((", "if a {} else ", "a = ", "a + {1} + ", "&'a "]
        {
            assert!(scan(&nested.repeat(500)).depth >= 500, "{nested}");
        }
    }
}
