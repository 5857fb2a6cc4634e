//! What surrounds the files that were asked for, so that they are judged as in a run over everything: the other Go files
//! of their directories, definitions and what these apply, image declarations, kustomizations, kind configurations.

use std::collections::{BTreeSet, HashSet};

use crate::front::yaml::{self, Yaml};
use crate::source::{Language, Source};
use crate::tree::{Leaf, Tree};
use crate::world::{directory, join};

/// Files that say what the others mean, wherever they are.
const SAYING: &[&str] = &["e2e.yaml", "image.yaml", "kustomization.yaml", "kustomization.yml"];

/// What belongs to these files and is not among them. Directories that were read as a whole have their Go files already.
pub fn around(sources: &[Source], whole: &[String], tree: &mut Tree) -> anyhow::Result<Vec<Source>> {
    let asked: HashSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    let mut context = go(sources, whole, &asked, tree)?;
    context.extend(manifests(sources, whole, &asked, tree)?);
    Ok(context.into_iter().map(Source::as_context).collect())
}

/// The other files of Go packages.
fn go(sources: &[Source], whole: &[String], asked: &HashSet<&str>, tree: &mut Tree) -> anyhow::Result<Vec<Source>> {
    let directories = directories(sources, Language::Go).into_iter().filter(|directory| !is_whole(directory, whole));
    let mut leaves = Vec::new();
    for directory in directories {
        leaves.extend(tree.beside(directory)?);
    }
    leaves.retain(|leaf| Language::of_path(&leaf.name) == Some(Language::Go) && !asked.contains(leaf.name.as_str()));
    tree.read(&leaves.iter().collect::<Vec<_>>())
}

/// Definitions with what they apply, and what lies where a cluster's manifests lie: beside them and above them.
fn manifests(
    sources: &[Source],
    whole: &[String],
    asked: &HashSet<&str>,
    tree: &mut Tree,
) -> anyhow::Result<Vec<Source>> {
    let own = directories(sources, Language::Yaml);
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let near: BTreeSet<&str> = own.iter().copied().flat_map(upwards).collect();
    let loose: BTreeSet<&str> = near.iter().copied().filter(|directory| !is_whole(directory, whole)).collect();
    let clusters: Vec<&str> = sources
        .iter()
        .filter(|source| source.language == Language::Yaml && source.text.contains("kind.x-k8s.io/"))
        .map(|source| directory(&source.path))
        .collect();
    let mut leaves = tree.all_yaml(&loose)?;
    leaves.retain(|leaf| Language::of_path(&leaf.name) == Some(Language::Yaml) && !asked.contains(leaf.name.as_str()));
    let says = |leaf: &Leaf| {
        let (place, name) = (directory(&leaf.name), leaf.name.rsplit('/').next().unwrap_or_default());
        SAYING.contains(&name) || near.contains(place) || clusters.iter().any(|top| is_below(place, top))
    };
    let (first, rest): (Vec<&Leaf>, Vec<&Leaf>) = leaves.iter().partition(|leaf| says(leaf));
    let mut context = tree.read(&first)?;
    let applied: HashSet<String> = sources.iter().chain(&context).flat_map(applied).collect();
    let named: Vec<&Leaf> = rest
        .into_iter()
        .filter(|leaf| applied.contains(&leaf.name) || applied.contains(directory(&leaf.name)))
        .collect();
    context.extend(tree.read(&named)?);
    Ok(context)
}

/// What a definition applies: files, or directories of them.
fn applied(source: &Source) -> Vec<String> {
    if !source.path.ends_with("e2e.yaml") {
        return Vec::new();
    }
    let documents = yaml::parse(&source.text).map(|unit| unit.documents).unwrap_or_default();
    let parts = documents.iter().flat_map(|document| document.items_at(&["parts"]));
    let manifests = parts.flat_map(|part| part.items_at(&["manifests"])).filter_map(Yaml::text);
    manifests.map(|manifest| join(directory(&source.path), manifest)).collect()
}

fn directories(sources: &[Source], language: Language) -> BTreeSet<&str> {
    sources.iter().filter(|source| source.language == language).map(|source| directory(&source.path)).collect()
}

/// A directory and those above it, down from the root; one that is not below the root stands alone.
fn upwards(directory: &str) -> impl Iterator<Item = &str> {
    let inside = !directory.starts_with('/') && directory.split('/').next() != Some("..");
    let ends = directory.match_indices('/').map(|(at, _)| at).filter(move |_| inside);
    let above = ends.map(|end| &directory[..end]);
    inside.then_some("").into_iter().chain(above).chain([directory])
}

fn is_whole(directory: &str, whole: &[String]) -> bool {
    whole.iter().any(|top| is_below(directory, top))
}

fn is_below(directory: &str, top: &str) -> bool {
    let rest = directory.strip_prefix(top);
    top.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_above_are_those_of_the_path() {
        assert_eq!(upwards("a/b").collect::<Vec<_>>(), ["", "a", "a/b"]);
        assert_eq!(upwards("/a/b").collect::<Vec<_>>(), ["/a/b"]);
        assert_eq!(upwards("../b").collect::<Vec<_>>(), ["../b"]);
        assert_eq!(upwards("").collect::<BTreeSet<_>>(), BTreeSet::from([""]));
    }

    #[test]
    fn a_directory_is_below_itself_and_not_below_one_that_starts_alike() {
        assert!(is_below("a/b", "a") && is_below("a", "a") && is_below("a", ""));
        assert!(!is_below("ab", "a") && !is_below("a", "a/b"));
    }
}
