//! Takes old images of our own out of the engine: every change of a service leaves one behind. Only what carries our
//! label, and of each image never the newest ones: another checkout may share the engine.

use std::collections::BTreeMap;

use crate::{
    catalog::ImageRef,
    exec::{ExecError, Runner},
    tools::engine::Engine,
};

/// So many builds of each image stay.
pub const KEPT: usize = 5;

/// Our own images beyond the newest `keep` of each name, but for those in use.
pub fn old(engine: &Engine, runner: &Runner, keep: usize, used: &[ImageRef]) -> Result<Vec<ImageRef>, ExecError> {
    let listing = engine.list_labelled(super::own::LABEL).run(runner)?;
    Ok(beyond(&listing.text(), keep).into_iter().filter(|image| !used.contains(image)).collect())
}

/// Of a listing with the newest first, one reference a line: those that more than `keep` of the same name come before.
fn beyond(listing: &str, keep: usize) -> Vec<ImageRef> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    // An image without a name is none of the builds that could be used again; the engine's own prune takes it.
    let named = listing.lines().map(str::trim).filter(|line| !line.contains("<none>"));
    let old = named.filter(|line| {
        let Some((name, _tag)) = line.rsplit_once(':') else { return false };
        let count = seen.entry(name).or_default();
        *count += 1;
        *count > keep
    });
    old.map(ImageRef::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_each_name_stay() {
        let listing = "localhost/e2e/store:3\nlocalhost/e2e/web:b\nlocalhost/e2e/store:2\n<none>:<none>\n\
                       localhost/e2e/store:1\nlocalhost/e2e/web:a\n";
        assert_eq!(beyond(listing, 2), [ImageRef::new("localhost/e2e/store:1")]);
        assert_eq!(beyond(listing, 3), []);
        assert_eq!(beyond("", 0), []);
    }
}
