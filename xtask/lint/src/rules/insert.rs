//! Edits that add to YAML in the style in which it is written: an entry to a mapping, a name to a list.

use crate::finding::{Edit, Place};
use crate::front::yaml::Yaml;
use crate::source::{Source, Span};

/// Adds `text` to a mapping, behind the entry `key`; none where that is not one line of its own.
pub(super) fn entry_behind(source: &Source, map: &Yaml, key: &str, text: &str) -> Option<Edit> {
    let (name, value) = map.entry(key).filter(|(name, _)| map.span.contains(name.span))?;
    if source.slice(map.span).starts_with('{') {
        return Some(edit(source, value.span.end, format!(", {text}")));
    }
    let (line, at) = (source.line(name.span.start), source.position(name.span.start));
    if source.line(value.span.end) != line {
        return None;
    }
    // What stands behind the value on its line, a comment, stays with it.
    let whole = source.line_span(line);
    let end = whole.start + source.slice(whole).trim_end().len();
    Some(edit(source, end, format!("\n{}{text}", " ".repeat(at.column - 1))))
}

/// Adds a name to a list.
pub(super) fn item(source: &Source, list: &Yaml, name: &str) -> Option<Edit> {
    let end = list.items().last();
    if source.slice(list.span).starts_with('[') {
        let (at, text) = end.map_or((list.span.start + 1, name.to_owned()), |end| (end.span.end, format!(", {name}")));
        return Some(edit(source, at, text));
    }
    // In front of the last one, so that a comment behind that stays with it.
    let start = end?.span.start;
    let before = source.slice(Span::new(source.line_span(source.line(start)).start, start));
    (before.trim() == "-").then(|| edit(source, start, format!("{name}\n{before}")))
}

fn edit(source: &Source, at: usize, text: String) -> Edit {
    Edit { place: Place { file: source.path.clone(), span: Span::new(at, at) }, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::yaml;
    use crate::source::Language;

    fn inserted(text: &str, make: impl Fn(&Source, &Yaml) -> Option<Edit>) -> Option<String> {
        let source = Source::new("a.yaml", text.to_owned(), Language::Yaml);
        let unit = yaml::parse(text).unwrap();
        let edit = make(&source, &unit.documents[0])?;
        let mut text = text.to_owned();
        text.insert_str(edit.place.span.start, &edit.text);
        yaml::parse(&text).unwrap();
        Some(text)
    }

    #[test]
    fn an_entry_keeps_the_style_of_its_mapping() {
        let add = |text: &str| inserted(text, |source, map| entry_behind(source, map, "a", "b: 2"));
        assert_eq!(add("a: 1\nc: 3\n").unwrap(), "a: 1\nb: 2\nc: 3\n");
        assert_eq!(add("a: 1 # one\r\nc: 3\r\n").unwrap(), "a: 1 # one\nb: 2\r\nc: 3\r\n");
        assert_eq!(add("{a: 1, c: 3}\n").unwrap(), "{a: 1, b: 2, c: 3}\n");
        assert_eq!(add("{c: 3, a: \"1\" }").unwrap(), "{c: 3, a: \"1\", b: 2 }");
        assert_eq!(add("a:\n  1\nc: 3\n"), None);
    }

    #[test]
    fn a_name_keeps_the_style_of_its_list() {
        let add = |text: &str| inserted(text, |source, map| item(source, map.get("a")?, "x"));
        assert_eq!(add("a: [y]\n").unwrap(), "a: [y, x]\n");
        assert_eq!(add("a: []\n").unwrap(), "a: [x]\n");
        assert_eq!(add("a:\n  - y # why\nb: 1\n").unwrap(), "a:\n  - x\n  - y # why\nb: 1\n");
        assert_eq!(add("a:\n- \"y\"\n").unwrap(), "a:\n- x\n- \"y\"\n");
    }
}
