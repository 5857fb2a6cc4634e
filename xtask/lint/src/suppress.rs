//! `xtask-lint: allow(rule) -- reason` in comments. A suppression needs a reason and something to suppress.

use crate::finding::{Finding, Severity};
use crate::ir::{Comment, Unit};
use crate::rules;
use crate::source::{Source, Span};

/// The id of findings about suppressions themselves.
pub const RULE: &str = "suppression";
/// How bad they are.
pub const SEVERITY: Severity = Severity::Warning;
/// What they are about, in one line.
pub const SUMMARY: &str = "a suppression without a reason, of nothing, or of what is no rule";

const MARK: &str = "xtask-lint: allow(";

/// One suppression.
struct Allow {
    rules: Vec<String>,
    reason: bool,
    span: Span,
    /// The lines it covers.
    lines: (usize, usize),
    used: bool,
}

/// Takes away what is suppressed, and adds what is wrong with suppressions.
#[must_use]
pub fn apply(source: &Source, unit: &Unit, findings: Vec<Finding>) -> Vec<Finding> {
    if !source.text.contains(MARK) {
        return findings;
    }
    let mut allows: Vec<Allow> = unit.comments.iter().filter_map(|comment| read(source, unit, comment)).collect();
    let mut kept = Vec::new();
    for finding in findings {
        let line = source.line(finding.place.span.start);
        let by = allows.iter_mut().find(|allow| {
            allow.lines.0 <= line && line <= allow.lines.1 && allow.rules.iter().any(|rule| rule == finding.rule)
        });
        match by {
            Some(allow) => allow.used = true,
            None => kept.push(finding),
        }
    }
    // What one is for may be in the part that is not read.
    for allow in allows.iter().filter(|allow| allow.used || unit.unread.is_none()) {
        kept.extend(wrong(source, allow));
    }
    kept
}

fn read(source: &Source, unit: &Unit, comment: &Comment) -> Option<Allow> {
    let rest = comment.text.trim_start().strip_prefix(MARK)?;
    let (ids, after) = rest.split_once(')')?;
    let reason = after.trim_start().strip_prefix("--").is_some_and(|reason| reason.trim().len() > 2);
    let (own, end) = (source.line(comment.span.start), source.line(comment.span.end));
    let before = source.slice(Span::new(source.line_span(own).start, comment.span.start));
    let behind = source.slice(Span::new(comment.span.end, source.line_span(end).end));
    let mut next = end;
    if before.trim().is_empty() && behind.trim().is_empty() {
        next += 1;
        while next < source.line_count() && is_blank(source.slice(source.line_span(next))) {
            next += 1;
        }
    }
    // A function begins with its attributes and what is said of it; the comment may stand above or between them.
    let whole = unit.functions.iter().find(|function| {
        let head = source.line(function.span.start)..=source.line(function.name_span.start);
        !function.name.is_empty() && head.contains(&next)
    });
    let last = whole.map_or(next, |function| source.line(function.span.end));
    let rules = ids.split(',').map(|id| id.trim().to_owned()).collect();
    Some(Allow { rules, reason, span: comment.span, lines: (own, last), used: false })
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("//") || line.starts_with('#')
}

fn wrong(source: &Source, allow: &Allow) -> Option<Finding> {
    let ids = allow.rules.join(", ");
    let unknown = allow.rules.iter().find(|id| rules::find(id).is_none());
    let (message, help) = if let Some(id) = unknown {
        (format!("`{id}` is no rule"), "`xtask-lint --list` names them".to_owned())
    } else if !allow.reason {
        (format!("this allows {ids} without a reason"), "write why: `xtask-lint: allow(rule) -- reason`".to_owned())
    } else if !allow.used {
        (format!("this allows {ids}, but nothing of it is found here"), "remove it".to_owned())
    } else {
        return None;
    };
    Some(Finding::new(RULE, SEVERITY, &source.path, source.first_line(allow.span), message, help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front;
    use crate::source::Language;

    fn run(text: &str, line: usize) -> Vec<String> {
        let source = Source::new("a.sh", text.to_owned(), Language::Shell);
        let unit = front::shell::parse(text).unwrap();
        let span = source.line_span(line);
        let finding = Finding::new("sleep-as-readiness", Severity::Warning, "a.sh", span, "m".into(), "h".into());
        apply(&source, &unit, vec![finding])
            .into_iter()
            .map(|finding| format!("{}: {}", finding.rule, finding.message))
            .collect()
    }

    #[test]
    fn a_reason_is_needed_and_enough() {
        assert_eq!(
            run("# xtask-lint: allow(sleep-as-readiness) -- the device has no probe\nsleep 5\n", 2),
            Vec::<String>::new()
        );
        assert_eq!(
            run("sleep 5 # xtask-lint: allow(sleep-as-readiness) -- the device has no probe\n", 1),
            Vec::<String>::new()
        );
        let without = run("# xtask-lint: allow(sleep-as-readiness)\nsleep 5\n", 2);
        assert_eq!(without, ["suppression: this allows sleep-as-readiness without a reason"]);
    }

    #[test]
    fn what_suppresses_nothing_is_found() {
        let found = run("# xtask-lint: allow(sequential-deploy) -- old\nsleep 5\n", 2);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].contains("nothing of it is found"));
        let unknown = run("# xtask-lint: allow(nonsense) -- old\nsleep 5\n", 2);
        assert!(unknown[1].contains("is no rule"));
    }

    #[test]
    fn in_rust_it_covers_a_function_with_all_that_stands_above_it() {
        let allow = "// xtask-lint: allow(sleep-as-readiness) -- measured";
        let block = "/* xtask-lint: allow(sleep-as-readiness)\n   -- measured */";
        for head in [
            format!("{allow}\n#[tokio::test]\nasync "),
            format!("#[tokio::test]\n{allow}\nasync "),
            format!("{allow}\n/// What it is for.\n#[instrument]\n"),
            format!("/// What it is for.\n#[instrument(\n    skip(x)\n)]\n{allow}\n"),
            format!("{block}\n#[tokio::test]\nasync "),
            format!("{block}\n\n"),
        ] {
            let text = format!("{head}fn up() {{\n    apply();\n    sleep(x);\n}}\n");
            let source = Source::new("a.rs", text.clone(), Language::Rust);
            let unit = front::rust::parse(&text).unwrap();
            let at = text.find("sleep(").unwrap();
            let finding =
                |id| Finding::new(id, Severity::Warning, "a.rs", Span::new(at, at + 5), String::new(), String::new());
            assert_eq!(apply(&source, &unit, vec![finding("sleep-as-readiness")]), Vec::new(), "{text}");
            assert_eq!(apply(&source, &unit, vec![finding("missing-edge")]).len(), 2, "{text}");
        }
    }

    #[test]
    fn above_a_function_it_covers_the_function() {
        let text =
            "# xtask-lint: allow(sleep-as-readiness) -- measured\nup() {\n  kubectl apply -f a.yaml\n  sleep 5\n}\n";
        assert_eq!(run(text, 4), Vec::<String>::new());
    }
}
