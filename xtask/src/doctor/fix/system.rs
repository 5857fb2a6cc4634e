//! What this machine is: distribution, rights, init system.

use std::{path::Path, time::Duration};

use crate::exec::{Cmd, Runner};

/// How commands of the administrator are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// We are root.
    Root,
    /// sudo asks for no password.
    Sudo,
}

/// What `/etc/os-release` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Distribution {
    pub(super) ids: Vec<String>,
    pub(super) codename: String,
}

/// The init system's directory, where systemd runs this machine.
pub(in crate::doctor) fn init_system() -> Option<&'static Path> {
    Some(Path::new("/run/systemd/system")).filter(|p| p.is_dir())
}

impl Rights {
    pub(super) fn find(runner: &Runner) -> Option<Self> {
        if rustix::process::geteuid().is_root() {
            return Some(Self::Root);
        }
        // Never asking: a process group of its own cannot read the terminal.
        let sudo = Cmd::new("sudo").args(["--non-interactive", "true"]).deadline(Duration::from_secs(15)).run(runner);
        sudo.is_ok().then_some(Self::Sudo)
    }

    /// A command with these rights and these variables.
    pub(super) fn cmd(self, env: &[(&str, &str)], program: &str) -> Cmd {
        let start = match self {
            Self::Root => Cmd::new("env"),
            Self::Sudo => Cmd::new("sudo").args(["--non-interactive", "env"]),
        };
        start.args(env.iter().map(|(k, v)| format!("{k}={v}"))).arg(program)
    }
}

impl Distribution {
    pub(super) fn read() -> Self {
        Self::parse(&fs_err::read_to_string("/etc/os-release").unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let value = |key: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches('"').to_owned()
        };
        let ids = format!("{} {}", value("ID"), value("ID_LIKE"));
        Self { ids: ids.split_whitespace().map(str::to_owned).collect(), codename: value("VERSION_CODENAME") }
    }

    /// Whether its packages are Debian's, or made from them.
    pub(super) fn is_debian_like(&self) -> bool {
        self.ids.iter().any(|id| id == "debian" || id == "ubuntu")
    }

    /// Debian 12 itself.
    pub(super) fn is_bookworm(&self) -> bool {
        self.ids.first().is_some_and(|id| id == "debian") && self.codename == "bookworm"
    }
}

/// Whether processes here can never have `CAP_SYS_RESOURCE` (bit 24 of the bounding set).
pub(super) fn resources_are_bounded() -> bool {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    bounded(&status)
}

fn bounded(status: &str) -> bool {
    let set = status.lines().find_map(|l| l.strip_prefix("CapBnd:"));
    set.and_then(|s| u64::from_str_radix(s.trim(), 16).ok()).is_some_and(|set| set & (1 << 24) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions() {
        let debian = Distribution::parse(
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_CODENAME=bookworm\n",
        );
        assert!(debian.is_debian_like() && debian.is_bookworm());
        let mint = Distribution::parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_CODENAME=wilma\n");
        assert!(mint.is_debian_like() && !mint.is_bookworm());
        assert!(!Distribution::parse("ID=fedora\n").is_debian_like());
    }

    #[test]
    fn the_bounding_set() {
        assert!(bounded("Name:\tx\nCapBnd:\t000001fffeffffff\n"));
        assert!(!bounded("CapBnd:\t000001ffffffffff\n"));
        assert!(!bounded(""));
    }
}
