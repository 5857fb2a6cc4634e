//! Installs and starts a container engine that runs privileged containers.

use super::{
    Mended, Report,
    apt::Apt,
    daemon,
    system::{Distribution, init_system, resources_are_bounded},
};
use crate::{
    doctor::{Ctx, probe},
    tools::engine::{Engine, EngineKind, NoEngine, WhyNot},
};

/// Engine and, where Debian has it apart, the builder.
const FROM_TRIXIE: [&str; 3] = ["docker.io", "docker-cli", "docker-buildx"];
/// What those need of Debian 12.
const BENEATH: [&str; 4] = ["containerd", "runc", "iptables", "tini"];

/// Mends what is missing of: installed, answering, running privileged containers.
pub(super) fn mend(ctx: &Ctx<'_>) -> Report {
    let mut report = Report::default();
    if let Err(why) = try_mend(ctx, &mut report) {
        report.failed.push(why);
    }
    report
}

fn try_mend(ctx: &Ctx<'_>, report: &mut Report) -> Result<(), String> {
    match ctx.engine() {
        Ok(engine) => {
            let Err(e) = probe::run_privileged(&engine, ctx.runner) else { return Ok(()) };
            if a_newer_one_helps(&engine) {
                report.mended.push(from_trixie(ctx)?);
                report.mended.push(daemon::restart(ctx)?);
                return verify(ctx);
            }
            Err(format!("{} cannot run privileged containers, and no other engine is known to here: {e}", engine.kind))
        }
        Err(none) => {
            refuse_what_packages_do_not_mend(ctx, &none)?;
            if ctx.toolbox.find("dockerd").is_none() {
                install(ctx, report)?;
            }
            if ctx.engine().is_err() {
                report.mended.push(daemon::start(ctx)?);
            }
            verify(ctx)
        }
    }
}

fn refuse_what_packages_do_not_mend(ctx: &Ctx<'_>, none: &NoEngine) -> Result<(), String> {
    if ctx.wanted == Some(EngineKind::Podman) {
        return Err(format!(
            "podman was asked for, and this command installs docker only: sudo apt-get install podman\n{none}"
        ));
    }
    let refused = |why: &WhyNot| matches!(why, WhyNot::NotAnswering(e) if e.stderr_contains("permission denied"));
    if none.tried.iter().any(|(_, why)| refused(why)) {
        return Err(
            "docker runs, but not for this user: sudo usermod --append --groups docker \"$USER\", then log in anew"
                .to_owned(),
        );
    }
    Ok(())
}

/// The distribution's own engine; Debian 13's on a Debian 12 whose own is known not to run privileged containers.
fn install(ctx: &Ctx<'_>, report: &mut Report) -> Result<(), String> {
    let apt = Apt::find(ctx)?;
    if apt.distribution.is_bookworm() && resources_are_bounded() {
        report.mended.push(from_trixie(ctx)?);
        return Ok(());
    }
    // Debian 12 has no docker-buildx; its engine then builds without.
    let with_builder = apt.install(&["docker.io", "docker-buildx", "iptables"]);
    report.mended.push(with_builder.or_else(|_| apt.install(&["docker.io", "iptables"]))?);
    Ok(())
}

/// Debian 12's engine asks for every capability there is, also for those that this machine cannot give.
pub(in crate::doctor) fn a_newer_one_helps(engine: &Engine) -> bool {
    engine.kind == EngineKind::Docker && engine.version.starts_with("20.10") && Distribution::read().is_bookworm()
}

fn from_trixie(ctx: &Ctx<'_>) -> Result<Mended, String> {
    let apt = Apt::find(ctx)?;
    apt.install(&BENEATH)?;
    apt.install_from_trixie(&FROM_TRIXIE)
}

fn verify(ctx: &Ctx<'_>) -> Result<(), String> {
    let engine = ctx.engine().map_err(|e| e.to_string())?;
    probe::run_privileged(&engine, ctx.runner)
        .map_err(|e| format!("{} {} still cannot run privileged containers: {e}", engine.kind, engine.version))?;
    if init_system().is_none() {
        (ctx.tell)(&format!("{} {} runs privileged containers", engine.kind, engine.version));
    }
    Ok(())
}
