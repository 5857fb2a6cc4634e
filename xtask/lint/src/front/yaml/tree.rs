//! Nodes put together as they come, and what anchors stand for.

use std::collections::HashMap;

use super::{Kind, Yaml};
use crate::front::MAX_DEPTH;

/// More nodes than this are not copied for the aliases of one file.
const COPIES: usize = 20_000;

/// A list or a mapping that goes on.
pub(super) struct Open {
    pub(super) node: Yaml,
    key: Option<Yaml>,
    /// Zero for none.
    pub(super) anchor: usize,
}

/// What was put together.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) open: Vec<Open>,
    pub(super) documents: Vec<Yaml>,
    anchors: HashMap<usize, Known>,
    copied: usize,
}

/// What an anchor stands for.
struct Known {
    node: Yaml,
    size: usize,
    depth: usize,
}

impl Open {
    pub(super) const fn new(node: Yaml, anchor: usize) -> Self {
        Self { node, key: None, anchor }
    }
}

impl Tree {
    pub(super) fn put(&mut self, node: Yaml, anchor: usize) {
        if anchor != 0 {
            let (size, depth) = extent(&node);
            self.anchors.insert(anchor, Known { node: node.clone(), size, depth });
        }
        let Some(Open { node: parent, key, .. }) = self.open.last_mut() else {
            self.documents.push(node);
            return;
        };
        match &mut parent.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
            Kind::Scalar(_) => {}
        }
    }

    /// What an anchor stands for, while that is little.
    pub(super) fn known(&mut self, anchor: usize) -> Option<Yaml> {
        let known = self.anchors.get(&anchor)?;
        if self.copied + known.size > COPIES || self.open.len() + known.depth > MAX_DEPTH {
            return None;
        }
        self.copied += known.size;
        Some(known.node.clone())
    }
}

/// How many nodes there are, and how deep they are.
fn extent(node: &Yaml) -> (usize, usize) {
    let inner: Vec<(usize, usize)> = match &node.kind {
        Kind::Scalar(_) => Vec::new(),
        Kind::List(items) => items.iter().map(extent).collect(),
        Kind::Map(entries) => entries.iter().flat_map(|(key, value)| [extent(key), extent(value)]).collect(),
    };
    inner.into_iter().fold((1, 1), |(size, depth), (more, below)| (size + more, depth.max(below + 1)))
}
