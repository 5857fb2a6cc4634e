//! Which earlier items a variable's value comes from.
//! Errors, contexts and the like never count: they flow everywhere and carry nothing that a deploy needs.

use std::collections::{BTreeSet, HashMap};

use crate::ir::Value;

/// Where the values of variables come from.
#[derive(Debug, Default, Clone)]
pub struct Flow {
    from: HashMap<String, BTreeSet<usize>>,
}

impl Flow {
    /// The items that a list of variables comes from.
    #[must_use]
    pub fn of(&self, reads: &[String]) -> BTreeSet<usize> {
        let mut items = BTreeSet::new();
        for name in reads.iter().filter(|name| carries(name)) {
            if let Some(known) = self.from.get(name) {
                items.extend(known);
            }
            // `pg.URL` comes from `pg`.
            let mut prefix = name.as_str();
            while let Some((shorter, _)) = prefix.rsplit_once('.') {
                if let Some(known) = self.from.get(shorter).filter(|_| carries(shorter)) {
                    items.extend(known);
                }
                prefix = shorter;
            }
        }
        items
    }

    /// The items that the variables come from which a shell's text names: `[[ "$(is_ready "$name")" = true ]]`.
    pub fn of_text(&self, text: &str) -> BTreeSet<usize> {
        let named = |name: &String| text.contains(&format!("${name}")) || text.contains(&format!("${{{name}"));
        self.from.iter().filter(|(name, _)| carries(name) && named(name)).flat_map(|(_, from)| from).copied().collect()
    }

    /// The items that arguments come from; `env` given whole counts when a field of it was set.
    #[must_use]
    pub fn of_values<'a>(&self, values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<usize> {
        let mut items = BTreeSet::new();
        for value in values {
            items.extend(self.of(&value.reads));
            for name in &value.reads {
                for (known, from) in &self.from {
                    let field = known.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
                    if field && carries(known) {
                        items.extend(from);
                    }
                }
            }
        }
        items
    }

    /// A variable takes a value that comes from these items.
    pub fn set(&mut self, name: &str, from: &BTreeSet<usize>) {
        if !carries(name) {
            return;
        }
        if from.is_empty() {
            self.from.remove(name);
        } else {
            self.from.insert(name.to_owned(), from.clone());
        }
    }

    /// An element is put into something: what it held before stays.
    pub fn add(&mut self, name: &str, from: &BTreeSet<usize>) {
        if carries(name) && !from.is_empty() {
            self.from.entry(name.to_owned()).or_default().extend(from);
        }
    }
}

/// Whether a variable of this name can hold something that another step needs.
pub(super) fn carries(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let lower = last.to_lowercase();
    let silent = [
        "_", "ctx", "ok", "cancel", "t", "w", "wg", "mu", "out", "output", "stdout", "stderr", "cmd", "start", "res",
        "writer", "g", "eg", "done", "status", "rc", "code",
    ];
    !(silent.contains(&lower.as_str())
        || lower.contains("err")
        || lower.ends_with("ctx")
        || lower.ends_with("cmd")
        || lower.ends_with("time")
        || lower.ends_with("start")
        || lower.ends_with("output")
        || lower.ends_with("duration"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn values_flow_and_errors_do_not() {
        let mut flow = Flow::default();
        flow.set("url", &BTreeSet::from([1]));
        flow.set("err", &BTreeSet::from([1]));
        flow.set("pg.host", &BTreeSet::from([2]));
        assert_eq!(flow.of(&names(&["url"])), BTreeSet::from([1]));
        assert_eq!(flow.of(&names(&["err"])), BTreeSet::new());
        let whole = Value { reads: names(&["pg"]), ..Value::default() };
        assert_eq!(flow.of_values([&whole]), BTreeSet::from([2]));
        flow.set("url", &BTreeSet::new());
        assert_eq!(flow.of(&names(&["url"])), BTreeSet::new());
    }
}
