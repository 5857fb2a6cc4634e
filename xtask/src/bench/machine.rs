//! Where something was measured: figures without the machine say nothing.

use std::collections::BTreeMap;

use crate::{exec::Cmd, session::Session, tools::engine::Engine};

/// What the figures depend on, by what it is.
pub(super) fn machine(session: &Session, engine: &Engine) -> BTreeMap<&'static str, String> {
    let line = |cmd: Cmd| cmd.run(&session.runner).map_or_else(|_| "unknown".to_owned(), |o| o.text());
    let file = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let value = text.lines().find_map(|l| l.strip_prefix(key)?.split_once(':').map(|(_, v)| v.trim().to_owned()));
        value.unwrap_or_else(|| "unknown".to_owned())
    };
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let program = |name: &str| Cmd::new(session.toolbox.program(name));
    let kubectl = line(program("kubectl").args(["version", "--client", "--output=yaml"]));
    let kubectl = kubectl.lines().find_map(|l| l.trim().strip_prefix("gitVersion: ")).unwrap_or("unknown").to_owned();
    let disk = line(Cmd::new("df").args(["-h", "--output=avail,fstype"]).arg(&session.root));
    BTreeMap::from([
        ("cpu", format!("{cpus} x {}", file("/proc/cpuinfo", "model name"))),
        ("memory", file("/proc/meminfo", "MemTotal")),
        ("disk free, file system", disk.lines().last().unwrap_or_default().trim().to_owned()),
        ("kernel", line(Cmd::new("uname").arg("-sr"))),
        ("engine", format!("{} {}", engine.kind, engine.version)),
        ("kind", line(program("kind").arg("version"))),
        ("kubectl", kubectl),
    ])
}
