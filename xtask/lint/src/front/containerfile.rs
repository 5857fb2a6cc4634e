//! The front of Containerfiles: their instructions, with continued lines joined and here-documents left out.

use crate::source::Span;

/// The words of an instruction, with their places.
pub type Instruction<'a> = Vec<(&'a str, Span)>;

/// Reads a Containerfile.
#[must_use]
pub fn instructions(text: &str) -> Vec<Instruction<'_>> {
    let mut found = Vec::new();
    let mut open: Instruction = Vec::new();
    let mut start = 0;
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let code = line.trim_start_matches('\u{feff}').trim();
        let (code, goes_on) = code.strip_suffix('\\').map_or((code, false), |code| (code, true));
        if code.starts_with('#') {
            start += line.len();
            continue;
        }
        open.extend(code.split_whitespace().map(|word| (word, place(text, word))));
        start += line.len();
        if goes_on {
            continue;
        }
        for end in open.iter().filter_map(|(word, _)| document_end(word)) {
            let behind = text.get(start..).unwrap_or_default().split_inclusive('\n');
            let length = behind.clone().position(|line| line.trim() == end);
            if let Some(length) = length {
                start += behind.take(length + 1).map(str::len).sum::<usize>();
                _ = lines.nth(length);
            }
        }
        if !open.is_empty() {
            found.push(std::mem::take(&mut open));
        }
    }
    found
}

/// Where a slice of a text is in it.
fn place(text: &str, part: &str) -> Span {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + part.len())
}

/// The line that ends the here-document that a word begins: `<<EOF`, `<<-"EOF"`.
fn document_end(word: &str) -> Option<&str> {
    let (_, rest) = word.split_once("<<")?;
    let name = rest.trim_start_matches('-').trim_matches(['"', '\'']);
    let is_name = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_and_documents_are_no_instructions() {
        let text = "\u{feff}FROM a\nRUN one \\\n  # why\n  from b\nRUN <<EOF cat <<-'END'\nfrom c\nEOF\nfrom d\n\tEND\nCOPY $((1<<2)) <<x\nfrom e AS f\n";
        let words: Vec<String> = instructions(text)
            .iter()
            .map(|words| words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(words, ["FROM a", "RUN one from b", "RUN <<EOF cat <<-'END'", "COPY $((1<<2)) <<x", "from e AS f"]);
        let last = instructions(text).pop().unwrap();
        assert_eq!(&text[last[1].1.range()], "e");
    }
}
