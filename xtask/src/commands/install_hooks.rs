//! `install-hooks`: git runs `ci/pre-commit` before each commit. A hook that is there already goes on running first.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    cli::InstallHooksArgs,
    exec::{Cmd, Runner},
    report::terminal,
    session::{CommandError, Exit},
};

/// How a hook of ours is known.
const MARK: &str = "# Installed by `cargo xtask install-hooks`";
/// What a hook that was there before is called.
const BEFORE: &str = "pre-commit.before-xtask";

/// The hook only finds the one of the worktree, so that a worktree of another state runs its own, or none.
const HOOK: &str = r#"#!/bin/sh
# Installed by `cargo xtask install-hooks`; `cargo xtask install-hooks --uninstall` removes it.
here=$(dirname "$0")
if [ -x "$here/pre-commit.before-xtask" ]; then
  "$here/pre-commit.before-xtask" "$@" || exit
fi
top=$(git rev-parse --show-toplevel) || exit
[ ! -x "$top/ci/pre-commit" ] || exec "$top/ci/pre-commit" "$@"
"#;

/// Installs the hook, or removes it.
pub fn run(args: &InstallHooksArgs) -> Result<Exit, CommandError> {
    let runner = Runner::new().map_err(CommandError::failed)?;
    // Worktrees share this directory, and core.hooksPath moves it: git knows.
    let path = Cmd::new("git").args(["rev-parse", "--git-path", "hooks"]).deadline(Duration::from_secs(10));
    let hooks = PathBuf::from(path.run(&runner)?.text().trim());
    let told = if args.uninstall { uninstall(&hooks) } else { install(&hooks) };
    terminal::status("Hooks", &told.map_err(CommandError::failed)?);
    Ok(Exit::Ok)
}

fn install(hooks: &Path) -> std::io::Result<String> {
    let hook = hooks.join("pre-commit");
    fs_err::create_dir_all(hooks)?;
    let mut kept = "";
    if hook.exists() && !is_ours(&hook) {
        let before = hooks.join(BEFORE);
        if before.exists() {
            return Err(std::io::Error::other(format!(
                "{} and {} are both foreign: remove one",
                hook.display(),
                before.display()
            )));
        }
        fs_err::rename(&hook, before)?;
        kept = "; the one that was there runs first";
    }
    fs_err::write(&hook, HOOK)?;
    fs_err::set_permissions(&hook, Permissions::from_mode(0o755))?;
    Ok(format!("{} runs ci/pre-commit{kept}", hook.display()))
}

fn uninstall(hooks: &Path) -> std::io::Result<String> {
    let hook = hooks.join("pre-commit");
    if !is_ours(&hook) {
        return Ok(format!("{} is not ours, nothing is removed", hook.display()));
    }
    fs_err::remove_file(&hook)?;
    let before = hooks.join(BEFORE);
    if before.exists() {
        fs_err::rename(before, &hook)?;
        return Ok(format!("{} is again what it was", hook.display()));
    }
    Ok(format!("{} is removed", hook.display()))
}

fn is_ours(hook: &Path) -> bool {
    fs_err::read_to_string(hook).is_ok_and(|text| text.contains(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_was_there_runs_first_and_comes_back() {
        let hooks = tempfile::tempdir().unwrap();
        let hook = hooks.path().join("pre-commit");
        fs_err::write(&hook, "#!/bin/sh\necho mine\n").unwrap();
        install(hooks.path()).unwrap();
        // Twice is once.
        install(hooks.path()).unwrap();
        assert!(is_ours(&hook));
        assert!(hooks.path().join(BEFORE).exists());
        uninstall(hooks.path()).unwrap();
        assert_eq!(fs_err::read_to_string(&hook).unwrap(), "#!/bin/sh\necho mine\n");
        uninstall(hooks.path()).unwrap();
        assert!(hook.exists(), "a foreign hook stays");
    }
}
