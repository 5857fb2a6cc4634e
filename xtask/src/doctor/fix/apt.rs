//! Packages of Debian and Ubuntu, with the rights to install them.

use std::{path::Path, time::Duration};

use fs_err as fs;

use super::{
    Mended,
    system::{Distribution, Rights},
};
use crate::{doctor::Ctx, exec::Cmd};

const DEADLINE: Duration = Duration::from_mins(10);
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MIRROR: &str = "http://deb.debian.org/debian";

/// The package manager.
pub(super) struct Apt<'a> {
    ctx: &'a Ctx<'a>,
    pub(super) rights: Rights,
    pub(super) distribution: Distribution,
}

impl<'a> Apt<'a> {
    /// The error says what a person would have to do.
    pub(super) fn find(ctx: &'a Ctx<'a>) -> Result<Self, String> {
        let distribution = Distribution::read();
        if !distribution.is_debian_like() {
            return Err(
                "packages are installed on Debian and Ubuntu only; `cargo xtask doctor` prints the commands".to_owned()
            );
        }
        let rights = Rights::find(ctx.runner)
            .ok_or("neither root nor sudo without a password: run the commands that `cargo xtask doctor` prints")?;
        Ok(Self { ctx, rights, distribution })
    }

    /// Installs packages of the machine's own distribution.
    pub(super) fn install(&self, packages: &[&str]) -> Result<Mended, String> {
        (self.ctx.tell)(&format!("installing {}", packages.join(", ")));
        let install = self.apt_get(&["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
        // The lists are read anew only where those that are there do not do: mostly they do.
        if install.run(self.ctx.runner).is_err() {
            // What a killed installation left half done comes first: dpkg refuses everything else.
            let _ = self.cmd("dpkg").args(["--configure", "--pending"]).run(self.ctx.runner);
            (self.ctx.tell)("reading package lists");
            // One of several sources may not answer; whether the packages are there the installation shows.
            let _ = self.apt_get(&["update", "--quiet"]).run(self.ctx.runner);
            install.run(self.ctx.runner).map_err(|e| e.to_string())?;
        }
        let undo = format!("sudo apt-get remove {}", packages.join(" "));
        Ok(Mended::new(format!("installed {}", packages.join(", "))).undone_by(undo))
    }

    /// Downloads packages of Debian 13 and installs them on Debian 12, with a source list of their own, so that nothing
    /// else moves. What they depend on must be there already.
    pub(super) fn install_from_trixie(&self, packages: &[&str]) -> Result<Mended, String> {
        (self.ctx.tell)(&format!("installing {} of Debian 13", packages.join(", ")));
        let dir = self.ctx.scratch.join("trixie");
        // A download of earlier would be installed again, whatever it is.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("lists/partial")).map_err(|e| e.to_string())?;
        let list = dir.join("debian.sources");
        let source =
            format!("Types: deb\nURIs: {}\nSuites: trixie\nComponents: main\nSigned-By: {KEYRING}\n", self.mirror());
        fs::write(&list, source).map_err(|e| e.to_string())?;
        let option = |key: &str, path: &Path| ["--option".to_owned(), format!("{key}={}", path.display())];
        let apart: Vec<String> = [
            option("Dir::Etc::sourcelist", &list),
            option("Dir::Etc::sourceparts", Path::new("/dev/null")),
            option("Dir::State::lists", &dir.join("lists")),
        ]
        .concat();
        let run = |cmd: Cmd| cmd.cwd(&dir).run(self.ctx.runner).map_err(|e| e.to_string());
        run(self.apt_get(&["update", "--quiet"]).args(&apart))?;
        run(self.apt_get(&["download", "--quiet"]).args(&apart).args(packages))?;
        let files = fs::read_dir(&dir).map_err(|e| e.to_string())?.filter_map(|e| Some(e.ok()?.path()));
        let files = files.filter(|p| p.extension().is_some_and(|e| e == "deb"));
        run(self.cmd("dpkg").arg("--install").args(files))?;
        let undo = format!("sudo dpkg --purge {}", packages.join(" "));
        Ok(Mended::new(format!("installed {} of Debian 13", packages.join(", "))).undone_by(undo))
    }

    /// Where this machine gets Debian from.
    fn mirror(&self) -> String {
        let ask = Cmd::new("apt-get").args(["indextargets", "--format", "$(CREATED_BY) $(SITE) $(CODENAME)"]);
        let text = ask.deadline(Duration::from_secs(20)).run(self.ctx.runner).map(|o| o.text()).unwrap_or_default();
        let site = text.lines().find_map(|l| l.strip_prefix("Packages ")?.strip_suffix(" bookworm"));
        site.unwrap_or(MIRROR).to_owned()
    }

    fn apt_get(&self, args: &[&str]) -> Cmd {
        // Another installation may hold the lock for a moment.
        self.cmd("apt-get").args(["--option", "DPkg::Lock::Timeout=120", "--option", "Acquire::Retries=3"]).args(args)
    }

    fn cmd(&self, program: &str) -> Cmd {
        let cmd = self.rights.cmd(&[("DEBIAN_FRONTEND", "noninteractive")], program);
        cmd.deadline(DEADLINE).log(self.ctx.scratch.join("packages.log"))
    }
}
