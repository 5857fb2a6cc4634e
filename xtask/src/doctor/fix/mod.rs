//! Mends what checks found missing: installs, downloads, starts. For `doctor --fix` and `--bootstrap`.
//!
//! Only what is missing is touched. Every step is told, and what stays behind is in the report with the way to undo it.

mod apt;
mod bounds;
mod daemon;
mod engine;
mod programs;
mod system;

pub use daemon::left_running;

use std::fmt;

use super::{Ctx, Status, images::outlook, kernel, kind, kubectl, linker};
use crate::{catalog::ThirdParty, images::Stock, tools::engine::Engine};
use apt::Apt;
pub(super) use engine::a_newer_one_helps;
pub(super) use system::init_system;

/// Something that was mended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mended {
    /// What is there now.
    pub what: String,
    /// The command that takes it back, where it stays behind.
    pub undo: Option<String>,
}

/// What was mended, and what could not be.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    /// Done.
    pub mended: Vec<Mended>,
    /// Not done, each with the reason and what to type instead.
    pub failed: Vec<String>,
}

/// Mends everything that a run needs. Where something cannot be mended the rest still is.
#[must_use]
pub fn bootstrap(ctx: &Ctx<'_>) -> Report {
    if let Err(e) = fs_err::create_dir_all(&ctx.scratch) {
        return Report { failed: vec![e.to_string()], ..Report::default() };
    }
    // The engine comes from packages and kind from elsewhere: neither waits for the other.
    let (mut report, programs) = rayon::join(|| with_packages(ctx), || mend_kind(ctx));
    report.absorb(programs);
    if let Ok(engine) = ctx.engine() {
        report.absorb(mend_recipe_tools(ctx, &engine));
        report.absorb(mend_kubectl(ctx, &engine));
    }
    report
}

/// Mends everything that a run needs, and what is only advised where that harms nothing else: a kind of our own, bounds of
/// the kernel that are low.
#[must_use]
pub fn fix(ctx: &Ctx<'_>) -> Report {
    let mut report = bootstrap(ctx);
    if kind::check(ctx).status == Status::Advice {
        report.note(programs::install_kind(ctx));
    }
    for low in kernel::low() {
        report.note(bounds::raise(ctx, low));
    }
    report
}

/// The linker and the engine, in this order: packages are installed one transaction at a time.
fn with_packages(ctx: &Ctx<'_>) -> Report {
    let mut report = Report::default();
    if linker::check(ctx).status == Status::Missing {
        report.note(Apt::find(ctx).and_then(|apt| apt.install(&["gcc", "libc6-dev"])));
    }
    report.absorb(engine::mend(ctx));
    report
}

fn mend_kind(ctx: &Ctx<'_>) -> Report {
    let mut report = Report::default();
    if kind::check(ctx).status == Status::Missing {
        report.note(programs::install_kind(ctx));
    }
    report
}

/// What the recipes of this run's images take, where no other source will serve.
fn mend_recipe_tools(ctx: &Ctx<'_>, engine: &Engine) -> Report {
    let mut report = Report::default();
    let mut registry = None;
    let mut packages: Vec<&str> = Vec::new();
    let images = ctx.images.iter().filter_map(|name| ctx.catalog.third_party.get(name));
    for lack in images.flat_map(|image| outlook(ctx, engine, image, &mut registry).lacks) {
        let package =
            super::images::RECIPE_TOOLS.iter().find(|(tool, _)| *tool == lack).map_or("", |(_, package)| package);
        if package.is_empty() {
            report
                .failed
                .push(format!("`{lack}` is needed for recipes: install Go 1.25 or newer from https://go.dev/dl/"));
        }
        packages.extend(package.split_whitespace());
    }
    packages.sort_unstable();
    packages.dedup();
    report.failed.dedup();
    if !packages.is_empty() {
        report.note(Apt::find(ctx).and_then(|apt| apt.install(&packages)));
    }
    report
}

/// A release where one can be downloaded; else the node's own, which takes the node image.
fn mend_kubectl(ctx: &Ctx<'_>, engine: &Engine) -> Report {
    let mut report = Report::default();
    if kubectl::check(ctx).status != Status::Missing {
        return report;
    }
    let done = programs::download_kubectl(ctx).or_else(|why| {
        (ctx.tell)(&format!("kubectl cannot be downloaded ({}): taking that of the node image", first_line(&why)));
        let image = node_image(ctx, engine).map_err(|e| format!("{why}\n{e}"))?;
        programs::kubectl_of_node(ctx, engine, &image)
    });
    report.note(done);
    report
}

fn node_image(ctx: &Ctx<'_>, engine: &Engine) -> Result<crate::catalog::ImageRef, String> {
    let name = crate::catalog::ImageName::new(crate::images::NODE);
    let image: &ThirdParty = ctx.catalog.third_party.get(&name).ok_or("no node image is declared")?;
    let stock = Stock {
        engine,
        runner: ctx.runner,
        cache: ctx.cache,
        images: &ctx.catalog.third_party,
        root: ctx.catalog.root.clone(),
        scratch: ctx.scratch.clone(),
    };
    let obtained = stock.obtain(image, &|notice| (ctx.tell)(&notice.to_string()));
    obtained.map(|o| o.reference).map_err(|e| e.to_string())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

impl Mended {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), undo: None }
    }

    fn undone_by(mut self, command: impl Into<String>) -> Self {
        self.undo = Some(command.into());
        self
    }
}

impl Report {
    fn note(&mut self, result: Result<Mended, String>) {
        match result {
            Ok(mended) => self.mended.push(mended),
            Err(why) => self.failed.push(why),
        }
    }

    fn absorb(&mut self, other: Self) {
        self.mended.extend(other.mended);
        self.failed.extend(other.failed);
    }
}

impl fmt::Display for Mended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        self.undo.iter().try_for_each(|undo| write!(f, "; undo: {undo}"))
    }
}
