//! The engine runs privileged containers, as the node of a cluster is one.

use super::{Ctx, Finding, fix, probe};
use crate::tools::engine::{Engine, EngineKind};

const CHECK: &str = "privileged";

pub(super) fn check(ctx: &Ctx<'_>, engine: &Engine) -> Finding {
    match probe::run_privileged(engine, ctx.runner) {
        Ok(()) => Finding::ok(CHECK, format!("{} ran a privileged container", engine.kind)),
        Err(e) => {
            let why =
                "The node of a cluster is a privileged container: systemd and another container runtime run in it.";
            let finding =
                Finding::missing(CHECK, format!("{} cannot run a privileged container: {e}", engine.kind), why);
            let other = EngineKind::ALL.into_iter().find(|k| *k != engine.kind && ctx.toolbox.find(k.name()).is_some());
            match other {
                Some(other) => finding.mended_by(format!("cargo xtask doctor --engine {other}")),
                None if fix::a_newer_one_helps(engine) => finding.mended_by("cargo xtask doctor --fix"),
                None => finding.mended_by("sudo apt-get install podman   # another engine, or a newer one"),
            }
        }
    }
}
