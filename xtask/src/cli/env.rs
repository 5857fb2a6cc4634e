//! What is read from the environment, in one place.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use crate::doctor::Ctx;

/// What is read from the environment.
#[derive(Debug, Clone)]
pub struct Env {
    /// `$PATH`
    pub path: OsString,
    /// `$XDG_STATE_HOME`, or `~/.local/state`.
    pub state_home: PathBuf,
    /// `$XDG_DATA_HOME`, or `~/.local/share`.
    pub data_home: PathBuf,
    /// `$HOME`
    pub home: PathBuf,
    /// Those variables, where they are set, that change what an engine does.
    pub engine_vars: BTreeMap<String, String>,
    /// `$E2E_IMAGE_CACHE`: a directory of image archives.
    pub image_cache: Option<PathBuf>,
}

impl Env {
    /// Reads the environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Result<Self, String> {
        let dir = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let home = || dir("HOME").ok_or("neither the XDG directories nor HOME are set; set HOME");
        let below_home = |name: &str, rest: &str| match dir(name) {
            Some(dir) => Ok(dir),
            None => home().map(|h| h.join(rest)),
        };
        Ok(Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            state_home: below_home("XDG_STATE_HOME", ".local/state")?,
            data_home: below_home("XDG_DATA_HOME", ".local/share")?,
            home: dir("HOME").unwrap_or_else(|| PathBuf::from("/")),
            engine_vars: Ctx::VARS
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
                .collect(),
            image_cache: dir("E2E_IMAGE_CACHE"),
        })
    }
}
