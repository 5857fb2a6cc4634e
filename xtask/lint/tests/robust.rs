//! Whatever the text: an answer, never a panic. Random bytes, and fixtures cut and glued anywhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;
use xtask_lint::analysis::analyse;
use xtask_lint::config::Config;
use xtask_lint::files;
use xtask_lint::root::Root;
use xtask_lint::settings::Settings;
use xtask_lint::source::{Language, Source};

const LANGUAGES: [Language; 5] =
    [Language::Go, Language::Shell, Language::Rust, Language::Yaml, Language::Containerfile];

fn judge(text: &str) {
    for language in LANGUAGES {
        let report = analyse(vec![Source::new("e2e/x", text.to_owned(), language)], &Config::default());
        for finding in &report.findings {
            let source = &report.files[0].source;
            // Every place can be shown.
            let (start, end) = (source.position(finding.place.span.start), source.position(finding.place.span.end));
            assert!(start <= end, "{finding:?}");
        }
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
    for (open, close) in [("(", ")"), ("{", "}"), ("[", "]"), ("if a { ", "}"), ("$(", ")"), ("func() {", "}()")] {
        judge(&format!("fn main() {{ {}{} }}", open.repeat(60), close.repeat(60)));
        judge(&format!("package p\nfunc f() {{ x = {}1{} }}\n", open.repeat(3000), close.repeat(3000)));
    }
}
