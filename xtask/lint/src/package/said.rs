//! What people write and print around a step: comments, and the lines that tell what comes next.
//! It must not judge; it only reads the lines.

use super::Parsed;
use crate::classify::Subject;
use crate::classify::subject::split;
use crate::config::Config;
use crate::ir::Comment;
use crate::source::Span;

/// How far above a statement its comments and messages are looked for, in lines.
const LINES_ABOVE: usize = 4;

impl Parsed {
    /// The comments and printed lines right above a statement, the nearest first, and the comment on its line.
    pub fn words_above(&self, span: Span) -> impl Iterator<Item = &str> {
        let source = &self.source;
        let own = source.line(span.start);
        let above = (1..own).rev().map(|line| source.line_span(line)).take(LINES_ABOVE).take_while(|line| {
            let text = source.slice(*line).trim();
            // What a condition guards is spoken of above it.
            let guards = text.starts_with("if ") && (text.ends_with('{') || text.ends_with("then"));
            text.is_empty() || guards || says_only(text) || self.comment_in(*line).is_some()
        });
        let beside = self.comment_in(source.line_span(own)).filter(|comment| source.line(comment.span.start) == own);
        above.map(|line| source.slice(line)).chain(beside.map(|comment| comment.text.as_str()))
    }

    /// The comment in a line, or that the line is in. Comments are in order.
    #[must_use]
    pub fn comment_in(&self, line: Span) -> Option<&Comment> {
        let comments = &self.unit.comments;
        let at = comments.partition_point(|comment| comment.span.end <= line.start);
        comments.get(at).filter(|comment| line.contains(comment.span) || comment.span.contains(line))
    }

    /// What a statement has to come before, by the comment above it: "the database before the portal asks for it".
    #[must_use]
    pub fn before(&self, span: Span) -> Option<String> {
        let order =
            |line: &str| line.to_lowercase().split_once(" before ").map(|(_, after)| after.chars().take(60).collect());
        self.words_above(span).find_map(order)
    }

    /// What is deployed, where only the line above says it: `echo "Deploying the portal"`.
    #[must_use]
    pub fn announced(&self, span: Span, config: &Config) -> Subject {
        self.words_above(span)
            .find_map(|line| {
                let words = split(line);
                let verb = words.iter().position(|word| ANNOUNCES.contains(&word.as_str()))?;
                let ends = |word: &String| ENDS.contains(&word.as_str());
                let end = words[verb + 1..].iter().position(ends).map_or(words.len(), |at| verb + 1 + at);
                let what = &words[verb + 1..end];
                (what.len() <= MOST_WORDS).then(|| Subject::of_words(what, config)).filter(|what| !what.is_unknown())
            })
            .unwrap_or_default()
    }
}

/// Longer messages tell a story, and name more than one thing.
const MOST_WORDS: usize = 5;

const ANNOUNCES: &[&str] = &["deploy", "deploying", "install", "installing", "setup", "creating", "starting"];

/// Words behind which a message tells where, how and why.
const ENDS: &[&str] = &[
    "to", "in", "into", "on", "with", "for", "from", "via", "using", "by", "and", "then", "so", "that", "which", "as",
    "if", "version", "n",
];

/// Lines that only print do not part a comment from the step that it is about.
#[must_use]
pub fn says_only(line: &str) -> bool {
    !line.contains(" | ") && SAYS.iter().any(|start| line.starts_with(start))
}

const SAYS: &[&str] = &[
    "fmt.",
    "_, _ = fmt.",
    "log.",
    "t.Log",
    "By(",
    "echo",
    "printf ",
    "print",
    "_, _ = w.Write",
    "GinkgoWriter",
    "log_",
    "log ",
    "logger.",
    "klog.",
    "println!",
    "eprintln!",
    "tracing::",
    "info ",
];
