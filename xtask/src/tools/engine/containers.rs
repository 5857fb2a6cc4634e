//! Containers: found by label, looked into, removed.

use std::{collections::BTreeMap, ffi::OsStr, path::Path, time::Duration};

use serde_json::Value;

use super::Engine;
use crate::{
    catalog::ImageRef,
    exec::{Cmd, ExecError, Runner},
};

/// A container, running or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `running`, `exited`, ... in the engine's words.
    pub state: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it was made from, as it was asked for.
    pub image: String,
    /// Ports of the host that it holds.
    pub host_ports: Vec<u16>,
}

impl Engine {
    /// All containers with this label, `key` or `key=value`.
    pub fn containers(&self, label: &str, runner: &Runner) -> Result<Vec<Container>, ExecError> {
        let list = self.cmd().args(["ps", "--all", "--quiet", "--no-trunc", "--filter", &format!("label={label}")]);
        let ids = list.deadline(Duration::from_secs(30)).run(runner)?.text();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // The listings of docker and podman differ; what they say on inspection does not.
        let inspect = self.cmd().args(["container", "inspect"]).args(ids.lines());
        match inspect.deadline(Duration::from_secs(30)).run(runner) {
            Ok(output) => Ok(parse(&output.text())),
            // One of them has gone between the two questions.
            Err(e) if is_missing(&e) => ids.lines().filter_map(|id| self.container(id, runner).transpose()).collect(),
            Err(e) => Err(e),
        }
    }

    /// One container by name or id, if there is one.
    pub fn container(&self, name: &str, runner: &Runner) -> Result<Option<Container>, ExecError> {
        let inspect = self.cmd().args(["container", "inspect", name]).deadline(Duration::from_secs(30));
        match inspect.run(runner) {
            Ok(output) => Ok(parse(&output.text()).into_iter().next()),
            Err(e) if is_missing(&e) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Removes containers with their anonymous volumes, running or not.
    #[must_use]
    pub fn remove_containers<S: AsRef<OsStr>>(&self, names: impl IntoIterator<Item = S>) -> Cmd {
        self.cmd().args(["rm", "--force", "--volumes"]).args(names)
    }

    /// Removes files of the host that belong to root, as root of a container of this image, which has to have `rm`.
    #[must_use]
    pub fn remove_as_root(&self, image: &ImageRef, dir: &Path, names: &[&OsStr]) -> Cmd {
        // Where SELinux confines containers, this one has to reach what no container was given.
        let run = ["run", "--rm", "--network", "none", "--security-opt", "label=disable", "--workdir", "/dir"];
        let mut mount = dir.as_os_str().to_owned();
        mount.push(":/dir");
        let run = self.cmd().args(run).arg("--volume").arg(mount).args(["--entrypoint", "rm", image.as_str(), "-rf"]);
        run.args(names).deadline(Duration::from_mins(1))
    }

    /// Runs a program in a container.
    #[must_use]
    pub fn exec<S: AsRef<OsStr>>(&self, container: &str, argv: impl IntoIterator<Item = S>) -> Cmd {
        self.cmd().args(["exec", container]).args(argv)
    }

    /// Runs a program in a container; what is fed into the command is its standard input.
    #[must_use]
    pub fn exec_with_input<S: AsRef<OsStr>>(&self, container: &str, argv: impl IntoIterator<Item = S>) -> Cmd {
        self.cmd().args(["exec", "--interactive", container]).args(argv)
    }
}

fn is_missing(e: &ExecError) -> bool {
    e.stderr_contains("No such container") || e.stderr_contains("no such container")
}

fn parse(text: &str) -> Vec<Container> {
    let Ok(Value::Array(list)) = serde_json::from_str(text) else { return Vec::new() };
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let one = |c: &Value| Container {
        id: text(&c["Id"]),
        name: text(&c["Name"]).trim_start_matches('/').to_owned(),
        state: text(&c["State"]["Status"]),
        labels: c["Config"]["Labels"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), text(v))).collect(),
        image: text(&c["Config"]["Image"]),
        host_ports: host_ports(&c["HostConfig"]["PortBindings"]),
    };
    list.iter().map(one).collect()
}

/// From `{"30081/tcp": [{"HostIp": "127.0.0.1", "HostPort": "28090"}]}`.
fn host_ports(bindings: &Value) -> Vec<u16> {
    let lists = bindings.as_object().into_iter().flatten().filter_map(|(_, v)| v.as_array());
    lists.flatten().filter_map(|b| b["HostPort"].as_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_are_read() {
        // Cut from `docker container inspect` 26.1.5; podman writes the name without the slash.
        let text = r#"[{"Id":"3f2a","Name":"/x-control-plane","State":{"Status":"running","Running":true},
            "Config":{"Image":"localhost/kind-node:v1.34.4","Labels":{"io.x-k8s.kind.cluster":"x"}},
            "HostConfig":{"PortBindings":{"6443/tcp":[{"HostIp":"127.0.0.1","HostPort":"40001"}],"80/tcp":null}}}]"#;
        let want = Container {
            id: "3f2a".to_owned(),
            name: "x-control-plane".to_owned(),
            state: "running".to_owned(),
            labels: [("io.x-k8s.kind.cluster".to_owned(), "x".to_owned())].into(),
            image: "localhost/kind-node:v1.34.4".to_owned(),
            host_ports: vec![40001],
        };
        assert_eq!(parse(text), std::slice::from_ref(&want));
        assert_eq!(parse(&text.replace("/x-control", "x-control")), [want]);
    }
}
