//! What is wrong with the definitions, for people: all of it, each with its place. It prints nothing.

use std::{fmt, path::PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle};

use super::source::{At, Sources};

/// Everything that is wrong with the catalogue; never empty.
#[derive(Debug, Clone)]
pub struct CatalogErrors {
    problems: Vec<Problem>,
    sources: Sources,
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// Where.
    pub at: At,
    /// What, in one sentence.
    pub message: String,
    /// What would be right, where that can be said.
    pub help: Option<String>,
    /// Another place that has to do with it, and what is there.
    pub other: Option<(At, String)>,
}

/// Where something is wrong, for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the workspace's root.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The path inside the document, such as `parts[0].after[1]`.
    pub path: String,
}

impl Problem {
    pub fn new(at: At, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None, other: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean", if anything comes near.
    pub fn suggest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    pub fn other(mut self, at: At, label: impl Into<String>) -> Self {
        self.other = Some((at, label.into()));
        self
    }
}

impl CatalogErrors {
    pub(super) fn new(mut problems: Vec<Problem>, sources: Sources) -> Self {
        let key = |p: &Problem| (sources.get(p.at.file).path.clone(), p.at.span.start);
        problems.sort_by_key(key);
        Self { problems, sources }
    }

    /// A file that could be found, but not be read any more.
    pub(super) fn unreadable(error: &std::io::Error, mut sources: Sources) -> Self {
        let file = sources.add(PathBuf::new(), String::new());
        Self { problems: vec![Problem::new(At::top(file), error.to_string())], sources }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// Place and sentence of each, in the order of files and lines.
    #[must_use]
    pub fn messages(&self) -> Vec<(Place, String)> {
        self.problems.iter().map(|p| (self.place(&p.at), p.sentence())).collect()
    }

    /// The form for terminals: each with the lines it is about. It has colours; whoever prints it takes them out where
    /// they are not wanted.
    #[must_use]
    pub fn report(&self) -> String {
        let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
        let each = self.problems.iter().map(|p| renderer.render(&self.groups(p)));
        each.collect::<Vec<_>>().join("\n\n")
    }

    fn place(&self, at: &At) -> Place {
        let source = self.sources.get(at.file);
        let (line, column) = source.line_column(at.span.start);
        Place { file: source.path.clone(), line, column, path: at.path.clone() }
    }

    fn groups<'a>(&'a self, problem: &'a Problem) -> Vec<Group<'a>> {
        let title = Level::ERROR.primary_title(problem.message.as_str());
        let mut group = title.elements(self.snippet(&problem.at, AnnotationKind::Primary, &problem.at.path));
        if self.sources.get(problem.at.file).text.is_empty() {
            group = group.element(Origin::path(self.sources.get(problem.at.file).path.to_string_lossy()));
        }
        if let Some((at, label)) = &problem.other {
            group = group.elements(self.snippet(at, AnnotationKind::Context, label));
        }
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        vec![group]
    }

    fn snippet<'a>(
        &'a self,
        at: &At,
        kind: AnnotationKind,
        label: &'a str,
    ) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
        let source = self.sources.get(at.file);
        if source.text.is_empty() {
            return None;
        }
        // What spans lines is shown by its first one: that is enough to find it, and a manifest can be long.
        let rest = &source.text[at.span.clone()];
        let first = rest.lines().next().unwrap_or_default().trim_end();
        let mut annotation = kind.span(at.span.start..at.span.start + first.len());
        if !label.is_empty() {
            annotation = annotation.label(label);
        }
        Some(Snippet::source(&source.text).path(source.path.to_string_lossy()).annotation(annotation))
    }
}

impl Problem {
    fn sentence(&self) -> String {
        match &self.help {
            Some(help) => format!("{}; {help}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, ": {}", self.path) }
    }
}

/// One line each, for logs and other programs.
impl fmt::Display for CatalogErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (place, sentence)) in self.messages().iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(f, "{place}: {sentence}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CatalogErrors {}

/// The known word that is meant, probably.
fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LIKE: f64 = 0.7;
    let wrong = wrong.to_lowercase();
    let scored = known.into_iter().map(|word| {
        let known = word.to_lowercase();
        // `post` for `postgres` is cut short rather than mistyped, and one wrong letter of three is a third of the word:
        // the distance takes both for unlike.
        let cut = wrong.len() >= 3 && (known.starts_with(&wrong) || wrong.starts_with(&known));
        let slip = wrong.len() >= 3 && strsim::damerau_levenshtein(&wrong, &known) == 1;
        let score = strsim::normalized_damerau_levenshtein(&wrong, &known);
        (word, if cut || slip { score.max(LIKE) } else { score })
    });
    let best = scored.filter(|(_, score)| *score >= LIKE).max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map(|(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let known = ["postgres", "redis", "datastorage"];
        assert_eq!(nearest("postgers", known), Some("postgres"));
        assert_eq!(nearest("post", known), Some("postgres"));
        assert_eq!(nearest("DataStorage", known), Some("datastorage"));
        assert_eq!(nearest("kafka", known), None);
    }
}
