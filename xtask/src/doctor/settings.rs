//! Settings of the user, or of the engine, that break builds, loads or the node.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use super::{Ctx, Finding};
use crate::tools::engine::{Engine, EngineKind};

const CHECK: &str = "settings";

/// One setting that is in the way: what it is, and what mends it.
type Trouble = (String, String);

pub(super) fn check(ctx: &Ctx<'_>, engine: &Engine) -> Finding {
    let mut troubles = of_environment(ctx, engine);
    if engine.kind == EngineKind::Docker {
        troubles.extend(of_client(ctx));
        let info = engine.cmd().args(["info", "--format", "{{json .}}"]).deadline(Duration::from_secs(15));
        if let Ok(output) = info.run(ctx.runner) {
            troubles.extend(of_server(&serde_json::from_str(&output.text()).unwrap_or_default()));
        }
    }
    if troubles.is_empty() {
        return Finding::ok(CHECK, "none is in the way");
    }
    let what: Vec<&str> = troubles.iter().map(|(what, _)| what.as_str()).collect();
    let finding = Finding::advice(CHECK, what.join("\n"), "These settings are known to break builds, loads or nodes.");
    troubles.iter().fold(finding, |finding, (_, mend)| finding.mended_by(mend))
}

fn of_environment(ctx: &Ctx<'_>, engine: &Engine) -> Vec<Trouble> {
    let var = |name: &str| ctx.vars.get(name).filter(|v| !v.is_empty());
    let mut troubles = Vec::new();
    if let Some(platform) = var("DOCKER_DEFAULT_PLATFORM").filter(|p| !p.starts_with(&engine.platform())) {
        let what = format!(
            "DOCKER_DEFAULT_PLATFORM={platform}: images for a platform that is not the node's, {}",
            engine.platform()
        );
        troubles.push((what, "unset DOCKER_DEFAULT_PLATFORM".to_owned()));
    }
    let host = if engine.kind == EngineKind::Docker { "DOCKER_HOST" } else { "CONTAINER_HOST" };
    if let Some(at) = var(host).filter(|h| h.starts_with("tcp://") || h.starts_with("ssh://")) {
        let what = format!("{host}={at}: on a remote engine, ports of 127.0.0.1 are that machine's, not this one's");
        troubles.push((what, format!("unset {host}")));
    }
    troubles
}

/// The client's configuration names programs that keep credentials; one that is not there fails every pull and build.
fn of_client(ctx: &Ctx<'_>) -> Vec<Trouble> {
    let dir = ctx.vars.get("DOCKER_CONFIG").map_or_else(|| ctx.home.join(".docker"), PathBuf::from);
    let file = dir.join("config.json");
    let Ok(text) = fs_err::read_to_string(&file) else { return Vec::new() };
    let Ok(config) = serde_json::from_str::<Value>(&text) else {
        return vec![(format!("{} is no JSON", file.display()), format!("$EDITOR {}", file.display()))];
    };
    let helpers = config["credHelpers"].as_object().into_iter().flat_map(|m| m.values());
    let named = std::iter::once(&config["credsStore"]).chain(helpers).filter_map(Value::as_str);
    let absent = named.map(|n| format!("docker-credential-{n}")).filter(|p| ctx.toolbox.find(p).is_none());
    absent
        .map(|p| (format!("{} names {p}, which is not there", file.display()), format!("$EDITOR {}", file.display())))
        .collect()
}

fn of_server(info: &Value) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let options = info["SecurityOptions"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if options.clone().any(|o| o.starts_with("name=userns")) {
        let what = "the engine maps users (userns-remap): privileged containers are refused".to_owned();
        troubles.push((
            what,
            "sudo sed -i '/userns-remap/d' /etc/docker/daemon.json && sudo systemctl restart docker".to_owned(),
        ));
    }
    let rootless = options.clone().any(|o| o.starts_with("name=rootless"));
    if rootless && info["CgroupVersion"].as_str() == Some("1") {
        let what = "the engine is rootless on cgroup v1: nodes cannot limit anything".to_owned();
        troubles.push((what, "docker context use default".to_owned()));
    }
    if let Some(driver) = info["Driver"].as_str().filter(|d| ["vfs", "devicemapper", "aufs"].contains(d)) {
        let what =
            format!("the engine's storage driver is {driver}: each layer is copied whole, or is no longer supported");
        troubles.push((
            what,
            "docker info --format '{{.Driver}}'   # https://docs.docker.com/engine/storage/drivers/".to_owned(),
        ));
    }
    troubles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_says_of_itself() {
        // From `docker info` 26.1.5 of an ordinary installation.
        let good = serde_json::json!({"SecurityOptions": ["name=seccomp,profile=builtin"], "Driver": "overlay2", "CgroupVersion": "1"});
        assert!(of_server(&good).is_empty());
        let bad = serde_json::json!({"SecurityOptions": ["name=userns"], "Driver": "vfs", "CgroupVersion": "2"});
        assert_eq!(of_server(&bad).len(), 2);
        let rootless =
            |cgroups: &str| serde_json::json!({"SecurityOptions": ["name=rootless"], "CgroupVersion": cgroups});
        assert_eq!(of_server(&rootless("1")).len(), 1);
        assert!(of_server(&rootless("2")).is_empty());
    }
}
