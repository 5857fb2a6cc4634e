//! `lint`: the lint is a binary of its own, so that its parsers stay out of this one; this builds and runs it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::{
    cli::Env,
    exec::{Cmd, How, Runner},
    session::{CommandError, Exit, workspace_root},
    state::StateHome,
};

/// Runs the lint where we are, with the arguments as they are.
pub fn run(env: &Env, args: &[OsString]) -> Result<Exit, CommandError> {
    let runner = Runner::new().map_err(CommandError::failed)?;
    crate::signals::stop_on_signal(&runner)?;
    let lint = Cmd::new("cargo").args(["run", "--quiet", "--locked", "--package", "xtask-lint", "--"]).inherit();
    let here = std::env::current_dir().map_err(CommandError::failed)?;
    let lint = match recorded(&StateHome::below(&env.state_home), args, &here) {
        Some(history) => lint.arg("--durations").arg(history),
        None => lint,
    };
    let lint = lint.args(args);
    match lint.run(&runner) {
        Ok(_) => Ok(Exit::Ok),
        Err(error) => match error.how {
            How::Exit(1) => Ok(Exit::Failed),
            How::Exit(2) => Ok(Exit::Usage),
            How::Cancelled => Ok(Exit::Interrupted),
            How::NotFound => Err(CommandError { exit: Exit::Missing, message: "cargo is not on the PATH".to_owned() }),
            _ => Err(CommandError::failed(error)),
        },
    }
}

/// The recorded durations, which say what a finding costs: of this workspace, when there are any and none were given.
fn recorded(home: &StateHome, args: &[OsString], here: &Path) -> Option<PathBuf> {
    let given = args.iter().any(|arg| arg.to_string_lossy().starts_with("--durations"));
    let workspace = fs_err::canonicalize(workspace_root(here)?).ok()?;
    // Other arguments are no files, or take no part in what is read.
    let elsewhere = args
        .iter()
        .filter_map(|arg| fs_err::canonicalize(here.join(arg)).ok())
        .any(|path| !path.starts_with(&workspace));
    (!given && !elsewhere && !home.history().is_empty()).then(|| home.history_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_durations_are_of_this_workspace() {
        let place = tempfile::tempdir().unwrap();
        let here = place.path().join("project/services");
        let other = place.path().join("other");
        for directory in [&here, &other] {
            fs_err::create_dir_all(directory).unwrap();
        }
        fs_err::write(place.path().join("project/Cargo.toml"), "[workspace]\n").unwrap();
        let home = StateHome::below(place.path());
        let given = |args: &[&str]| recorded(&home, &args.iter().map(OsString::from).collect::<Vec<_>>(), &here);
        assert_eq!(given(&[]), None, "nothing was recorded");

        home.remember(&[("ready:db/server".to_owned(), 3.0)].into()).unwrap();
        for args in [&[][..], &["--format", "json"], &["."], &[".."]] {
            assert_eq!(given(args), Some(home.history_file()), "{args:?}");
        }
        let absolute = other.to_string_lossy();
        for args in [&["--durations", "my.json"][..], &["--durations=my.json"], &["../../other"], &[".", &absolute]] {
            assert_eq!(given(args), None, "{args:?}");
        }
        fs_err::write(home.history_file(), "{").unwrap();
        assert_eq!(given(&[]), None, "a damaged history costs the estimate, no more");
    }
}
