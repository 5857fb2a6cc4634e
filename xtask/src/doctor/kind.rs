//! kind is present, and fits the node images.

use std::time::Duration;

use super::{Ctx, Finding, KIND, version::Version};
use crate::exec::Cmd;

const CHECK: &str = "kind";
/// Older ones cannot load images into a node whose containerd has version 2, as the pulled one has.
const OLDEST: Version = Version { major: 0, minor: 27 };

pub(super) fn check(ctx: &Ctx<'_>) -> Finding {
    let Some(program) = ctx.toolbox.find("kind") else {
        return missing("not found".to_owned());
    };
    let asked = Cmd::new(&program).arg("version").deadline(Duration::from_secs(15)).run(ctx.runner);
    match asked.as_ref().map(|o| parse(&o.text())) {
        Ok(Some((text, version))) => judge(&text, version, &program.display().to_string()),
        Ok(None) => missing(format!("{} does not say its version", program.display())),
        Err(e) => missing(e.to_string()),
    }
}

/// From `kind v0.30.0 go1.26.8 linux/amd64`.
fn parse(text: &str) -> Option<(String, Version)> {
    let word = text.split_whitespace().nth(1)?;
    Some((word.to_owned(), Version::parse(word)?))
}

fn judge(text: &str, version: Version, program: &str) -> Finding {
    if version < OLDEST {
        return missing(format!("{program} is {text}, which is older than {OLDEST}"));
    }
    if Some(version) != Version::parse(KIND) {
        let why = format!("The node images are made for {KIND}; others are known to work, but not tried here.");
        return Finding::advice(CHECK, format!("{program} is {text}"), why).mended_by(mend());
    }
    Finding::ok(CHECK, format!("{text} ({program})"))
}

fn missing(what: String) -> Finding {
    Finding::missing(CHECK, what, "kind makes the clusters.").mended_by(mend())
}

fn mend() -> String {
    format!("go install sigs.k8s.io/kind@{KIND}   # or https://kind.sigs.k8s.io/docs/user/quick-start/#installation")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn which_kind_will_do() {
        let judged = |said: &str| {
            let (text, version) = parse(said).unwrap();
            judge(&text, version, "kind").status
        };
        assert_eq!(judged("kind v0.30.0 go1.26.8 linux/amd64"), Status::Ok);
        assert_eq!(judged("kind v0.27.0 go1.24.4 linux/amd64"), Status::Advice);
        assert_eq!(judged("kind v0.26.0 go1.23.4 linux/arm64"), Status::Missing);
        assert!(parse("").is_none());
    }
}
