//! What a set-up would do. Nothing is started; an engine is asked only what it has, and need not be there.

use std::collections::BTreeMap;

use super::{CommandError, Existing, Exit, NAMESPACE, Options, Session, given};
use crate::{
    catalog::{Build, ImageRef, Name, OwnImage},
    cli::PlanFormat,
    images::{self, own},
    observe::{self, NodeState},
    plan::{self, Observed, Plan, Selection},
    render,
    report::terminal,
};

/// Prints the plan of a set-up.
pub fn show(session: &Session, roots: &[Name], options: &Options, format: PlanFormat) -> Result<Exit, CommandError> {
    let plan = foresee(session, roots, options)?;
    terminal::data(&match format {
        PlanFormat::Text => plan::text(&plan).trim_end().to_owned(),
        PlanFormat::Json => plan::json(&plan).to_string(),
        PlanFormat::Mermaid => plan::mermaid(&plan).trim_end().to_owned(),
    });
    Ok(Exit::Ok)
}

/// The plan that a set-up would follow.
fn foresee(session: &Session, roots: &[Name], options: &Options) -> Result<Plan, CommandError> {
    let observed = Observed { cluster_runs: session.will_be_used(roots, options)?, cpus: 1 };
    session.plan(roots, options, &observed)
}

impl Session {
    /// The plan for what was observed.
    pub fn plan(&self, roots: &[Name], options: &Options, observed: &Observed) -> Result<Plan, CommandError> {
        self.check_given(options)?;
        let selection =
            Selection { roots: roots.to_vec(), mode: options.mode, given: options.given.clone(), scope: options.scope };
        plan::plan(&self.catalog, &selection, observed).map_err(CommandError::usage)
    }

    /// What rendering needs for these services, as far as it is known before anything is built.
    pub fn preview(&self, roots: &[Name], options: &Options) -> Result<render::Context<'_>, CommandError> {
        let engine = self.engine(self.decided_engine(roots, options)).ok();
        let present = engine.and_then(|engine| engine.present(&self.runner).ok()).unwrap_or_default();
        let mut all = BTreeMap::new();
        for image in self.catalog.definitions.values().flat_map(|d| &d.images) {
            all.insert(image.name.clone(), self.own_reference(image)?);
        }
        for image in self.catalog.third_party.values() {
            all.insert(image.name.clone(), images::expected(image, &present, self.cache.as_ref()).clone());
        }
        for (name, reference) in &options.given {
            let known = present.id(reference).map(|id| given::reference(name, id));
            all.insert(name.clone(), known.unwrap_or_else(|| reference.clone()));
        }
        Ok(render::Context::new(&self.catalog, NAMESPACE, &options.cluster_name(roots), all))
    }

    /// Only a build tells what is in a binary.
    fn own_reference(&self, image: &OwnImage) -> Result<ImageRef, CommandError> {
        match image.build {
            Build::Cargo { .. } => Ok(ImageRef::new(format!("localhost/e2e/{}:not-built-yet", image.name))),
            Build::Containerfile { .. } => Ok(own::prepare(image, &self.root, None, &self.root)?.reference),
        }
    }

    /// Whether there is a cluster that a set-up would use as it is. Where its engine does not answer, the record counts.
    fn will_be_used(&self, roots: &[Name], options: &Options) -> Result<bool, CommandError> {
        let name = options.cluster_name(roots);
        let record = self.home.cluster(&name).record()?;
        let Some(record) = record.filter(|r| r.complete && options.existing == Existing::Reuse) else {
            return Ok(false);
        };
        let node = self.engine(Some(record.engine)).ok().and_then(|e| observe::node(&e, &name, &self.runner).ok());
        Ok(node != Some(NodeState::Absent))
    }
}
