//! What one run at a time works on: a cluster, the builds, the machine, the images from elsewhere. A second run waits, says
//! for whom, and can be interrupted meanwhile. What a killed run left is ended before the next one begins.

use std::time::Duration;

use super::{CommandError, Contention, Session};
use crate::{
    exec::{ProcessId, Runner, end_leftovers},
    images,
    report::terminal,
    state::{ClusterDir, Lock, Locked},
    tools::engine::{Engine, EngineKind},
};

/// Places for work without a cluster; no cluster can have such a name.
pub(super) const BUILDS: &str = "_builds";
pub(super) const MACHINE: &str = "_machine";
const IMAGES: &str = "_images";

/// The kernel tells nobody that a lock was freed and that he was told to stop, so it is looked at this often.
const PAUSE: Duration = Duration::from_millis(250);

/// A place where nobody else works while this lives. What this run starts is recorded there.
#[derive(Debug)]
pub struct Hold {
    runner: Runner,
    dir: ClusterDir,
    _lock: Lock,
}

impl Session {
    /// The place of the machine itself, for what installs, starts and removes. Its directory has the logs.
    #[must_use]
    pub fn machine(&self) -> ClusterDir {
        self.home.cluster(MACHINE)
    }

    /// The place of images from elsewhere, where they are made without a cluster.
    #[must_use]
    pub fn images(&self) -> ClusterDir {
        self.home.cluster(IMAGES)
    }

    /// Takes a place for this run, or waits for whoever has it, and ends what killed runs left, there and elsewhere.
    pub fn hold(&self, dir: &ClusterDir, purpose: &str, contention: Contention) -> Result<Hold, CommandError> {
        dir.create()?;
        let lock = self.lock(dir, purpose, contention)?;
        self.recover(dir)?;
        for other in self.home.places()?.iter().filter(|d| d.name() != dir.name() && !d.leftovers().is_empty()) {
            // Where somebody works, those are no leftovers.
            if let Locked::Ours(_lock) = other.try_lock("ending what a killed run left")? {
                self.recover(other)?;
            }
        }
        self.runner.journal(&dir.journal())?;
        Ok(Hold { runner: self.runner.clone(), dir: dir.clone(), _lock: lock })
    }

    fn lock(&self, dir: &ClusterDir, purpose: &str, contention: Contention) -> Result<Lock, CommandError> {
        let what = match dir.name() {
            BUILDS => "the builds".to_owned(),
            MACHINE => "the mending of this machine".to_owned(),
            IMAGES => "the images from elsewhere".to_owned(),
            name => format!("cluster `{name}`"),
        };
        let mut told = String::new();
        loop {
            let holder = match dir.try_lock(purpose)? {
                Locked::Ours(lock) => return Ok(lock),
                // Between taking the lock and saying so.
                Locked::By(holder) if holder.is_empty() => "another run".to_owned(),
                Locked::By(holder) => holder,
            };
            if contention == Contention::Fail {
                return Err(CommandError::failed(format!("{what} is in use by {holder}")));
            }
            if holder != told {
                terminal::status("Waiting", &format!("for {what}, in use by {holder}"));
            }
            if !self.runner.pause(PAUSE) {
                return Err(CommandError::interrupted(format!(
                    "interrupted while waiting for {what}, in use by {holder}"
                )));
            }
            told = holder;
        }
    }

    /// Ends what an earlier run, killed, left running in a place that nobody else has, and removes what it worked in.
    fn recover(&self, dir: &ClusterDir) -> Result<(), CommandError> {
        let leftovers = dir.leftovers();
        for ended in end_leftovers(&leftovers, &self.runner) {
            terminal::warning(&format!("ended process {ended}, left by a run that was killed"));
        }
        for scratch in dir.scratches()? {
            images::sweep_work(&scratch)?;
        }
        self.sweep_engines(&leftovers);
        Ok(fs_err::write(dir.journal(), "")?)
    }

    /// What recipes that did not end had in an engine. An engine that cannot be asked keeps it: that stops nobody.
    fn sweep_engines(&self, leftovers: &[ProcessId]) {
        if leftovers.is_empty() {
            return;
        }
        for kind in EngineKind::ALL {
            let Ok(engine) = Engine::detect(Some(kind), &self.toolbox, &self.runner) else { continue };
            for id in leftovers {
                match images::sweep_engine(&engine, id, &self.runner) {
                    Ok(removed) => removed
                        .iter()
                        .for_each(|name| terminal::warning(&format!("removed {name}, left by a run that was killed"))),
                    Err(e) => terminal::warning(&format!("what a killed run left in {kind} is still there: {e}")),
                }
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Whoever has the place next would take what we start from now on for leftovers.
        self.runner.end_journal(&self.dir.journal());
    }
}
