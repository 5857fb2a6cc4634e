//! Which engine works here: one whose server answers. A client on the PATH proves nothing.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{Builder, Engine, EngineKind};
use crate::{
    exec::{Cmd, ExecError, How, Runner},
    tools::locate::Toolbox,
};

/// An engine that needs longer than this to say its version is of no use.
const ANSWER: Duration = Duration::from_secs(15);
/// What podman's stand-in for the docker client says of itself.
const EMULATION: &str = "Emulate Docker CLI using podman";

/// No engine answered.
#[derive(Debug, Clone)]
pub struct NoEngine {
    /// What was tried, and why it will not do.
    pub tried: Vec<(EngineKind, WhyNot)>,
}

/// Why an engine will not do.
#[derive(Debug, Clone)]
pub enum WhyNot {
    /// There is no such program.
    NotInstalled,
    /// The program is there and its server does not answer.
    NotAnswering(Box<ExecError>),
    /// It answered something that cannot be understood.
    Unexpected(String),
}

impl Engine {
    /// Finds the wanted engine, or else the first that answers.
    pub fn detect(wanted: Option<EngineKind>, toolbox: &Toolbox, runner: &Runner) -> Result<Self, NoEngine> {
        let mut tried = Vec::new();
        for kind in EngineKind::ALL.into_iter().filter(|k| wanted.is_none_or(|w| w == *k)) {
            match Self::ask(kind, toolbox, runner) {
                Ok(engine) => return Ok(engine),
                Err(why) => tried.push((kind, why)),
            }
        }
        Err(NoEngine { tried })
    }

    fn ask(kind: EngineKind, toolbox: &Toolbox, runner: &Runner) -> Result<Self, WhyNot> {
        let program = toolbox.find(kind.name()).ok_or(WhyNot::NotInstalled)?;
        let question = match kind {
            EngineKind::Docker => ["version", "--format", "{{json .}}"],
            EngineKind::Podman => ["info", "--format", "json"],
        };
        let output = Cmd::new(&program).args(question).deadline(ANSWER).run(runner).map_err(WhyNot::from)?;
        if kind == EngineKind::Docker && String::from_utf8_lossy(&output.stderr).contains(EMULATION) {
            return Err(WhyNot::Unexpected(format!("{} is podman under docker's name", program.display())));
        }
        let (version, arch) = parse(kind, &output.text())?;
        let builder = match kind {
            EngineKind::Podman => Builder::Buildah,
            EngineKind::Docker => {
                let buildx = Cmd::new(&program).args(["buildx", "version"]).deadline(ANSWER).run(runner);
                if buildx.is_ok() { Builder::BuildKit } else { Builder::Classic }
            }
        };
        Ok(Self { kind, program, version, arch, builder, search_path: toolbox.search_path() })
    }
}

/// Version and architecture of the server.
fn parse(kind: EngineKind, text: &str) -> Result<(String, String), WhyNot> {
    let json: Value = serde_json::from_str(text).map_err(|e| WhyNot::Unexpected(format!("no JSON: {e}")))?;
    let (version, arch) = match kind {
        EngineKind::Docker => (&json["Server"]["Version"], &json["Server"]["Arch"]),
        EngineKind::Podman => (&json["version"]["Version"], &json["host"]["arch"]),
    };
    match (version.as_str(), arch.as_str()) {
        (Some(version), Some(arch)) => Ok((version.to_owned(), arch.to_owned())),
        _ => Err(WhyNot::Unexpected("its answer names no server".to_owned())),
    }
}

impl From<ExecError> for WhyNot {
    fn from(e: ExecError) -> Self {
        if e.how == How::NotFound { Self::NotInstalled } else { Self::NotAnswering(Box::new(e)) }
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => write!(f, "not installed"),
            Self::NotAnswering(e) => write!(f, "installed, but does not answer: {e}"),
            Self::Unexpected(what) => write!(f, "{what}"),
        }
    }
}

impl fmt::Display for NoEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no container engine works here; `cargo xtask doctor` says what to do")?;
        self.tried.iter().try_for_each(|(kind, why)| write!(f, "\n  {kind}: {why}"))
    }
}

impl std::error::Error for NoEngine {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_without_a_server_is_no_engine() {
        let client_alone = r#"{"Client":{"Version":"28.2.2","Arch":"amd64"},"Server":null}"#;
        assert!(matches!(parse(EngineKind::Docker, client_alone), Err(WhyNot::Unexpected(_))));
        let both = r#"{"Client":{"Version":"28.2.2"},"Server":{"Version":"26.1.5+dfsg1","Os":"linux","Arch":"amd64"}}"#;
        assert_eq!(parse(EngineKind::Docker, both).unwrap(), ("26.1.5+dfsg1".to_owned(), "amd64".to_owned()));
        let podman = r#"{"host":{"arch":"arm64","os":"linux"},"version":{"APIVersion":"4.3.1","Version":"4.3.1"}}"#;
        assert_eq!(parse(EngineKind::Podman, podman).unwrap(), ("4.3.1".to_owned(), "arm64".to_owned()));
    }
}
