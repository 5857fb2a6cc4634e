//! What is waited for, and what there is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use crate::object::ObjectKey;

/// The objects of the cluster as the watches show them: what is wanted, and pods, `ReplicaSets` and events.
pub type Live = BTreeMap<ObjectKey, Value>;

/// A part of a definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId {
    /// The definition.
    pub definition: String,
    /// The part.
    pub part: String,
}

/// Everything that this run sets up.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// All parts, also those that nobody waits for at the moment: others may depend on them.
    pub parts: BTreeMap<PartId, WantedPart>,
}

/// A part, and what it depends on.
#[derive(Debug, Clone, Default)]
pub struct WantedPart {
    /// What was applied; nothing before that.
    pub objects: Option<Vec<WantedObject>>,
    /// Parts that it declares to need, by `needs` or `after`; not what those need in turn.
    pub depends: BTreeSet<PartId>,
}

/// An object that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedObject {
    /// Which.
    pub key: ObjectKey,
    /// The value of this annotation of the object as it was applied. An object that has another one is the one before:
    /// it may well be Ready, but it is not what is waited for.
    pub hash: Option<(&'static str, String)>,
}

impl Wanted {
    /// Everything that a part depends on, directly or not.
    pub(super) fn dependencies(&self, id: &PartId) -> BTreeSet<&PartId> {
        let mut all = BTreeSet::new();
        let mut open: Vec<&PartId> = self.parts.get(id).into_iter().flat_map(|p| &p.depends).collect();
        while let Some(next) = open.pop() {
            if next != id && all.insert(next) {
                open.extend(self.parts.get(next).into_iter().flat_map(|p| &p.depends));
            }
        }
        all
    }
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.definition, self.part)
    }
}
