//! Where a program is: in the directory of those that doctor installed for us, or on the PATH.
//!
//! The environment is not read here; the command line does that once.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// The directories in which programs are looked for.
#[derive(Debug, Clone)]
pub struct Toolbox {
    own: PathBuf,
    path: OsString,
}

impl Toolbox {
    /// Looks in `own` first, then in the directories of `path` (the value of PATH).
    #[must_use]
    pub fn new(own: impl Into<PathBuf>, path: impl Into<OsString>) -> Self {
        Self { own: own.into(), path: path.into() }
    }

    /// The directory for programs that only this tool uses, below the user's data directory (`$XDG_DATA_HOME`).
    #[must_use]
    pub fn own_dir(data_home: &Path) -> PathBuf {
        data_home.join("kubernaut-e2e/bin")
    }

    /// The directory of the programs that doctor installed for us.
    #[must_use]
    pub fn own(&self) -> &Path {
        &self.own
    }

    /// The program's path, if there is such a program.
    #[must_use]
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        which::which_in(program, Some(self.search_path()), &self.own).ok()
    }

    /// All programs of this name, the one that is used first.
    #[must_use]
    pub fn find_all(&self, program: &str) -> Vec<PathBuf> {
        which::which_in_all(program, Some(self.search_path()), &self.own).map(Iterator::collect).unwrap_or_default()
    }

    /// What to run: the program's path, or its bare name where there is none, so that the error names it.
    #[must_use]
    pub fn program(&self, program: &str) -> PathBuf {
        self.find(program).unwrap_or_else(|| PathBuf::from(program))
    }

    /// PATH for a process that looks for these programs itself, as kind does for the engine.
    #[must_use]
    pub fn search_path(&self) -> OsString {
        let mut path = self.own.clone().into_os_string();
        if !self.path.is_empty() {
            path.push(OsStr::new(":"));
            path.push(&self.path);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_doctor_installed_comes_before_the_path() {
        let dir = tempfile::tempdir().unwrap();
        let (own, other) = (dir.path().join("own"), dir.path().join("other"));
        for (place, program) in [(&own, "kind"), (&other, "kind"), (&other, "kubectl")] {
            fs_err::create_dir_all(place).unwrap();
            fs_err::write(place.join(program), "#!/bin/sh\n").unwrap();
            fs_err::set_permissions(place.join(program), PermissionsExt::from_mode(0o755)).unwrap();
        }
        fs_err::write(own.join("kubectl"), "not executable").unwrap();
        let toolbox = Toolbox::new(&own, &other);
        assert_eq!(toolbox.find("kind"), Some(own.join("kind")));
        assert_eq!(toolbox.find_all("kind"), [own.join("kind"), other.join("kind")]);
        assert_eq!(toolbox.program("kubectl"), other.join("kubectl"));
        assert_eq!(toolbox.program("docker"), Path::new("docker"));
    }
}
