//! For people: the source with marks under it.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::Outcome;
use crate::finding::{Finding, Severity};
use crate::source::{Source, Span};

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
        let places = std::iter::once((&finding.place, None));
        let places =
            places.chain(finding.related.iter().map(|related| (&related.place, Some(related.message.as_str()))));
        let places: Vec<_> = places.filter(|(place, _)| place.file == file).collect();
        // Only the lines that are shown: the renderer looks at every line that it is given, for each finding.
        let window = window(source, &places.iter().map(|(place, _)| place.span).collect::<Vec<_>>());
        let mut snippet: Snippet<'a, Annotation<'a>> =
            Snippet::source(source.slice(window)).line_start(source.line(window.start)).path(source.shown.as_str());
        for (place, label) in places {
            let range = inside(place.span, window);
            snippet = snippet.annotation(match label {
                None => AnnotationKind::Primary.span(range),
                Some(label) => AnnotationKind::Context.span(range).label(label),
            });
        }
        group = group.element(snippet);
    }
    vec![group.element(Level::HELP.message(finding.help.as_str()))]
}

/// Whole lines, from the first to the last of some spans.
fn window(source: &Source, spans: &[Span]) -> Span {
    let start = spans.iter().map(|span| span.start).min().unwrap_or_default();
    let end = spans.iter().map(|span| span.end).max().unwrap_or_default();
    Span::new(source.line_span(source.line(start)).start, source.line_span(source.line(end)).end)
}

fn inside(span: Span, window: Span) -> std::ops::Range<usize> {
    let start = span.start.clamp(window.start, window.end);
    let end = span.end.clamp(start, window.end);
    start - window.start..end - window.start
}
