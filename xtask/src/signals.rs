//! Signals: the first stops the run gently, the second at once.

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::exec::{Runner, Stop};

/// From now on SIGINT, SIGTERM and SIGHUP stop what this runner runs.
pub fn stop_on_signal(runner: &Runner) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let runner = runner.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            let how = if runner.stopping().is_none() { Stop::Gently } else { Stop::AtOnce };
            runner.stop(how);
        }
    })?;
    Ok(())
}
