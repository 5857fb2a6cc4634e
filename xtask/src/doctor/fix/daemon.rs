//! Starts docker's server: by the init system, or by hand where there is none.
//!
//! By hand it is a daemon of its own: in its own session, with none of our streams, and it outlives us, because that is
//! what was asked for. It says itself when it is ready, by the protocol that it speaks with an init system.

use std::{
    io::ErrorKind,
    os::unix::net::UnixDatagram,
    path::Path,
    time::{Duration, Instant},
};

use fs_err as fs;

use super::{
    Mended,
    system::{Rights, init_system},
};
use crate::{doctor::Ctx, exec::Runner};

/// An engine that has much to restore takes its time.
const READY: Duration = Duration::from_secs(90);
const PID_FILE: &str = "/var/run/docker.pid";
const LOG: &str = "dockerd.log";
/// The process id of the server that was started by hand last.
const OURS: &str = "dockerd.pid";
/// What ends a server that was started by hand.
const STOP: &str = "sudo kill \"$(cat /var/run/docker.pid)\"";

/// Starts the server and waits until it is ready.
pub(super) fn start(ctx: &Ctx<'_>) -> Result<Mended, String> {
    let rights = Rights::find(ctx.runner).ok_or("starting docker takes root, or sudo without a password")?;
    if init_system().is_some() {
        (ctx.tell)("starting docker");
        let start = rights.cmd(&[], "systemctl").args(["start", "docker"]).deadline(READY);
        start.run(ctx.runner).map_err(|e| e.to_string())?;
        return Ok(Mended::new("started docker").undone_by("sudo systemctl stop docker"));
    }
    by_hand(ctx, rights)
}

/// Ends the server and starts it anew, because its program is another now.
pub(super) fn restart(ctx: &Ctx<'_>) -> Result<Mended, String> {
    let rights = Rights::find(ctx.runner).ok_or("restarting docker takes root, or sudo without a password")?;
    if init_system().is_some() {
        let restart = rights.cmd(&[], "systemctl").args(["restart", "docker"]).deadline(READY);
        restart.run(ctx.runner).map_err(|e| e.to_string())?;
        return Ok(Mended::new("restarted docker"));
    }
    let pid = fs::read_to_string(PID_FILE).map_err(|e| e.to_string())?;
    // `tail --pid` ends when the process has: nothing to poll, nothing to sleep for.
    let stop = rights.cmd(&[], "kill").arg(pid.trim());
    stop.run(ctx.runner).map_err(|e| e.to_string())?;
    let gone = rights.cmd(&[], "tail").args(["--pid", pid.trim(), "--follow", "/dev/null"]).deadline(READY);
    gone.run(ctx.runner).map_err(|e| e.to_string())?;
    by_hand(ctx, rights)
}

/// A server that is still shutting down is waited for, and a file that names a process which is no server is removed:
/// dockerd would refuse to start because of either.
fn clear_the_way(ctx: &Ctx<'_>, rights: Rights) -> Result<(), String> {
    let Ok(pid) = fs::read_to_string(PID_FILE) else { return Ok(()) };
    let pid = pid.trim();
    let clear = if is_server(pid) {
        (ctx.tell)("waiting for the dockerd that is shutting down");
        rights.cmd(&[], "tail").args(["--pid", pid, "--follow", "/dev/null"]).deadline(READY)
    } else {
        rights.cmd(&[], "rm").args(["--force", PID_FILE])
    };
    clear.run(ctx.runner).map(drop).map_err(|e| e.to_string())
}

fn by_hand(ctx: &Ctx<'_>, rights: Rights) -> Result<Mended, String> {
    let dockerd = ctx.toolbox.find("dockerd").ok_or("dockerd is not installed")?;
    clear_the_way(ctx, rights)?;
    (ctx.tell)("starting dockerd: no init system runs here");
    fs::create_dir_all(&ctx.scratch).map_err(|e| e.to_string())?;
    let log = ctx.scratch.join(LOG);
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let socket = dir.path().join("notify");
    let ready = UnixDatagram::bind(&socket).map_err(|e| e.to_string())?;

    if ctx.runner.stopping().is_some() {
        return Err("interrupted before dockerd was started".to_owned());
    }
    let notify = socket.display().to_string();
    let cmd = rights.cmd(&[("NOTIFY_SOCKET", &notify)], &dockerd.display().to_string()).cwd("/");
    cmd.daemon(&log).map_err(|e| e.to_string())?;
    wait(&ready, ctx.runner).map_err(|why| {
        if ctx.runner.stopping().is_some() {
            (ctx.tell)(&format!("dockerd was started and keeps running; stop it with: {STOP}"));
        }
        let text = fs::read_to_string(&log).unwrap_or_default();
        let tail: Vec<&str> = text.lines().rev().take(8).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        format!("dockerd {why}\n{}\nlog: {}", tail.join("\n"), log.display())
    })?;
    // That it is ours is only told; without this file nobody is told.
    let _ = fs::copy(PID_FILE, ctx.scratch.join(OURS));
    let what = format!("started dockerd, which keeps running (log: {})", log.display());
    Ok(Mended::new(what).undone_by(STOP))
}

/// What stops the server that a fix of this user started by hand, if it still runs.
#[must_use]
pub fn left_running(scratch: &Path) -> Option<&'static str> {
    let pid = fs::read_to_string(scratch.join(OURS)).ok()?;
    let runs = fs::read_to_string(PID_FILE).ok()?.trim() == pid.trim() && is_server(pid.trim());
    runs.then_some(STOP)
}

fn is_server(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "dockerd")
}

/// Until the daemon says that it is ready; see `sd_notify(3)`.
fn wait(ready: &UnixDatagram, runner: &Runner) -> Result<(), String> {
    ready.set_nonblocking(true).map_err(|e| e.to_string())?;
    let end = Instant::now() + READY;
    let mut buffer = [0; 4096];
    loop {
        match ready.recv(&mut buffer) {
            Ok(n) if String::from_utf8_lossy(&buffer[..n]).lines().any(|l| l == "READY=1") => return Ok(()),
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(format!("was not ready after {}", humantime::format_duration(READY)));
                }
                if !runner.pause_for(ready, left) {
                    return Err("was not ready when the run was interrupted".to_owned());
                }
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::Stop;

    #[test]
    fn a_server_is_waited_for_until_it_is_ready_or_the_run_ends() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("notify");
        let (ready, runner) = (UnixDatagram::bind(&socket).unwrap(), Runner::new().unwrap());
        let server = UnixDatagram::unbound().unwrap();
        server.send_to(b"STATUS=restoring", &socket).unwrap();
        server.send_to(b"MAINPID=1\nREADY=1", &socket).unwrap();
        assert_eq!(wait(&ready, &runner), Ok(()));

        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(&ready, &runner));
            runner.stop(Stop::Gently);
            assert!(waiting.join().unwrap().unwrap_err().contains("interrupted"));
        });
    }
}
