//! Reading a tree that may have flaws: what is not there or of another type is simply not read, since the validation has
//! said so already.

use super::{
    source::{At, FileId, Located},
    tree::{Data, Node},
    validate::below,
};

/// A node, and how one came to it.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'n> {
    file: FileId,
    node: &'n Node,
    path: String,
}

impl<'n> Cursor<'n> {
    /// At a document's start.
    pub fn new(file: FileId, node: &'n Node) -> Self {
        Self { file, node, path: String::new() }
    }

    /// Where this is.
    pub fn at(&self) -> At {
        At { file: self.file, span: self.node.at.clone(), path: self.path.clone() }
    }

    /// What is under a key.
    pub fn get(&self, key: &str) -> Option<Self> {
        let node = self.node.get(key)?;
        Some(Self { file: self.file, node, path: below(&self.path, key) })
    }

    /// What is at the end of these keys.
    pub fn walk(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self.clone(), |cursor, key| cursor.get(key))
    }

    /// The items of the list here.
    pub fn items(&self) -> impl Iterator<Item = Self> {
        let item = |(index, node)| Self { file: self.file, node, path: format!("{}[{index}]", self.path) };
        self.node.items().iter().enumerate().map(item)
    }

    /// The items of the list under a key.
    pub fn list(&self, key: &str) -> Vec<Self> {
        self.get(key).map(|list| list.items().collect()).unwrap_or_default()
    }

    /// The text here.
    pub fn text(&self) -> Option<Located<String>> {
        let value = self.node.text()?.to_owned();
        Some(Located { value, at: self.at() })
    }

    /// The text under a key.
    pub fn text_of(&self, key: &str) -> Option<Located<String>> {
        self.get(key)?.text()
    }

    /// The texts of the list under a key.
    pub fn texts_of(&self, key: &str) -> Vec<Located<String>> {
        self.list(key).iter().filter_map(Self::text).collect()
    }

    /// The number under a key, where it fits.
    pub fn number_of<T: TryFrom<i64>>(&self, key: &str) -> Option<Located<T>> {
        let cursor = self.get(key)?;
        let value = T::try_from(cursor.node.integer()?).ok()?;
        Some(Located { value, at: cursor.at() })
    }

    /// Whether this is a mapping.
    pub fn is_map(&self) -> bool {
        matches!(self.node.data, Data::Map(_))
    }

    /// Every text at or below this place.
    pub fn texts(&self) -> Vec<Located<String>> {
        match &self.node.data {
            Data::Scalar(_) => self.text().into_iter().collect(),
            Data::Seq(_) => self.items().flat_map(|c| c.texts()).collect(),
            Data::Map(entries) => {
                entries.iter().filter_map(|(k, _)| self.get(&k.text)).flat_map(|c| c.texts()).collect()
            }
        }
    }
}
