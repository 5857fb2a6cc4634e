//! Small signs in calls and names: what is a signal, what leaves the function, what a call is given.

use super::{Item, Sequence, What};
use crate::ir::{Call, Exit, ExitKind, Value};
use crate::source::Span;

/// What a call is given, as text.
pub(super) fn words(call: &Call) -> Vec<String> {
    if let Some(argv) = crate::classify::command::argv(call) {
        return argv;
    }
    let mut words = Vec::new();
    for value in call.chain.iter().chain(&call.args) {
        spell(value, &mut words);
    }
    words
}

pub(super) fn spell(value: &Value, words: &mut Vec<String>) {
    match &value.text {
        Some(text) => words.push(text.clone()),
        None if value.items.is_empty() => words.push(format!("${{{}}}", value.reads.join(","))),
        None => value.items.iter().for_each(|item| spell(item, words)),
    }
}

/// The counter in `for i := 0; i < len(x); i++`.
pub(super) fn counter(head: &str) -> String {
    head.trim_start_matches("for")
        .trim_start()
        .chars()
        .take_while(|char| char.is_alphanumeric() || *char == '_')
        .collect()
}

pub(super) fn is_signal(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["ch", "chan", "done", "wg", "errs", "results", "group", "errch", "donech", "sem"]
        .iter()
        .any(|word| lower == *word || lower.ends_with(word) || lower.ends_with(&format!("{word}an")))
}

/// The function is left because the result that was just taken is an error.
pub(super) fn mark_left(at: Span, out: &mut Sequence) {
    if let Some(Item { what: What::Join(joined), .. }) = out.items.last_mut() {
        joined.leaves = Some(at);
    }
}

pub(super) fn leave(exit: &Exit, out: &mut Sequence) {
    let goes = matches!(exit.kind, ExitKind::Return);
    if let Some(Item { what: What::Join(joined), .. }) = out.items.last_mut()
        && goes
        && joined.assigned.iter().any(|name| exit.reads.contains(name))
    {
        joined.leaves = Some(exit.span);
    }
}

/// `Expect(err).NotTo(HaveOccurred())` and `require.NoError(t, err)` leave the test at the first error.
pub(super) fn asserts(call: &Call, out: &mut Sequence) {
    let asserting =
        matches!(call.path.first().map(String::as_str), Some("Expect" | "require" | "ExpectWithOffset" | "Ω"));
    if !asserting {
        return;
    }
    let reads = |name: &String| {
        call.chain
            .iter()
            .chain(&call.args)
            .any(|value| value.reads.iter().any(|read| read == name || read.starts_with(&format!("{name}."))))
    };
    if let Some(Item { what: What::Join(joined), .. }) = out.items.last_mut()
        && (joined.assigned.iter().any(reads) || joined.on.as_ref().is_some_and(reads))
    {
        joined.leaves = Some(call.span);
    }
}
