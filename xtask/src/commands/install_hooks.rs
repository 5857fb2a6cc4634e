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
/// What the pre-commit framework calls a hook that was there before its own; it runs it first, as we do with ours.
const LEGACY: &str = "pre-commit.legacy";

/// The hook only finds the one of the worktree, so that a worktree of another state runs its own, or none. Where it and
/// the pre-commit framework's have each moved the other away, one of them must not call back.
const HOOK: &str = r#"#!/bin/sh
# Installed by `cargo xtask install-hooks`; `cargo xtask install-hooks --uninstall` removes it.
[ -z "${XTASK_HOOK:-}" ] || exit 0
here=$(dirname "$0")
if [ -z "${PRE_COMMIT_RUNNING_LEGACY:-}" ] && [ -x "$here/pre-commit.before-xtask" ]; then
  XTASK_HOOK=1 "$here/pre-commit.before-xtask" "$@" || exit
fi
top=$(git rev-parse --show-toplevel) || exit
[ ! -x "$top/ci/pre-commit" ] || exec "$top/ci/pre-commit" "$@"
"#;

/// Installs the hook, or removes it.
pub fn run(args: &InstallHooksArgs) -> Result<Exit, CommandError> {
    let runner = Runner::new().map_err(CommandError::failed)?;
    let git = |args: &[&str]| Cmd::new("git").args(args).deadline(Duration::from_secs(10)).run(&runner);
    // Worktrees share this directory, and core.hooksPath moves it: git knows.
    let hooks = PathBuf::from(git(&["rev-parse", "--git-path", "hooks"])?.text().trim());
    let told = if args.uninstall {
        uninstall(&hooks)
    } else {
        let own = git(&["rev-parse", "--git-common-dir", "--show-toplevel"])?.text();
        // Git fails where it is not set.
        let scope = git(&["config", "--show-scope", "--get", "core.hooksPath"]).map(|out| out.text());
        let shared = scope.is_ok_and(|scope| !scope.starts_with("local") && !scope.starts_with("worktree"));
        if shared && !own.lines().any(|own| is_inside(&hooks, own)) {
            let mut own = own.lines().next().map(absolute).unwrap_or_default();
            own.push("hooks");
            return Err(CommandError::failed(format!(
                "{} has the hooks of all your repositories (core.hooksPath), and this one is of one only; `git config \
                 core.hooksPath {}` gives this repository its own",
                hooks.display(),
                own.display()
            )));
        }
        install(&hooks)
    };
    terminal::status("Hooks", &told.map_err(CommandError::failed)?);
    Ok(Exit::Ok)
}

/// Whether a directory lies in another.
fn is_inside(directory: &Path, other: &str) -> bool {
    absolute(directory).starts_with(absolute(other))
}

/// A path from the root; it may not be there yet.
fn absolute(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    fs_err::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

fn install(hooks: &Path) -> std::io::Result<String> {
    let hook = hooks.join("pre-commit");
    fs_err::create_dir_all(hooks)?;
    let mut kept = "";
    let legacy = hooks.join(LEGACY);
    if is_ours(&legacy) {
        write(&legacy)?;
        if !is_ours(&hook) {
            return Ok(format!("{} runs {LEGACY}, and that ci/pre-commit", hook.display()));
        }
    }
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
    write(&hook)?;
    Ok(format!("{} runs ci/pre-commit{kept}", hook.display()))
}

fn write(hook: &Path) -> std::io::Result<()> {
    fs_err::write(hook, HOOK)?;
    fs_err::set_permissions(hook, Permissions::from_mode(0o755))
}

fn uninstall(hooks: &Path) -> std::io::Result<String> {
    let hook = hooks.join("pre-commit");
    let legacy = hooks.join(LEGACY);
    if is_ours(&legacy) {
        fs_err::remove_file(&legacy)?;
        if !is_ours(&hook) {
            return Ok(format!("{} is removed", legacy.display()));
        }
    }
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
