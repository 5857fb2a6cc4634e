//! For people: the source with marks under it.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::Outcome;
use crate::finding::{Finding, Place, Severity};

pub(super) fn render(outcome: &Outcome) -> String {
    let renderer = Renderer::styled();
    let mut text = String::new();
    for finding in outcome.findings {
        text.push_str(&renderer.render(&group(outcome, finding)));
        text.push_str("\n\n");
    }
    for skipped in outcome.skipped {
        let level = if skipped.broken { Level::ERROR } else { Level::NOTE };
        let title = level.primary_title(format!("{}: {}", skipped.shown, skipped.reason));
        text.push_str(&renderer.render(&[Group::with_title(title)]));
        text.push('\n');
    }
    text
}

fn group<'a>(outcome: &Outcome<'a>, finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(finding.message.as_str()).id(finding.rule));
    let mut files = vec![finding.place.file.as_str()];
    for related in &finding.related {
        if !files.contains(&related.place.file.as_str()) {
            files.push(&related.place.file);
        }
    }
    for file in files {
        let Some(source) = outcome.sources.get(file) else { continue };
        let mut snippet: Snippet<'a, Annotation<'a>> =
            Snippet::source(source.text.as_str()).path(source.shown.as_str());
        if finding.place.file == file {
            snippet = snippet.annotation(AnnotationKind::Primary.span(span(&finding.place, source.text.len())));
        }
        for related in finding.related.iter().filter(|related| related.place.file == file) {
            let range = span(&related.place, source.text.len());
            snippet = snippet.annotation(AnnotationKind::Context.span(range).label(related.message.as_str()));
        }
        group = group.element(snippet);
    }
    vec![group.element(Level::HELP.message(finding.help.as_str()))]
}

fn span(place: &Place, length: usize) -> std::ops::Range<usize> {
    let start = place.span.start.min(length);
    start..place.span.end.clamp(start, length)
}
