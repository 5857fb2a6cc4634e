//! What verbs with a cluster share: the workspace, the engine, the cluster's directory and lock, and a run.
//!
//! Prints nothing but notes through the terminal reporter; decides nothing that the plan decides.

mod bootstrap;
mod cluster;
mod equipment;
mod foresight;
mod given;
mod hints;
mod hold;
mod outcome;
mod removal;
mod run;
mod sharing;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use cluster::Prepared;
pub use foresight::show;
pub use hold::Hold;
pub use outcome::{CommandError, Exit};
pub use removal::{Doomed, remove, remove_clusters};
pub use run::{NAMESPACE, Setup, build, set_up};

use crate::{
    catalog::{Catalog, ImageName, ImageRef, Name},
    cli::{ClusterArgs, Env},
    exec::Runner,
    images::Cache,
    plan::{Mode, Scope},
    report::terminal::Verbosity,
    state::{ClusterRecord, PortPolicy, StateHome, cluster_name},
    tools::{engine::EngineKind, locate::Toolbox},
};

/// What a verb begins with.
#[derive(Debug)]
pub struct Session {
    /// The workspace.
    pub root: PathBuf,
    /// Everything that can be set up.
    pub catalog: Catalog,
    /// Where programs are.
    pub toolbox: Toolbox,
    /// Starts and stops processes.
    pub runner: Runner,
    /// Kept between runs.
    pub home: StateHome,
    /// Archives of images.
    pub cache: Option<Cache>,
    /// How much is said.
    pub verbosity: Verbosity,
    /// The environment of the process.
    pub env: Env,
}

/// How a cluster is to be set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The engine, or the one that works.
    pub engine: Option<EngineKind>,
    /// The cluster's name, or one made of the services' names.
    pub cluster: Option<String>,
    /// What to do about taken ports.
    pub ports: PortPolicy,
    /// What to do with a cluster that is there.
    pub existing: Existing,
    /// What to do while another run has the cluster.
    pub contention: Contention,
    /// Images built elsewhere.
    pub given: BTreeMap<ImageName, ImageRef>,
    /// How to order the work.
    pub mode: Mode,
    /// How far to go.
    pub scope: Scope,
}

/// What to do with a cluster that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Use it.
    Reuse,
    /// Delete it first.
    Recreate,
}

/// What to do while another run has the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contention {
    /// Wait for its end.
    Wait,
    /// Fail.
    Fail,
}

impl Session {
    /// Reads the workspace in or above the current directory.
    pub fn open(env: &Env, verbosity: Verbosity) -> Result<Self, CommandError> {
        let here = std::env::current_dir().map_err(CommandError::failed)?;
        let root = workspace_root(&here).ok_or_else(|| {
            CommandError::usage(format!("{} is not in a Cargo workspace; run this in the project", here.display()))
        })?;
        let catalog =
            Catalog::load(&root).map_err(|e| CommandError::usage(format!("in the definitions:\n\n{}", e.report())))?;
        let cache = match &env.image_cache {
            Some(dir) => {
                Some(Cache::open(dir.clone()).map_err(|e| CommandError::usage(format!("E2E_IMAGE_CACHE: {e}")))?)
            }
            None => None,
        };
        Ok(Self {
            root,
            catalog,
            toolbox: Toolbox::new(Toolbox::own_dir(&env.data_home), env.path.clone()),
            runner: Runner::new().map_err(CommandError::failed)?,
            home: StateHome::below(&env.state_home),
            cache,
            verbosity,
            env: env.clone(),
        })
    }

    /// The definitions of these names; the error suggests what may have been meant.
    pub fn select(&self, names: &[String]) -> Result<Vec<Name>, CommandError> {
        let mut selected = Vec::new();
        for text in names {
            let name = Name::new(text.as_str());
            if !self.catalog.definitions.contains_key(&name) {
                let known: Vec<&str> = self.catalog.definitions.keys().map(Name::as_str).collect();
                return Err(CommandError::usage(unknown("service", text, &known)));
            }
            if !selected.contains(&name) {
                selected.push(name);
            }
        }
        Ok(selected)
    }

    /// The cluster that a definition was set up in, if there is just one.
    #[must_use]
    pub fn cluster_with(&self, definition: &Name) -> Option<String> {
        let clusters = self.home.clusters().unwrap_or_default();
        let has = |r: &ClusterRecord| {
            let roots: Vec<Name> = r.definitions.iter().map(|d| Name::new(d.as_str())).collect();
            self.catalog.closure(&roots).contains(definition)
        };
        let mut with = clusters.iter().filter(|r| has(r));
        let first = with.next()?;
        with.next().is_none().then(|| first.name.clone())
    }

    /// What tests get of a cluster.
    #[must_use]
    pub fn environment(&self, record: &ClusterRecord) -> BTreeMap<String, String> {
        let urls = crate::state::urls(&self.catalog, &record.ports);
        crate::state::environment(&urls, &self.home.cluster(&record.name).kubeconfig(), NAMESPACE)
    }

    /// The services that have tests, in the order of their names.
    #[must_use]
    pub fn tested(&self) -> Vec<Name> {
        self.catalog.definitions.values().filter(|d| d.test.is_some()).map(|d| d.name.clone()).collect()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: None,
            cluster: None,
            ports: PortPolicy::default(),
            existing: Existing::Reuse,
            contention: Contention::Wait,
            given: BTreeMap::new(),
            mode: Mode::default(),
            scope: Scope::default(),
        }
    }
}

impl Options {
    /// The cluster's name: as given, or that of the services.
    #[must_use]
    pub fn cluster_name(&self, roots: &[Name]) -> String {
        let default = || roots.iter().map(Name::as_str).collect::<Vec<_>>().join("-");
        self.cluster.clone().unwrap_or_else(default)
    }

    /// The cluster's name, if a cluster can have it: that of many services gets long.
    pub fn checked_name(&self, roots: &[Name]) -> Result<String, CommandError> {
        cluster_name(&self.cluster_name(roots))
            .map_err(|why| CommandError::usage(format!("{why}\n  --cluster NAME gives it another name")))
    }

    /// From the command line.
    #[must_use]
    pub fn of(args: &ClusterArgs) -> Self {
        Self {
            engine: args.engine,
            cluster: args.cluster.clone(),
            ports: args.ports,
            existing: if args.recreate { Existing::Recreate } else { Existing::Reuse },
            contention: if args.no_wait { Contention::Fail } else { Contention::Wait },
            given: args.image.iter().cloned().collect(),
            mode: args.mode,
            scope: Scope::Cluster,
        }
    }
}

/// What is said of a name that is not known: with the one that may have been meant, and with all that there are.
fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    let nearest = known.iter().max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
    let meant = nearest.filter(|n| strsim::jaro_winkler(n, text) > 0.8).map(|n| format!("; did you mean `{n}`?"));
    format!("there is no {what} `{text}`{}\n  known: {}", meant.unwrap_or_default(), known.join(", "))
}

/// The Cargo workspace that a directory is in.
#[must_use]
pub fn workspace_root(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .find(|dir| {
            std::fs::read_to_string(dir.join("Cargo.toml"))
                .is_ok_and(|text| text.lines().any(|l| l.trim() == "[workspace]"))
        })
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_made_of_many_services_is_too_long_before_anything_starts() {
        let roots: Vec<Name> = (0..8).map(|n| Name::new(format!("service{n}"))).collect();
        assert!(Options::default().checked_name(&roots[..5]).is_ok());
        let error = Options::default().checked_name(&roots).unwrap_err();
        assert_eq!(error.exit, Exit::Usage);
        assert!(error.message.contains("--cluster NAME"), "{}", error.message);
        let named = Options { cluster: Some("all".to_owned()), ..Options::default() };
        assert_eq!(named.checked_name(&roots).unwrap(), "all");
    }
}
