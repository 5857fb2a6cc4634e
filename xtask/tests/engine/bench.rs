//! A workspace of two images and four parts in a temporary directory, and pretended tools for it.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

/// A run that is longer than this waits for something that never comes. The bound is `timeout`'s, so that nothing here
/// has to look at a clock.
const BOUND: &str = "60";

/// The workspace, the tools, and what they wrote.
pub struct Bench {
    dir: tempfile::TempDir,
}

/// How a run of the tool ended.
pub struct Run {
    code: Option<i32>,
    /// What it told the user.
    pub stderr: String,
    /// What it told a program.
    pub stdout: String,
}

impl Bench {
    pub fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap() };
        for dir in ["bin", "hooks", "state", "work/services/one/deploy", "work/test-infra/kind"] {
            fs::create_dir_all(bench.path(dir)).unwrap();
        }
        for tool in ["docker", "kind", "kubectl", "cargo"] {
            bench.tool(tool);
        }
        fs::write(bench.path("state/images"), "docker.io/kindest/node\tv1\t<none>\tsha256:2\n").unwrap();
        bench.workspace();
        bench
    }

    /// Adds a tool that is only pretended.
    pub fn tool(&self, tool: &str) {
        let path = self.path("bin").join(tool);
        fs::write(&path, include_str!("fake.sh")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn workspace(&self) {
        let file = |path: &str, text: &str| {
            let path = self.path("work").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        file("Cargo.toml", "[workspace]\n");
        file("test-infra/kind/cluster.yaml", "kind: Cluster\nnodes:\n  - role: control-plane\n");
        file(
            "test-infra/images/kind-node/image.yaml",
            "schema: 1\nname: kind-node\nreference: docker.io/kindest/node:v1\n",
        );
        file("services/one/e2e.yaml", include_str!("e2e.yaml"));
        for part in ["left", "right", "after"] {
            let object =
                format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {part}-settings}}\ndata: {{a: b}}\n");
            file(&format!("services/one/deploy/{part}.yaml"), &object);
        }
    }

    /// Gives a part an object to be waited for, which runs the image.
    pub fn part_with_pod(&self, part: &str) {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: left}\nspec: {containers: [{name: main, image: one}]}\n";
        fs::write(self.path("work/services/one/deploy").join(format!("{part}.yaml")), pod).unwrap();
    }

    /// Gives a part back an object that is there as soon as it is applied.
    pub fn part_without_pod(&self, part: &str) {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: left-settings}\ndata: {a: b}\n";
        fs::write(self.path("work/services/one/deploy").join(format!("{part}.yaml")), map).unwrap();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// What a tool does before its usual work.
    pub fn hook(&self, tool_and_verb: &str, script: &str) {
        fs::write(self.path("hooks").join(tool_and_verb), script).unwrap();
    }

    pub fn unhook(&self, tool_and_verb: &str) {
        fs::remove_file(self.path("hooks").join(tool_and_verb)).unwrap();
    }

    /// A place to meet: who writes waits for who reads.
    pub fn pipe(&self, name: &str) -> &Self {
        assert!(Command::new("mkfifo").arg(self.path(name)).status().unwrap().success());
        self
    }

    /// Waits until a tool has come to this pipe.
    pub fn await_pipe(&self, name: &str) {
        let came = Command::new("timeout").args([BOUND, "head", "-n1"]).arg(self.path(name)).output().unwrap();
        assert!(came.status.success(), "nobody came to {name}");
    }

    pub fn foreign_node(&self) {
        let node = r#"[{"Id":"1234","Name":"/one-control-plane","State":{"Status":"running"}}]"#;
        fs::write(self.path("state/node"), node).unwrap();
    }

    pub fn lose_node(&self) {
        fs::remove_file(self.path("state/node")).unwrap();
    }

    /// The events of the last run.
    pub fn events(&self) -> String {
        self.last_run("events.jsonl")
    }

    /// What the last run applied of a part.
    pub fn applied(&self, part: &str) -> String {
        self.last_run(&format!("apply-{part}.yaml"))
    }

    /// A file of the last run.
    pub fn last_run(&self, file: &str) -> String {
        let runs = self.path("home/kubernaut-e2e/clusters/one/runs");
        let mut all: Vec<PathBuf> = fs::read_dir(runs).unwrap().map(|e| e.unwrap().path()).collect();
        all.sort();
        fs::read_to_string(all.last().unwrap().join(file)).unwrap()
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.start_with(&[], args)
    }

    pub fn start_with(&self, vars: &[(&str, &str)], args: &[&str]) -> Child {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_xtask")));
        command.envs(vars.iter().copied()).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts a run whose words can be read while it lasts.
    pub fn start_telling(&self, args: &[&str]) -> (Child, BufReader<ChildStderr>) {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_xtask")));
        let mut run = command.args(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let words = BufReader::new(run.stderr.take().unwrap());
        (run, words)
    }

    /// Starts a run on a terminal; what it shows there comes from the process's standard output.
    pub fn start_on_terminal(&self, args: &[&str]) -> Child {
        let mut command = self.command(Path::new("timeout"));
        let run = format!("{} {}", env!("CARGO_BIN_EXE_xtask"), args.join(" "));
        command
            .args([BOUND, "script", "--quiet", "--flush", "--return", "--command", &run])
            .arg(self.path("typescript"));
        command.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
    }

    pub fn run(&self, args: &[&str]) -> Run {
        let mut command = self.command(Path::new("timeout"));
        let output = command.arg(BOUND).arg(env!("CARGO_BIN_EXE_xtask")).args(args).output().unwrap();
        Run::of(&output)
    }

    /// A run on a machine that has nothing but the pretended tools, without these.
    pub fn run_without(&self, tools: &[&str], args: &[&str]) -> Run {
        for tool in tools {
            fs::remove_file(self.path("bin").join(tool)).unwrap();
        }
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_xtask")));
        let output = command.args(args).env("PATH", self.path("bin")).output().unwrap();
        Run::of(&output)
    }

    /// What a verb prints on standard output.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let mut command = self.command(Path::new("timeout"));
        let output = command.arg(BOUND).arg(env!("CARGO_BIN_EXE_xtask")).args(args).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn signal(run: &Child, signal: &str) {
        let kill = Command::new("kill").args(["-s", signal, &run.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.current_dir(self.path("work")).env("PATH", path).env("FAKE", self.dir.path());
        command.env("XDG_STATE_HOME", self.path("home")).env("XDG_DATA_HOME", self.path("data"));
        command.env("HOME", self.dir.path()).env_remove("E2E_IMAGE_CACHE");
        command
    }
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stderr: text(&output.stderr), stdout: text(&output.stdout) }
    }

    pub fn ends_with(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
    }
}

/// Reads until a line holds this text.
pub fn await_line(words: &mut BufReader<ChildStderr>, wanted: &str) -> String {
    let mut seen = String::new();
    let found = words.lines().map(Result::unwrap).find(|line| {
        seen.push_str(line);
        seen.push('\n');
        line.contains(wanted)
    });
    found.unwrap_or_else(|| panic!("{wanted:?} was not said:\n{seen}"))
}

pub fn contains(text: &str, wanted: &str) {
    assert!(text.contains(wanted), "{wanted:?} is not in:\n{text}");
}
