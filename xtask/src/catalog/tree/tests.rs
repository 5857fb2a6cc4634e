use serde_json::json;

use super::*;

fn one(text: &str) -> Node {
    let parsed = parse(text);
    assert!(parsed.flaws.is_empty() && parsed.stop.is_none(), "{parsed:?}");
    assert_eq!(parsed.documents.len(), 1);
    parsed.documents.into_iter().next().unwrap()
}

fn flaws(text: &str) -> Vec<(String, String)> {
    parse(text).flaws.into_iter().map(|f| (text[f.at].to_owned(), f.message)).collect()
}

#[test]
fn scalars_follow_the_core_schema() {
    let text = "[1, -2, 0x10, 0o20, 1.5, 1e3, true, ~, '1', \"true\", !!str 3, 1.2.3, 10Mi, .5, ., .nan, 1-2, -c]";
    let wanted = json!([
        1, -2, 16, 16, 1.5, 1000.0, true, null, "1", "true", "3", "1.2.3", "10Mi", 0.5, ".", ".nan", "1-2", "-c"
    ]);
    assert_eq!(one(text).to_json(), wanted);
}

#[test]
fn places_are_bytes_also_after_characters_of_several_bytes() {
    let text = "über: {größe: [eins, zwei]}\nnach: drei\n";
    let node = one(text);
    let two = &node.get("über").and_then(|n| n.get("größe")).unwrap().items()[1];
    assert_eq!(&text[two.at.clone()], "zwei");
    assert_eq!(&text[node.get("nach").unwrap().at.clone()], "drei");
}

#[test]
fn documents_are_counted_and_empty_ones_left_out() {
    let parsed = parse("# first\n---\na: 1\n---\n---\n# nothing\n---\nb: |\n  x: 1\n  y: 2\n");
    assert!(parsed.flaws.is_empty() && parsed.stop.is_none(), "{parsed:?}");
    let all: Vec<Value> = parsed.documents.iter().map(Node::to_json).collect();
    assert_eq!(all, [json!({"a": 1}), json!({"b": "x: 1\ny: 2\n"})]);
}

#[test]
fn anchors_are_followed() {
    assert_eq!(one("a: &x {k: v}\nb: *x\n").to_json(), json!({"a": {"k": "v"}, "b": {"k": "v"}}));
}

#[test]
fn what_kubernetes_reads_otherwise_is_a_flaw() {
    let found = flaws("a: yes\nmode: 0400\nb: {c: 1, c: 2}\nd: !mine 3\ne: {<<: 1}\nf: 'no'\ng: 0\n");
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["yes", "0400", "c", "!mine 3", "<<"]);
    assert!(found[1].1.contains("256"), "{}", found[1].1);
}

#[test]
fn documents_before_a_syntax_error_are_read() {
    let parsed = parse("a: 1\n---\nb: [1\n");
    assert_eq!(parsed.documents.len(), 1);
    assert!(parsed.stop.is_some(), "{parsed:?}");
}
