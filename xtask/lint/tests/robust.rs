//! Whatever the text: an answer, never a panic. Random bytes, and fixtures cut and glued anywhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;
use xtask_lint::analysis::analyse;
use xtask_lint::cli::Format;
use xtask_lint::config::Config;
use xtask_lint::output::{self, Outcome};
use xtask_lint::root::Root;
use xtask_lint::settings::Settings;
use xtask_lint::source::{Language, Source};
use xtask_lint::{files, fix};

const LANGUAGES: [Language; 5] =
    [Language::Go, Language::Shell, Language::Rust, Language::Yaml, Language::Containerfile];

fn judge(text: &str) {
    for language in LANGUAGES {
        judge_as(text, language);
    }
}

fn judge_as(text: &str, language: Language) {
    let report = analyse(vec![Source::new("e2e/x", text.to_owned(), language)], &Config::default());
    for finding in &report.findings {
        let source = &report.files[0].source;
        // Every place can be shown.
        let (start, end) = (source.position(finding.place.span.start), source.position(finding.place.span.end));
        assert!(start <= end, "{finding:?}");
    }
    let sources: HashMap<_, _> = report.files.iter().map(|file| (file.source.path.as_str(), &file.source)).collect();
    // What a fix writes can be read, too.
    for (_, text) in fix::apply(&report.findings, &sources) {
        _ = analyse(vec![Source::new("e2e/x", text, language)], &Config::default());
    }
    let (findings, skipped) = (&report.findings, &report.skipped);
    let outcome = Outcome { findings, skipped, sources, files: report.files.len() };
    for format in [Format::Plain, Format::Github, Format::Json, Format::Sarif] {
        let shown = output::render(&outcome, format);
        assert!(findings.is_empty() || !shown.is_empty());
    }
}

/// The text of every fixture and every labelled file.
fn corpus() -> &'static [String] {
    static CORPUS: OnceLock<Vec<String>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        let read = files::read(&files::find(&[root], &Root::Nowhere, &mut Settings::one(Config::default())).unwrap());
        read.sources.into_iter().map(|source| source.text).collect()
    })
}

fn cut(text: &str, at: usize) -> &str {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "(\\PC|\n|\t){0,400}") {
        judge(&text);
    }

    #[test]
    fn any_bytes_are_read_or_skipped(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let named = ["x.go", "x.sh", "x.rs", "x.yaml", "Dockerfile", "script"];
        for name in named {
            if let Some(Ok(source)) = files::from_bytes(name, name, bytes.clone()) {
                judge(&source.text);
            }
        }
    }

    #[test]
    fn cut_and_glued_code_is_answered(one in 0usize..1000, two in 0usize..1000, at in 0usize..6000, from in 0usize..6000) {
        let corpus = corpus();
        let (first, second) = (&corpus[one % corpus.len()], &corpus[two % corpus.len()]);
        let mut text = cut(first, at % (first.len() + 1)).to_owned();
        judge(&text);
        let skipped = cut(second, from % (second.len() + 1)).len();
        text.push_str(&second[skipped..]);
        judge(&text);
    }
}

#[test]
fn deep_nesting_is_answered() {
    let brackets =
        ["(", "{", "[", "if a { ", "$(", "func() {", "[[", "a: [", "a: {b: ", "\"$(", "if a; then ", "case a in b) "];
    let prefixes = [
        "return ",
        "!",
        "-",
        "&",
        "*",
        "Vec<",
        "Vec::<",
        "A<B, ",
        "|a| ",
        "|a, b| ",
        "move || ",
        "a = ",
        "a + ",
        "a + {1} + ",
        "a.b()",
        "a?",
        ".await",
        "a as ",
        "&'a mut ",
        "fn() -> ",
        "else if a {} ",
        "if a {} else ",
        "match a { _ => ",
        "..",
        "loop { ",
        "break 'a ",
        "let a = ",
        "dyn Fn(",
        "impl Fn() -> ",
        "#[a]",
        "a::b",
        "x!(",
        "- ",
        "? ",
        "&a ",
        "! ",
        "${a:-",
        "while ",
        "func() ",
        "chan ",
        "*[]",
        "a, ",
        "a | ",
        "<<A ",
    ];
    for open in brackets.iter().chain(&prefixes) {
        for times in [60, 900, 20_000] {
            for (before, after) in [("", ""), ("fn main() { x(", ") }"), ("type A = ", ";")] {
                judge_as(&format!("{before}{}{after}", open.repeat(times)), Language::Rust);
            }
        }
        judge_as(&format!("package p\nfunc f() {{ x = {}1 }}\n", open.repeat(900)), Language::Go);
        judge_as(&format!("{}\n", open.repeat(900)), Language::Shell);
        judge_as(&format!("a: {}\n", open.repeat(900)), Language::Yaml);
    }
    let closed = [
        ("(", ")"),
        ("{ ", "}"),
        ("[", "]"),
        ("if a { ", "}"),
        ("$(", ")"),
        ("func() {", "}()"),
        ("if a; then\n", "\nfi\n"),
        ("while a; do\n", "\ndone\n"),
        ("case a in b)\n", ";;\nesac\n"),
        ("{ a;\n", "}\n"),
        ("! ", ""),
        ("\"$(a ", ")\""),
    ];
    for (open, close) in closed {
        judge(&format!("fn main() {{ {}{} }}", open.repeat(900), close.repeat(900)));
        judge_as(&format!("{}echo{}", open.repeat(3000), close.repeat(3000)), Language::Shell);
        let go = format!("package p\nfunc f() {{ x = {}1{} }}\n", open.repeat(3000), close.repeat(3000));
        judge_as(&go, Language::Go);
    }
}

#[test]
fn brackets_in_text_are_no_nesting() {
    let constants = "pub const BOLD: &str = \"\\x1b[1m\";\n".repeat(500);
    let report = analyse(vec![Source::new("ansi.rs", constants, Language::Rust)], &Config::default());
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
}
