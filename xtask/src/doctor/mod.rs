//! Is this machine able to do the work? One check a file: detect, explain, say what mends it; and the mending itself.
//!
//! Checks change nothing that outlives them. Only `fix` installs, downloads or starts anything, and it does so for
//! `doctor --fix` and for `--bootstrap` alike.

pub mod disk;
mod engine;
mod finding;
mod fix;
mod images;
mod kernel;
mod kind;
mod kubectl;
mod limits;
mod linker;
mod memory;
mod ports;
mod privileged;
mod probe;
mod settings;
mod version;

use std::{collections::BTreeMap, path::PathBuf};

pub use finding::{Finding, Status, json};
pub use fix::{Mended, Report, bootstrap, fix, left_running};

use crate::{
    catalog::{Catalog, ImageName},
    exec::Runner,
    images::Cache,
    tools::{
        engine::{Engine, EngineKind, NoEngine},
        locate::Toolbox,
    },
};

/// The Kubernetes version of the node image that recipes make, and of the kubectl that is installed.
pub const KUBERNETES: &str = "v1.34.4";
/// The kind release that the node images are made for.
pub const KIND: &str = "v0.30.0";

/// What checks and fixes look at.
pub struct Ctx<'a> {
    /// Runs everything.
    pub runner: &'a Runner,
    /// Where programs are.
    pub toolbox: &'a Toolbox,
    /// The engine that the user wants, if any.
    pub wanted: Option<EngineKind>,
    /// What there is to set up.
    pub catalog: &'a Catalog,
    /// Images that this run needs from elsewhere, and that must be obtainable.
    pub images: Vec<ImageName>,
    /// The image cache, if there is one.
    pub cache: Option<&'a Cache>,
    /// A directory for logs and downloads.
    pub scratch: PathBuf,
    /// The user's home directory.
    pub home: PathBuf,
    /// Variables of the environment that change what the engine does.
    pub vars: BTreeMap<String, String>,
    /// Is told each step of a fix.
    pub tell: &'a (dyn Fn(&str) + Sync),
}

impl Ctx<'_> {
    /// The names of the variables to hand in as [`Ctx::vars`].
    pub const VARS: [&'static str; 5] =
        ["DOCKER_HOST", "CONTAINER_HOST", "DOCKER_DEFAULT_PLATFORM", "BUILDX_BUILDER", "DOCKER_CONFIG"];

    fn engine(&self) -> Result<Engine, NoEngine> {
        Engine::detect(self.wanted, self.toolbox, self.runner)
    }
}

/// Makes every check. Those that need an engine are left out where there is none: one cause, one finding.
#[must_use]
pub fn examine(ctx: &Ctx<'_>) -> Vec<Finding> {
    let detected = ctx.engine();
    let mut findings = vec![engine::check(ctx, &detected)];
    if let Ok(engine) = &detected {
        findings.push(privileged::check(ctx, engine));
        findings.push(settings::check(ctx, engine));
        findings.extend(images::check(ctx, engine));
    }
    findings.push(kind::check(ctx));
    findings.push(kubectl::check(ctx));
    findings.push(linker::check(ctx));
    findings.push(disk::check(ctx, detected.as_ref().ok()));
    findings.push(memory::check());
    findings.push(kernel::check());
    findings.push(limits::check());
    findings.push(ports::check(ctx));
    findings
}
