//! Images that texts name as `image://NAME`: arguments, values, whatever is no `image:` field.

use super::{shape::is_image, types::IMAGE_SCHEME};

/// The logical names that a text mentions.
#[must_use]
pub fn mentioned_images(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(IMAGE_SCHEME) {
        let (name, after) = name_at(&rest[at + IMAGE_SCHEME.len()..]);
        names.extend(Some(name).filter(|n| is_image(n)));
        rest = after;
    }
    names
}

/// The text with something else in place of each mention; mentions without replacement stay.
#[must_use]
pub fn replace_images<'r>(text: &str, replacement: impl Fn(&str) -> Option<&'r str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(IMAGE_SCHEME) {
        let (name, after) = name_at(&rest[at + IMAGE_SCHEME.len()..]);
        out.push_str(&rest[..at]);
        match replacement(name) {
            Some(reference) => out.push_str(reference),
            None => out.push_str(&rest[at..rest.len() - after.len()]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The longest name that a text starts with, and what follows. A full stop at its end is the sentence's.
fn name_at(text: &str) -> (&str, &str) {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(['-', '.']);
    (name, &text[name.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_found_and_replaced_inside_of_texts() {
        let text = "-shell=image://debian-slim, image://web. or image:// or image://Nope image://gone";
        assert_eq!(mentioned_images(text), ["debian-slim", "web", "gone"]);
        let replaced = replace_images(text, |name| match name {
            "debian-slim" => Some("localhost/a:1"),
            "web" => Some("localhost/b:2"),
            _ => None,
        });
        assert_eq!(replaced, "-shell=localhost/a:1, localhost/b:2. or image:// or image://Nope image://gone");
    }
}
