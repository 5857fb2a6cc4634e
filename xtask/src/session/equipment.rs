//! The engine and the programs of a run: looked for before anything starts.

use super::{CommandError, Options, Session};
use crate::{
    catalog::Name,
    plan::{Action, Observed, Scope},
    state::{ClusterDir, ClusterRecord},
    tools::engine::{Engine, EngineKind},
};

impl Session {
    /// The engine that is wanted, or that works.
    pub fn engine(&self, wanted: Option<EngineKind>) -> Result<Engine, CommandError> {
        Engine::detect(wanted, &self.toolbox, &self.runner).map_err(|e| match self.runner.stopping() {
            None => CommandError::missing(e),
            Some(_) => CommandError::interrupted("interrupted while the engine was asked for its version"),
        })
    }

    /// The engine that has a cluster. Nobody else can say whether the cluster is there.
    pub(super) fn engine_of(&self, dir: &ClusterDir, record: &ClusterRecord) -> Result<Engine, CommandError> {
        self.engine(Some(record.engine)).map_err(|e| CommandError {
            message: format!(
                "cluster `{}` lives on {}: {e}\n  if that engine is gone for good, forget the cluster: rm -r {}",
                dir.name(),
                record.engine,
                dir.path().display()
            ),
            ..e
        })
    }

    /// The engine that a run of these definitions will use, as far as that is decided: by the user, or by the cluster.
    pub(super) fn decided_engine(&self, roots: &[Name], options: &Options) -> Option<EngineKind> {
        let record = || self.home.cluster(&options.cluster_name(roots)).record().ok().flatten();
        options.engine.or_else(|| record().map(|r| r.engine))
    }

    /// Fails if a program that this run will start is not there, naming all of them.
    pub(super) fn require_programs(&self, roots: &[Name], options: &Options) -> Result<(), CommandError> {
        let plan = self.plan(roots, options, &Observed::default())?;
        let compiles =
            plan.tasks.iter().any(|t| matches!(t.action, Action::CargoBuild { .. } | Action::CargoTests { .. }));
        let mut needed = Vec::new();
        if options.scope != Scope::Images {
            needed.extend(["kind", "kubectl"]);
        }
        needed.extend(compiles.then_some("cargo"));
        let lacks: Vec<String> = needed.into_iter().filter(|p| self.toolbox.find(p).is_none()).map(mend).collect();
        if lacks.is_empty() { Ok(()) } else { Err(CommandError::missing(lacks.join("\n"))) }
    }
}

fn mend(program: &str) -> String {
    let how = match program {
        "cargo" => "install it from https://rustup.rs",
        _ => "`cargo xtask doctor --fix` installs it, and so does --bootstrap",
    };
    format!("`{program}` was not found on the PATH; {how}")
}
