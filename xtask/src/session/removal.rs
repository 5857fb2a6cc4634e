//! Clusters removed: those of ours that were named, and nothing else.

use super::{CommandError, Contention, Exit, Session};
use crate::{
    observe,
    report::terminal,
    state::{ClusterDir, ClusterRecord},
    tools::{
        engine::Engine,
        kind::{self, Kind},
    },
};

/// Which clusters to remove.
#[derive(Debug, Clone, Copy)]
pub enum Doomed<'a> {
    /// All of ours.
    All,
    /// Those of these names, or with just the service of such a name.
    Named(&'a [String]),
}

/// Removes clusters, each whatever became of those before it, and tells of each.
pub fn remove_clusters(session: &Session, doomed: Doomed<'_>) -> Result<Exit, CommandError> {
    let known = session.home.clusters()?;
    let names: Vec<String> = match doomed {
        Doomed::All => known.iter().map(|r| r.name.clone()).collect(),
        Doomed::Named(names) => names.to_vec(),
    };
    if names.is_empty() {
        terminal::status("Nothing", "to remove: there is no cluster of this tool");
    }
    let mut exit = Exit::Ok;
    for name in names {
        // That another run was faster is no error.
        let removed = find(&known, &name).and_then(|name| remove(session, name).map(|_| name));
        match removed {
            Ok(name) => terminal::status("Removed", &format!("cluster {name}")),
            Err(e) => {
                terminal::error(&e.message);
                exit = if exit == Exit::Ok || exit == e.exit { e.exit } else { Exit::Failed };
            }
        }
        if session.runner.stopping().is_some() {
            return Ok(Exit::Interrupted);
        }
    }
    Ok(exit)
}

/// Removes a cluster and forgets it, if there is one; what its runs recorded stays.
pub fn remove(session: &Session, name: &str) -> Result<bool, CommandError> {
    let dir = session.home.cluster(name);
    if dir.record()?.is_none() {
        return Ok(false);
    }
    let _hold = session.hold(&dir, "e2e-down", Contention::Wait)?;
    // Whoever had it may have removed the cluster, or made another.
    let Some(record) = dir.record()? else { return Ok(false) };
    let engine = session.engine_of(&dir, &record)?;
    session.dissolve(&engine, &dir)?;
    Ok(true)
}

impl Session {
    /// Removes what an engine has of a cluster, and forgets the cluster. kind may hang, stumble or not be there: the
    /// containers carry its label.
    pub(super) fn dissolve(&self, engine: &Engine, dir: &ClusterDir) -> Result<(), CommandError> {
        // What the pods printed stays, for the user to read and to remove. A node that does not run cannot open it, which
        // is no reason to keep the node.
        let _ = kind::open_pod_logs(engine, &dir.node()).run(&self.runner);
        let kind = Kind::new(&self.toolbox, engine);
        match kind.delete(dir.name(), &dir.kubeconfig()).run(&self.runner) {
            Ok(_) => {}
            Err(e) if e.is_cancelled() => return Err(e.into()),
            Err(e) => {
                terminal::warning(&format!("kind could not delete the cluster; removing its containers\n{e}"));
                let left = observe::containers(engine, dir.name(), &self.runner)?;
                if !left.is_empty() {
                    engine.remove_containers(left.iter().map(|c| &c.id)).run(&self.runner)?;
                }
            }
        }
        Ok(dir.forget()?)
    }
}

/// The cluster of this name; else the only one with nothing but the service of this name.
fn find<'a>(known: &'a [ClusterRecord], name: &str) -> Result<&'a str, CommandError> {
    if let Some(record) = known.iter().find(|r| r.name == name) {
        return Ok(&record.name);
    }
    let with: Vec<&ClusterRecord> = known.iter().filter(|r| r.definitions.iter().any(|d| d == name)).collect();
    let names = |records: &[&ClusterRecord]| records.iter().map(|r| r.name.clone()).collect::<Vec<_>>();
    match &with[..] {
        [only] if only.definitions.len() == 1 => Ok(&only.name),
        [] => {
            let known = names(&known.iter().collect::<Vec<_>>());
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(CommandError::usage(format!("there is no cluster `{name}` of this tool; known: {known}")))
        }
        // Others are in there too, and were not asked for.
        _ => {
            let lines: Vec<String> = with
                .iter()
                .map(|r| format!("\n  cargo xtask e2e-down {}   # with {}", r.name, r.definitions.join(", ")))
                .collect();
            Err(CommandError::usage(format!(
                "there is no cluster `{name}`, but the service was set up in one of another name; to remove that:{}",
                lines.concat()
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::ImageRef, tools::engine::EngineKind};

    fn cluster(name: &str, definitions: &[&str]) -> ClusterRecord {
        ClusterRecord {
            name: name.to_owned(),
            engine: EngineKind::Docker,
            node_image: ImageRef::new("localhost/node:1"),
            config: String::new(),
            ports: Vec::new(),
            complete: true,
            definitions: definitions.iter().map(|d| (*d).to_owned()).collect(),
        }
    }

    #[test]
    fn a_service_is_found_where_it_was_set_up_and_takes_no_other_with_it() {
        let known = [cluster("one", &["one"]), cluster("two-three", &["two", "three"]), cluster("mine", &["four"])];
        assert_eq!(find(&known, "one").unwrap(), "one");
        assert_eq!(find(&known, "two-three").unwrap(), "two-three");
        assert_eq!(find(&known, "four").unwrap(), "mine");
        let shared = find(&known, "two").unwrap_err();
        assert_eq!(shared.exit, Exit::Usage);
        assert!(shared.message.contains("cargo xtask e2e-down two-three   # with two, three"), "{}", shared.message);
        assert!(find(&known, "five").unwrap_err().message.ends_with("known: one, two-three, mine"));
    }
}
