//! Programs that Rust runs: `Command`, in one expression or over several statements, and `cmd!` of xshell and duct.

use super::value::put;
use crate::ir::{Block, Call, Launch, Node, Spawn, Value};
use crate::source::Span;

/// What is said of a command besides its words, and how it is run to its end.
const ASIDE: &[&str] = &[
    "status",
    "output",
    "run",
    "read",
    "current_dir",
    "dir",
    "env",
    "env_remove",
    "env_clear",
    "stdin",
    "stdout",
    "stderr",
    "stdin_null",
    "stdout_null",
    "stderr_null",
    "stderr_to_stdout",
    "stdout_capture",
    "stderr_capture",
    "kill_on_drop",
    "quiet",
    "ignore_status",
    "unchecked",
];

/// Takes a method of a command: one that is put out since `before`, or one that has the name `on`.
pub(super) fn of_command(
    method: &str,
    on: Option<&str>,
    args: &[Value],
    before: usize,
    at: Span,
    out: &mut Block,
) -> bool {
    let Some(index) = position(on, before, out) else { return false };
    match method {
        "arg" | "args" => {
            if let Some(Node::Call(call)) = out.get_mut(index) {
                extend(call, args);
            }
        }
        "spawn" | "start" if args.is_empty() => {
            let body = vec![out.remove(index)];
            let handle = on.filter(|_| index < before).map(str::to_owned);
            out.push(Node::Spawn(Box::new(Spawn { launch: Launch::Process, handle, body, span: at })));
        }
        _ if ASIDE.contains(&method) => {
            if let Some(Node::Call(call)) = out.get_mut(index).filter(|_| method == "env") {
                call.env.extend(args.first().and_then(Value::literal).map(str::to_owned));
            }
        }
        _ => return false,
    }
    true
}

fn position(on: Option<&str>, before: usize, out: &Block) -> Option<usize> {
    out.iter().enumerate().rev().find_map(|(index, node)| match node {
        Node::Call(call) if call.argv.is_some() => {
            let named = on.is_some_and(|on| call.assigned.iter().any(|name| name == on));
            (index >= before || named).then_some(index)
        }
        _ => None,
    })
}

fn extend(call: &mut Call, args: &[Value]) {
    let word = |value: &Value| value.text.clone().unwrap_or_else(|| "${}".to_owned());
    for arg in args {
        if arg.items.is_empty() {
            call.argv_open |= arg.text.is_none();
            call.argv.get_or_insert_default().push(word(arg));
        } else {
            call.argv.get_or_insert_default().extend(arg.items.iter().map(word));
        }
    }
    call.args.extend(args.iter().cloned());
}

/// `cmd!(sh, "helm install redis {chart}")` and `cmd!("helm", "install", "redis", chart)`.
pub(super) fn macro_command(mut words: Vec<Value>, at: Span, out: &mut Block) -> Value {
    let line = match words.as_slice() {
        [shell, line] if shell.literal().is_none() => line.text.clone(),
        [line] => line.text.clone(),
        _ => None,
    };
    let mut open = false;
    if let Some(line) = line {
        words = split(&line, at);
        open = words.iter().any(|word| word.text.is_none());
    }
    let mut call =
        Call { path: vec!["cmd".to_owned()], argv: Some(Vec::new()), argv_open: open, span: at, ..Call::default() };
    extend(&mut call, &words);
    put(call, out)
}

/// Words between blanks, quotes taken off; what is in braces is a variable.
fn split(line: &str, at: Span) -> Vec<Value> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for char in line.chars() {
        match (char, quote) {
            (_, Some(mark)) if char == mark => quote = None,
            ('"' | '\'', None) => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (_, None) if char.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words.into_iter().map(|word| variable(&word, at)).collect()
}

fn variable(word: &str, at: Span) -> Value {
    let mut value = Value { span: at, ..Value::default() };
    let mut rest = word;
    while let Some((_, name)) = rest.split_once('{') {
        let (name, behind) = name.split_once('}').unwrap_or((name, ""));
        value.reads.push(name.trim_end_matches('.').to_owned());
        rest = behind;
    }
    // `{args...}` is as many words as there are.
    value.text = (!word.contains("...}")).then(|| word.replace('{', "${"));
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_its_macro_does() {
        let words = split("helm install {name} --set 'a=b c' {flags...} x={y}-\"z\"", Span::default());
        let text: Vec<_> = words.iter().map(|word| word.text.as_deref().unwrap_or("?")).collect();
        assert_eq!(text, ["helm", "install", "${name}", "--set", "a=b c", "?", "x=${y}-z"]);
        assert_eq!(words[2].reads, ["name"]);
    }
}
