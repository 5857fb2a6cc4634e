//! kubectl is present, and within one minor version of the node: what Kubernetes promises to work.

use std::time::Duration;

use super::{Ctx, Finding, KUBERNETES, version::Version};
use crate::exec::Cmd;

const CHECK: &str = "kubectl";

pub(super) fn check(ctx: &Ctx<'_>) -> Finding {
    let Some(program) = ctx.toolbox.find("kubectl") else {
        return missing("not found".to_owned());
    };
    let ask = Cmd::new(&program).args(["version", "--client", "--output", "json"]).deadline(Duration::from_secs(15));
    match ask.run(ctx.runner).as_ref().map(|o| parse(&o.text())) {
        Ok(Some(text)) => judge(&text, &program.display().to_string()),
        Ok(None) => missing(format!("{} does not say its version", program.display())),
        Err(e) => missing(e.to_string()),
    }
}

fn parse(text: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    json["clientVersion"]["gitVersion"].as_str().map(str::to_owned)
}

fn judge(text: &str, program: &str) -> Finding {
    match (Version::parse(text), Version::parse(KUBERNETES)) {
        (Some(version), Some(node)) if version.within(node, 1) => Finding::ok(CHECK, format!("{text} ({program})")),
        (_, node) => {
            let node = node.map(|n| n.to_string()).unwrap_or_default();
            missing(format!("{program} is {text}; a node of {node} wants one within one minor version"))
        }
    }
}

fn missing(what: String) -> Finding {
    let why = "kubectl applies manifests and watches; beyond one minor version nobody promises that it understands the cluster.";
    let mend =
        format!("cargo xtask doctor --fix   # or https://dl.k8s.io/release/{KUBERNETES}/bin/linux/amd64/kubectl");
    Finding::missing(CHECK, what, why).mended_by(mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn which_kubectl_will_do() {
        let said = r#"{"clientVersion": {"major": "1", "minor": "32+", "gitVersion": "v1.32.4-dispatcher"}}"#;
        assert_eq!(judge(&parse(said).unwrap(), "kubectl").status, Status::Missing, "two minors behind");
        assert_eq!(judge("v1.33.0", "kubectl").status, Status::Ok);
        assert_eq!(judge("v1.35.1", "kubectl").status, Status::Ok);
        assert_eq!(judge("none", "kubectl").status, Status::Missing);
    }
}
