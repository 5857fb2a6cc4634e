//! What tasks have found out for those behind them. Owned by the coordinator; a worker gets a snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;

use crate::{
    catalog::{ImageName, ImageRef},
    render::ObjectKey,
};

/// Findings of a run.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Executables that cargo built, by binary.
    pub binaries: BTreeMap<String, PathBuf>,
    /// The canonical reference of each image, computed once.
    pub references: BTreeMap<ImageName, ImageRef>,
    /// What the node has.
    pub node_images: BTreeSet<ImageRef>,
    /// The metadata of the objects of ours that the cluster had when the run began.
    pub applied: BTreeMap<ObjectKey, Value>,
    /// Objects of ours that cannot become Ready by themselves any more, such as failed Jobs.
    pub dead: BTreeSet<ObjectKey>,
    /// Everything that this run applied, or found as it should be, by definition.
    pub wanted: BTreeMap<String, Vec<ObjectKey>>,
}
