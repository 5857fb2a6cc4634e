//! What to run: a program, its arguments and the bounds it runs in.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{Seek, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use super::{ExecError, How, LineStream, Runner, wait};

/// A process that says nothing about its deadline gets this one: nothing may hang for ever.
const DEFAULT_DEADLINE: Duration = Duration::from_mins(5);

/// One process to run.
#[derive(Debug, Clone)]
pub struct Cmd {
    argv: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    cwd: Option<PathBuf>,
    stdin: Option<Vec<u8>>,
    /// The file that has the standard input, for a reader.
    kept: Option<PathBuf>,
    deadline: Duration,
    log: Option<PathBuf>,
    inherit: bool,
}

/// What a process printed.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// Processes of which each reads what the one before it prints.
#[derive(Debug, Clone)]
pub struct Pipeline(Vec<Cmd>);

impl Cmd {
    /// A command without arguments, with a deadline of five minutes.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            argv: vec![program.as_ref().to_owned()],
            env: Vec::new(),
            cwd: None,
            stdin: None,
            kept: None,
            deadline: DEFAULT_DEADLINE,
            log: None,
            inherit: false,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.argv.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.argv.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((key.as_ref().to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.env.push((key.as_ref().to_owned(), None));
        self
    }

    /// Runs in this directory.
    #[must_use]
    pub fn cwd(mut self, dir: impl AsRef<Path>) -> Self {
        self.cwd = Some(dir.as_ref().to_owned());
        self
    }

    /// Gives these bytes as standard input; without, standard input is empty.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Says which file has the standard input, for whoever wants to run the command again.
    #[must_use]
    pub fn stdin_kept(mut self, path: impl AsRef<Path>) -> Self {
        self.kept = Some(path.as_ref().to_owned());
        self
    }

    /// Ends the process after this time.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Appends everything that the process prints to this file, as it comes.
    #[must_use]
    pub fn log(mut self, path: impl AsRef<Path>) -> Self {
        self.log = Some(path.as_ref().to_owned());
        self
    }

    /// Lets the process print where we print (a test run whose output is the user's); nothing is captured.
    #[must_use]
    pub fn inherit(mut self) -> Self {
        self.inherit = true;
        self
    }

    /// Runs at low priority: the cluster's own start must not starve while all cores compile.
    #[must_use]
    pub fn niced(mut self) -> Self {
        self.argv.splice(0..0, ["nice", "-n", "10"].map(OsString::from));
        self
    }

    /// Feeds what this prints into `next`.
    #[must_use]
    pub fn pipe(self, next: Self) -> Pipeline {
        Pipeline(vec![self, next])
    }

    /// The command as one could paste it into a shell: with its directory, its variables and its standard input.
    #[must_use]
    pub fn pasteable(&self) -> String {
        let dir = self.cwd.iter().map(|dir| format!("cd {} &&", quote(&dir.to_string_lossy())));
        let set = self.env.iter().filter_map(|(k, v)| v.as_ref().map(|v| (k, v)));
        let env = set.map(|(k, v)| format!("{}={}", k.to_string_lossy(), quote(&v.to_string_lossy())));
        let argv = self.argv.iter().map(|a| quote(&a.to_string_lossy()));
        let input = match (&self.kept, &self.stdin) {
            (Some(file), _) => Some(format!("< {}", quote(&file.to_string_lossy()))),
            (None, Some(bytes)) => Some(format!("# with {} bytes as standard input, which are not kept", bytes.len())),
            (None, None) => None,
        };
        dir.chain(env).chain(argv).chain(input).collect::<Vec<_>>().join(" ")
    }

    /// Runs to the end; an exit code other than 0 is an error.
    pub fn run(&self, runner: &Runner) -> Result<Output, ExecError> {
        wait::run(std::slice::from_ref(self), runner, &mut |_| {})
    }

    /// Runs to the end, and tells each line that it prints, on either stream, as it comes; for long work that reports its steps.
    pub fn run_telling(&self, runner: &Runner, on_line: &mut dyn FnMut(&str)) -> Result<Output, ExecError> {
        wait::run(std::slice::from_ref(self), runner, on_line)
    }

    /// Starts the process and hands out its lines as they come; for watches.
    pub fn stream(&self, runner: &Runner) -> Result<LineStream, ExecError> {
        LineStream::start(self, runner)
    }

    /// Starts a daemon that outlives us, in a session of its own, holding none of our streams and nothing else that we were
    /// given open, such as somebody's lock: output goes to `log`. Returns its process id; nothing waits for it.
    pub fn daemon(&self, log: &Path) -> Result<u32, ExecError> {
        let io = |e: std::io::Error| self.error(How::Io(e.to_string()), &[]);
        let out = File::options().create(true).append(true).open(log).map_err(io)?;
        let err = out.try_clone().map_err(io)?;
        let detached = ["setsid", "bash", "-c", include_str!("daemon.sh"), "daemon"].map(OsString::from);
        let detached = Self { argv: [detached.to_vec(), self.argv.clone()].concat(), ..self.clone() };
        let mut command = detached.command();
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        command.spawn().map(|c| c.id()).map_err(|e| self.spawn_error(&e))
    }

    pub(super) fn bound(&self) -> Duration {
        self.deadline
    }

    pub(super) fn log_path(&self) -> Option<&Path> {
        self.log.as_deref()
    }

    pub(super) fn inherits(&self) -> bool {
        self.inherit
    }

    /// The process without its streams.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that starts processes")]
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]);
        for (key, value) in &self.env {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        if let Some(dir) = &self.cwd {
            command.current_dir(dir);
        }
        command
    }

    /// Standard input as a file that is already unlinked: a pipe would need a writer beside the reader.
    pub(super) fn stdin_file(&self) -> std::io::Result<Stdio> {
        let Some(bytes) = &self.stdin else { return Ok(Stdio::null()) };
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file.into())
    }

    pub(super) fn error(&self, how: How, stderr: &[u8]) -> ExecError {
        ExecError::new(self.argv[0].to_string_lossy().into_owned(), self.pasteable(), how, stderr, self.log.clone())
    }

    pub(super) fn spawn_error(&self, e: &std::io::Error) -> ExecError {
        let how = if e.kind() == std::io::ErrorKind::NotFound { How::NotFound } else { How::Io(e.to_string()) };
        self.error(how, &[])
    }
}

impl Output {
    /// Standard output as text, without white space at the ends.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }
}

impl Pipeline {
    /// Runs all to their end; the first process that failed is the error. The last one's output is the output.
    pub fn run(&self, runner: &Runner) -> Result<Output, ExecError> {
        self.run_telling(runner, &mut |_| {})
    }

    /// Like [`Pipeline::run`], and tells each line that one of them prints and none of them reads.
    pub fn run_telling(&self, runner: &Runner, on_line: &mut dyn FnMut(&str)) -> Result<Output, ExecError> {
        wait::run(&self.0, runner, on_line)
    }
}

/// Quotes for a POSIX shell, only where needed.
fn quote(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !arg.is_empty() && arg.chars().all(plain) { arg.to_owned() } else { format!("'{}'", arg.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_whole() {
        let mut lines = Vec::new();
        let cmd = Cmd::new("printf").arg("one\\ntwo\\nrest");
        let output = cmd.run_telling(&Runner::new().unwrap(), &mut |l| lines.push(l.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(output.text(), "one\ntwo\nrest");
    }

    #[test]
    fn a_daemon_holds_nothing_that_its_starter_had_open() {
        let start = r#"exec 7>/dev/null 23>/dev/null; exec bash -c "$1" daemon sh -c 'ls /proc/$$/fd'"#;
        let cmd = Cmd::new("bash").args(["-c", start, "starter", include_str!("daemon.sh")]);
        assert_eq!(cmd.run(&Runner::new().unwrap()).unwrap().text(), "0\n1\n2");
    }

    #[test]
    fn a_command_can_be_pasted() {
        let cmd = Cmd::new("kubectl").args(["get", "a b", "it's", ""]).env("KUBECONFIG", "/x y");
        assert_eq!(cmd.pasteable(), r"KUBECONFIG='/x y' kubectl get 'a b' 'it'\''s' ''");
        let cmd = Cmd::new("kubectl").args(["apply", "-f", "-"]).cwd("/my work").stdin("a: b\n");
        let what = "cd '/my work' && kubectl apply -f -";
        assert_eq!(cmd.pasteable(), format!("{what} # with 5 bytes as standard input, which are not kept"));
        assert_eq!(cmd.stdin_kept("/runs/1/a.yaml").pasteable(), format!("{what} < /runs/1/a.yaml"));
    }

    #[test]
    fn the_error_of_a_pipeline_has_all_of_it() {
        let pipeline = Cmd::new("echo").arg("x").pipe(Cmd::new("false"));
        let error = pipeline.run(&Runner::new().unwrap()).unwrap_err();
        assert_eq!((error.program.as_str(), error.command.as_str()), ("false", "echo x | false"));
    }
}
