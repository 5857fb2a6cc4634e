//! What a recipe leaves when it is killed: its work directory, and what it had in the engine under the name that
//! `test-infra/images/README.md` asks for.

use std::{io, path::Path};

use fs_err as fs;

use crate::{
    exec::{ExecError, ProcessId, Runner},
    tools::engine::Engine,
};

/// How the work directories of recipes begin.
pub(super) const WORK: &str = "recipe-";

/// Removes the work directories of recipes in a directory in which none runs.
pub fn sweep_work(scratch: &Path) -> io::Result<()> {
    if !scratch.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(scratch)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name().as_encoded_bytes().starts_with(WORK.as_bytes()) {
            // One that cannot be removed takes room, and stops nobody.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Removes the containers and the image that a recipe named after its process, `NAME-build-PID`. Returns their names.
pub fn sweep_engine(engine: &Engine, recipe: &ProcessId, runner: &Runner) -> Result<Vec<String>, ExecError> {
    let suffix = format!("-build-{recipe}");
    let filter = format!("name={suffix}");
    let list = engine.cmd().args(["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"]);
    let text = list.run(runner)?.text();
    // The engine looks for the text anywhere in the name.
    let names: Vec<String> = text.lines().filter(|n| n.ends_with(&suffix)).map(str::to_owned).collect();
    if !names.is_empty() {
        engine.remove_containers(&names).run(runner)?;
    }
    for name in &names {
        // It has an image of its name if it came so far.
        let _ = engine.cmd().args(["rmi", name]).run(runner);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_swept_and_logs_stay() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("recipe-x1/rootfs")).unwrap();
        fs::write(dir.path().join("recipe-redis.log"), "").unwrap();
        sweep_work(dir.path()).unwrap();
        sweep_work(&dir.path().join("nowhere")).unwrap();
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["recipe-redis.log"]);
    }
}
