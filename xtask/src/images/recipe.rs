//! Runs a recipe: a script that makes one image from packages of Debian and modules of Go, where no registry helps.
//!
//! The script `build.sh` of the recipe's directory gets, as environment:
//! `IMAGE` (the reference to make), `ENGINE` (the client program), `WORK` (an empty directory of its own),
//! `E2E_NEED_<NAME>` (the reference of each image it starts from), `DEBIAN_MIRROR` and `DEBIAN_APT_PROXY` (as this machine's
//! apt has them). Lines on standard output that begin with `==> ` are its steps. What it has in the engine on its way is
//! named after its process, so that it is found when it could not clean up.

use std::{path::Path, time::Duration};

use crate::{
    catalog::{ImageName, ImageRef, Recipe},
    exec::{Cmd, ExecError, Runner},
    tools::engine::Engine,
};

/// A node image takes a quarter of an hour on two cores; a slow machine gets several times that.
const DEADLINE: Duration = Duration::from_mins(75);
/// Where Debian's packages are when this machine's apt does not say.
const MIRROR: &str = "http://deb.debian.org/debian";
/// The release that the recipes are made from.
const RELEASE: &str = "bookworm";
const STEP: &str = "==> ";

/// What a recipe runs with.
pub(super) struct Making<'a> {
    pub(super) engine: &'a Engine,
    pub(super) runner: &'a Runner,
    /// The workspace.
    pub(super) root: &'a Path,
    /// An empty directory for the recipe alone.
    pub(super) work: &'a Path,
    /// Where everything that it prints goes.
    pub(super) log: &'a Path,
}

impl Making<'_> {
    /// Makes the image; the engine has it afterwards if the script kept its word.
    pub(super) fn make(
        &self,
        recipe: &Recipe,
        needs: &[(ImageName, ImageRef)],
        on_step: &mut dyn FnMut(&str),
    ) -> Result<(), ExecError> {
        let dir = self.root.join(&recipe.dir);
        let mut cmd = Cmd::new(self.root.join(&recipe.script))
            .cwd(&dir)
            .env("IMAGE", recipe.reference.as_str())
            .env("ENGINE", &self.engine.program)
            .env("WORK", self.work)
            .env("DEBIAN_MIRROR", self.mirror())
            .env("DEBIAN_APT_PROXY", self.apt_proxy())
            .log(self.log)
            .deadline(DEADLINE)
            .niced();
        for (name, reference) in needs {
            let key = name.as_str().to_uppercase().replace('-', "_");
            cmd = cmd.env(format!("E2E_NEED_{key}"), reference.as_str());
        }
        cmd.run_telling(self.runner, &mut |line| {
            if let Some(step) = line.strip_prefix(STEP) {
                on_step(step);
            }
        })?;
        Ok(())
    }

    /// The mirror that this machine gets the release from, if it does.
    fn mirror(&self) -> String {
        let targets =
            Cmd::new("apt-get").args(["indextargets", "--format", "$(CREATED_BY) $(SITE) $(CODENAME) $(COMPONENT)"]);
        let text = targets.deadline(Duration::from_secs(20)).run(self.runner).map(|o| o.text()).unwrap_or_default();
        mirror_of(&text).unwrap_or(MIRROR).to_owned()
    }

    fn apt_proxy(&self) -> String {
        let dump = Cmd::new("apt-config").args(["dump", "--format", "%v%n", "Acquire::http::Proxy"]);
        let text = dump.deadline(Duration::from_secs(20)).run(self.runner).map(|o| o.text()).unwrap_or_default();
        text.lines().next().unwrap_or_default().to_owned()
    }
}

fn mirror_of(targets: &str) -> Option<&str> {
    targets.lines().find_map(|line| {
        let mut fields = line.split(' ');
        match (fields.next()?, fields.next()?, fields.next()?, fields.next()?) {
            ("Packages", site, RELEASE, "main") => Some(site),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_that_of_the_machine() {
        // From `apt-get indextargets` of Debian 12.
        let text = "Packages http://mirror.example/debian-security bookworm-security main\n\
            Packages http://mirror.example/debian bookworm main\nTranslations http://other/debian bookworm main";
        assert_eq!(mirror_of(text), Some("http://mirror.example/debian"));
        assert_eq!(mirror_of("Packages http://archive.ubuntu.com/ubuntu noble main"), None);
    }
}
