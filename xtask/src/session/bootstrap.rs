//! `--bootstrap`: what this run needs and the machine lacks, installed and started first.

use super::{CommandError, Contention, Options, Session};
use crate::{
    catalog::{ImageName, Name},
    cli::ClusterArgs,
    doctor::{self, Ctx},
    images,
    plan::images_of,
    report::terminal,
    tools::engine::EngineKind,
};

impl Session {
    /// Where the user asked for it, mends what a run of these definitions needs. What stays behind is said, with the
    /// command that takes it back.
    pub fn bootstrap(&self, args: &ClusterArgs, roots: &[Name]) -> Result<(), CommandError> {
        if !args.bootstrap {
            return Ok(());
        }
        let _hold = self.hold(&self.machine(), "--bootstrap", Contention::Wait)?;
        let tell = |step: &str| terminal::status("Bootstrap", step);
        let report = doctor::bootstrap(&self.examination(self.decided_engine(roots, &Options::of(args)), roots, &tell));
        for mended in &report.mended {
            terminal::status("Mended", &mended.what);
            if let Some(undo) = &mended.undo {
                terminal::status("Undo", undo);
            }
        }
        if self.runner.stopping().is_some() {
            // What failed did so because of that.
            return Err(CommandError::interrupted("interrupted before this machine had what the run needs"));
        }
        if report.failed.is_empty() { Ok(()) } else { Err(CommandError::missing(report.failed.join("\n"))) }
    }

    /// Says how to stop the engine that an earlier `--bootstrap` or `doctor --fix` started, if it runs on.
    pub fn tell_of_daemon(&self) {
        if let Some(stop) = doctor::left_running(self.machine().path()) {
            terminal::status("Left", &format!("dockerd, which this tool started; stop it with: {stop}"));
        }
    }

    /// What doctor looks at for a run of these definitions.
    #[must_use]
    pub fn examination<'a>(
        &'a self,
        wanted: Option<EngineKind>,
        roots: &[Name],
        tell: &'a (dyn Fn(&str) + Sync),
    ) -> Ctx<'a> {
        Ctx {
            runner: &self.runner,
            toolbox: &self.toolbox,
            wanted,
            catalog: &self.catalog,
            images: self.third_party_of(roots),
            cache: self.cache.as_ref(),
            scratch: self.machine().path().to_owned(),
            home: self.env.home.clone(),
            vars: self.env.engine_vars.clone(),
            tell,
        }
    }

    /// Images from elsewhere that these definitions run, and the node's.
    fn third_party_of(&self, roots: &[Name]) -> Vec<ImageName> {
        let known = |name: &ImageName| self.catalog.third_party.contains_key(name);
        let closure = self.catalog.closure(roots);
        let definitions = closure.iter().filter_map(|n| self.catalog.definitions.get(n));
        let objects = definitions.flat_map(|d| &d.parts).flat_map(|p| &p.objects);
        let mut images: Vec<ImageName> = objects.flat_map(|o| images_of(o, &known)).filter(|n| known(n)).collect();
        images.push(ImageName::new(images::NODE));
        images.sort();
        images.dedup();
        images
    }
}
