//! A container engine is present and answers.

use super::{Ctx, Finding};
use crate::tools::engine::{Engine, EngineKind, NoEngine, WhyNot};

const CHECK: &str = "engine";
const WHY: &str = "Clusters run as containers, and images are built by the engine.";

pub(super) fn check(ctx: &Ctx<'_>, detected: &Result<Engine, NoEngine>) -> Finding {
    match detected {
        Ok(engine) => Finding::ok(CHECK, format!("{} {} answers ({})", engine.kind, engine.version, engine.platform())),
        Err(none) => {
            let said: Vec<String> = none.tried.iter().map(|(kind, why)| format!("{kind}: {why}")).collect();
            let finding = Finding::missing(CHECK, said.join("\n"), WHY);
            mends(ctx, none).into_iter().fold(finding, Finding::mended_by)
        }
    }
}

fn mends(ctx: &Ctx<'_>, none: &NoEngine) -> Vec<String> {
    let refused = |why: &WhyNot| matches!(why, WhyNot::NotAnswering(e) if e.stderr_contains("permission denied"));
    if none.tried.iter().any(|(kind, why)| *kind == EngineKind::Docker && refused(why)) {
        return vec!["sudo usermod --append --groups docker \"$USER\" && newgrp docker".to_owned()];
    }
    if cfg!(target_os = "macos") {
        return vec!["brew install podman && podman machine init --rootful && podman machine start".to_owned()];
    }
    if ctx.wanted == Some(EngineKind::Podman) {
        return vec!["sudo apt-get install podman".to_owned()];
    }
    if ctx.toolbox.find("dockerd").is_none() {
        return vec!["sudo apt-get install docker.io   # or https://docs.docker.com/engine/install/".to_owned()];
    }
    match super::fix::init_system() {
        Some(_) => vec!["sudo systemctl start docker".to_owned()],
        None => vec!["sudo setsid dockerd > /tmp/dockerd.log 2>&1 < /dev/null &".to_owned()],
    }
}
