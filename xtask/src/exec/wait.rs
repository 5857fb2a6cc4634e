//! Waits for processes: reads their streams, keeps their deadline, stops them when the run stops. One thread, no polling
//! where the kernel can tell (pidfd on Linux).

use std::{
    os::fd::AsFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::Signal,
};

use super::{
    Cmd, ExecError, How, Output, Runner, Stop,
    runner::signal_group,
    stage::{Stage, start},
};

/// How long streams are read after their process ended: a grandchild may hold them open for ever.
const AFTERWARDS: Duration = Duration::from_millis(300);
/// How often to look where the kernel cannot tell that a process ended.
#[cfg(not(target_os = "linux"))]
const LOOK: Duration = Duration::from_millis(50);

/// Runs a pipeline; `on_line` gets each whole line of the last one's standard output as it comes.
pub(super) fn run(cmds: &[Cmd], runner: &Runner, on_line: OnLine<'_>) -> Result<Output, ExecError> {
    // One process of a pipeline cannot be run alone.
    let command = || cmds.iter().map(Cmd::pasteable).collect::<Vec<_>>().join(" | ");
    run_group(cmds, runner, on_line).map_err(|e| ExecError { command: command(), ..e })
}

fn run_group(cmds: &[Cmd], runner: &Runner, on_line: OnLine<'_>) -> Result<Output, ExecError> {
    if runner.stopping().is_some() {
        return Err(cmds[0].error(How::Cancelled, &[]));
    }
    let mut group = Group { stages: start(cmds, runner)?, runner, on_line, told: None, deadline_hit: false };
    let begun = Instant::now();
    let bound = cmds.iter().map(Cmd::bound).max().unwrap_or_default();
    let waited = group.wait(begun + bound);
    for stage in group.stages.iter().filter(|s| s.status.is_some()) {
        runner.ended(&stage.id);
    }
    waited.map_err(|e| cmds[0].error(How::Io(e.to_string()), &[]))?;
    group.outcome(bound)
}

/// What is told each line of standard output.
pub(super) type OnLine<'a> = &'a mut dyn FnMut(&str);

struct Group<'a> {
    stages: Vec<Stage<'a>>,
    runner: &'a Runner,
    on_line: OnLine<'a>,
    /// Since when the processes have been told to end, and how.
    told: Option<(Instant, Stop)>,
    deadline_hit: bool,
}

impl Group<'_> {
    fn wait(&mut self, deadline: Instant) -> std::io::Result<()> {
        let mut ended_at = None;
        loop {
            for stage in &mut self.stages {
                if stage.status.is_none() {
                    stage.status = stage.child.try_wait()?;
                }
            }
            let now = Instant::now();
            let all_ended = self.stages.iter().all(|s| s.status.is_some());
            if all_ended {
                let since = *ended_at.get_or_insert(now);
                let streams_open = self.stages.iter().any(|s| s.streams.iter().any(|t| t.open));
                if !streams_open || now >= since + AFTERWARDS {
                    return Ok(());
                }
            }
            self.stop_if_due(now, deadline);
            if self.is_out_of_reach(now) {
                return Ok(());
            }
            let wake = self.next_wake(deadline, ended_at);
            self.poll_once(wake.saturating_duration_since(now))?;
        }
    }

    /// Tells the processes to end when the run stops or the deadline has passed.
    fn stop_if_due(&mut self, now: Instant, deadline: Instant) {
        let wanted = match self.runner.stopping() {
            Some(stop) => Some(stop),
            None if now >= deadline => {
                self.deadline_hit = true;
                Some(Stop::Gently)
            }
            None => None,
        };
        match (wanted, self.told) {
            (Some(stop), None) => {
                self.signal(stop);
                self.told = Some((now, stop));
            }
            (Some(Stop::AtOnce), Some((_, Stop::Gently))) => {
                self.signal(Stop::AtOnce);
                self.told = Some((now, Stop::AtOnce));
            }
            (Some(_), Some((since, Stop::Gently))) if now >= since + Runner::GRACE => {
                self.signal(Stop::AtOnce);
                self.told = Some((now, Stop::AtOnce));
            }
            _ => {}
        }
    }

    /// SIGKILL cannot be refused, but it does not reach everyone: sudo runs as somebody else. Nobody hangs because of that.
    fn is_out_of_reach(&self, now: Instant) -> bool {
        self.told.is_some_and(|(since, how)| how == Stop::AtOnce && now >= since + Runner::GRACE)
    }

    fn signal(&self, stop: Stop) {
        let signal = if stop == Stop::Gently { Signal::TERM } else { Signal::KILL };
        for stage in self.stages.iter().filter(|s| s.status.is_none()) {
            signal_group(&stage.id, signal);
        }
    }

    fn next_wake(&self, deadline: Instant, ended_at: Option<Instant>) -> Instant {
        let mut wake = match self.told {
            None => deadline,
            Some((since, Stop::Gently | Stop::AtOnce)) => since + Runner::GRACE,
        };
        if let Some(at) = ended_at {
            wake = wake.min(at + AFTERWARDS);
        }
        #[cfg(not(target_os = "linux"))]
        let wake = wake.min(Instant::now() + LOOK);
        wake
    }

    fn poll_once(&mut self, timeout: Duration) -> std::io::Result<()> {
        let mut readable = Vec::new();
        {
            let mut fds = Vec::new();
            let mut owners = Vec::new();
            for (i, stage) in self.stages.iter().enumerate() {
                for (j, stream) in stage.streams.iter().enumerate().filter(|(_, s)| s.open) {
                    fds.push(PollFd::from_borrowed_fd(stream.from.as_fd(), PollFlags::IN));
                    owners.push((i, j));
                }
            }
            #[cfg(target_os = "linux")]
            for pidfd in self.stages.iter().filter(|s| s.status.is_none()).filter_map(|s| s.pidfd.as_ref()) {
                fds.push(PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN));
            }
            if self.told.is_none() {
                fds.push(PollFd::from_borrowed_fd(self.runner.stop_fd(), PollFlags::IN));
            }
            // One millisecond more, or the last wait before a bound rounds down to a busy loop.
            let timeout = timeout + Duration::from_millis(1);
            let timeout = Timespec::try_from(timeout).map_err(std::io::Error::other)?;
            match poll(&mut fds, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
            for (fd, owner) in fds.iter().zip(&owners) {
                if !fd.revents().is_empty() {
                    readable.push(*owner);
                }
            }
        }
        for (i, j) in readable {
            self.stages[i].read(j, self.on_line)?;
        }
        Ok(())
    }

    fn outcome(self, bound: Duration) -> Result<Output, ExecError> {
        let mut last = Output::default();
        // A process that dies of a broken pipe does so because its reader ended; the reader's error says why.
        for wanted in [false, true] {
            for stage in &self.stages {
                let Some(how) = self.failure(stage, bound) else { continue };
                if matches!(how, How::Signal(13)) == wanted {
                    return Err(stage.cmd.error(how, stage.text(true)));
                }
            }
        }
        if let Some(stage) = self.stages.into_iter().next_back() {
            for stream in stage.streams {
                if stream.is_stderr { last.stderr = stream.text } else { last.stdout = stream.text }
            }
        }
        Ok(last)
    }

    fn failure(&self, stage: &Stage<'_>, bound: Duration) -> Option<How> {
        use std::os::unix::process::ExitStatusExt;
        if stage.status.is_some_and(|status| status.success()) {
            return None;
        }
        Some(match (self.deadline_hit, self.told) {
            (true, _) => How::Deadline(bound),
            (false, Some(_)) => How::Cancelled,
            (false, None) => {
                let status = stage.status?;
                match status.code() {
                    Some(code) => How::Exit(code),
                    None => How::Signal(status.signal().unwrap_or_default()),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Pid, Signal, kill_process};

    use crate::exec::{Cmd, Runner, Stop};

    #[test]
    fn a_process_that_no_signal_reaches_is_given_up() {
        // It leaves its process group, as sudo leaves the user.
        let away = "$| = 1; setpgrp(0, getpgrp(getppid())); print \"$$\\n\"; sleep 600";
        let (runner, mut pid) = (Runner::new().unwrap(), None);
        let error = Cmd::new("perl").args(["-e", away]).run_telling(&runner, &mut |line| {
            pid = line.parse().ok().and_then(Pid::from_raw);
            runner.stop(Stop::AtOnce);
        });
        kill_process(pid.unwrap(), Signal::KILL).unwrap();
        assert!(error.unwrap_err().is_cancelled());
    }
}
