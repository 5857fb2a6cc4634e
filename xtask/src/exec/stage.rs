//! One process of a pipeline while it runs: its streams, its log.

use std::{
    fs::File,
    io::{Read, Write},
    os::{fd::OwnedFd, unix::process::CommandExt},
    process::{Child, ExitStatus, Stdio},
};

use rustix::process::Signal;

use super::{Cmd, ExecError, How, ProcessId, Runner, runner::signal_group, wait::OnLine};

/// One running process of a pipeline.
pub(super) struct Stage<'a> {
    pub(super) cmd: &'a Cmd,
    pub(super) child: Child,
    pub(super) id: ProcessId,
    #[cfg(target_os = "linux")]
    pub(super) pidfd: Option<OwnedFd>,
    pub(super) streams: Vec<Stream>,
    log: Option<File>,
    pub(super) status: Option<ExitStatus>,
}

/// What a stage prints.
pub(super) struct Stream {
    pub(super) from: File,
    pub(super) is_stderr: bool,
    pub(super) text: Vec<u8>,
    pub(super) open: bool,
    /// How much of the text has been handed out as lines.
    told: usize,
}

/// Starts all of a pipeline, or none.
pub(super) fn start<'a>(cmds: &'a [Cmd], runner: &Runner) -> Result<Vec<Stage<'a>>, ExecError> {
    let mut stages: Vec<Stage<'a>> = Vec::new();
    let mut input = None;
    for (i, cmd) in cmds.iter().enumerate() {
        match start_one(cmd, input.take(), i + 1 < cmds.len(), runner) {
            Ok((stage, next)) => {
                stages.push(stage);
                input = next;
            }
            Err(e) => {
                for stage in &mut stages {
                    signal_group(&stage.id, Signal::KILL);
                    let _ = stage.child.wait();
                    runner.ended(&stage.id);
                }
                return Err(e);
            }
        }
    }
    Ok(stages)
}

enum Role {
    Last,
    Feeds,
}

fn start_one<'a>(
    cmd: &'a Cmd,
    input: Option<Stdio>,
    feeds: bool,
    runner: &Runner,
) -> Result<(Stage<'a>, Option<Stdio>), ExecError> {
    let io = |e: std::io::Error| cmd.error(How::Io(e.to_string()), &[]);
    let role = if feeds { Role::Feeds } else { Role::Last };
    let mut log = match cmd.log_path() {
        Some(path) => Some(File::options().create(true).append(true).open(path).map_err(io)?),
        None => None,
    };
    if let Some(log) = &mut log {
        writeln!(log, "$ {}", cmd.pasteable()).map_err(io)?;
    }
    let mut command = cmd.command();
    command.process_group(0);
    command.stdin(match input {
        Some(pipe) => pipe,
        None => cmd.stdin_file().map_err(io)?,
    });
    if !cmd.inherits() {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    let mut child = runner.spawn(&mut command).map_err(|e| cmd.spawn_error(&e))?;
    let id = runner.started(child.id());
    let mut streams = Vec::new();
    let mut next = None;
    if let Some(stdout) = child.stdout.take() {
        match role {
            Role::Feeds => next = Some(Stdio::from(stdout)),
            Role::Last => streams.push(Stream::new(stdout.into(), false)),
        }
    }
    if let Some(stderr) = child.stderr.take() {
        streams.push(Stream::new(stderr.into(), true));
    }
    #[cfg(target_os = "linux")]
    let pidfd = rustix::process::Pid::from_raw(id.pid)
        .and_then(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok());
    Ok((
        Stage {
            cmd,
            child,
            id,
            #[cfg(target_os = "linux")]
            pidfd,
            streams,
            log,
            status: None,
        },
        next,
    ))
}

impl Stage<'_> {
    pub(super) fn read(&mut self, which: usize, on_line: OnLine<'_>) -> std::io::Result<()> {
        let mut buffer = [0; 1 << 14];
        let stream = &mut self.streams[which];
        match stream.from.read(&mut buffer) {
            Ok(0) => stream.open = false,
            Ok(n) => {
                stream.text.extend_from_slice(&buffer[..n]);
                stream.tell(on_line);
                if let Some(log) = &mut self.log {
                    log.write_all(&buffer[..n])?;
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }

    pub(super) fn text(&self, stderr: bool) -> &[u8] {
        self.streams.iter().find(|s| s.is_stderr == stderr).map_or(&[], |s| &s.text)
    }
}

impl Stream {
    fn new(from: OwnedFd, is_stderr: bool) -> Self {
        Self { from: File::from(from), is_stderr, text: Vec::new(), open: true, told: 0 }
    }

    /// Hands out the lines that are whole by now.
    fn tell(&mut self, on_line: OnLine<'_>) {
        while let Some(end) = self.text[self.told..].iter().position(|b| *b == b'\n') {
            on_line(&String::from_utf8_lossy(&self.text[self.told..self.told + end]));
            self.told += end + 1;
        }
    }
}
