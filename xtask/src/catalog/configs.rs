//! Who reads whose configuration: the ConfigMaps and Secrets that pods name, in the part that brings them.

use super::{Catalog, Definition, Name, Object, Part};
use crate::object::{RELOAD_ANNOTATION, configs_read, pod_template};

/// A ConfigMap or Secret that a pod reads.
#[derive(Debug, Clone)]
pub struct Config<'c> {
    /// The definition and the part that bring it.
    pub owner: (Name, Name),
    /// The ConfigMap or Secret.
    pub object: &'c Object,
}

impl Catalog {
    /// What the pods of an object read, of its own definition and of all that this stands on; but for what its readers
    /// look after themselves.
    #[must_use]
    pub fn configs_of<'c>(&'c self, definition: &'c Definition, object: &Object) -> Vec<Config<'c>> {
        let Some(template) = pod_template(object.kind()) else { return Vec::new() };
        let read = template.iter().try_fold(&object.value, |value, key| value.get(*key));
        let read = read.map(|pod| configs_read(&pod["spec"])).unwrap_or_default();
        let mut found = Vec::new();
        for owner in self.closure(std::slice::from_ref(&definition.name)) {
            // A definition may be looked at that is not in the catalogue as it is.
            let owner = if owner == definition.name { Some(definition) } else { self.definitions.get(&owner) };
            for (owner, part) in owner.into_iter().flat_map(|d| d.parts.iter().map(move |p| (d, p))) {
                let is_read = |o: &&Object| {
                    read.iter().any(|(kind, name)| o.kind() == *kind && o.name() == name)
                        && o.value["metadata"]["annotations"][RELOAD_ANNOTATION] != "self"
                };
                let owner = (owner.name.clone(), part.name.clone());
                found.extend(part.objects.iter().filter(is_read).map(|object| Config { owner: owner.clone(), object }));
            }
        }
        found
    }

    /// Everything that the pods of a part read and that another part brings.
    #[must_use]
    pub fn configs_from_others<'c>(&'c self, definition: &'c Definition, part: &Part) -> Vec<Config<'c>> {
        let all = part.objects.iter().flat_map(|object| self.configs_of(definition, object));
        all.filter(|c| c.owner != (definition.name.clone(), part.name.clone())).collect()
    }
}
