//! Doctor on machines that are only pretended: programs on the PATH that answer as the real ones do.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt};

use fs_err as fs;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use xtask::{
    catalog::Catalog,
    doctor::{self, Ctx, Finding, Status},
    exec::Runner,
    tools::{engine::EngineKind, locate::Toolbox},
};

const DOCKER: &str = r#"#!/bin/sh
case "$*" in
  version*) echo '{"Client":{},"Server":{"Version":"26.1.5","Arch":"amd64"}}' ;;
  info*) echo '{"SecurityOptions":["name=seccomp"],"Driver":"overlay2","CgroupVersion":"2"}' ;;
  *--privileged*) PRIVILEGED ;;
esac
"#;
const KIND: &str = "#!/bin/sh\necho kind v0.30.0 go1.26.8 linux/amd64\n";
const KUBECTL: &str = "#!/bin/sh\necho '{\"clientVersion\":{\"gitVersion\":\"v1.34.4\"}}'\n";
const CC: &str = "#!/bin/sh\necho /usr/lib/libc.a\n";

fn sha256(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

struct Machine {
    dir: TempDir,
    catalog: Catalog,
    runner: Runner,
    toolbox: Toolbox,
}

impl Machine {
    /// Everything is there and works, but for what `programs` replaces.
    fn with(programs: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        let docker = DOCKER.replace("PRIVILEGED", "exit 0");
        let all = [("docker", docker.as_str()), ("kind", KIND), ("kubectl", KUBECTL), ("cc", CC)];
        for (name, text) in all.iter().chain(programs).filter(|(_, text)| !text.is_empty()) {
            fs::write(bin.join(name), text).unwrap();
            fs::set_permissions(bin.join(name), PermissionsExt::from_mode(0o755)).unwrap();
        }
        for (name, _) in programs.iter().filter(|(_, text)| text.is_empty()) {
            fs::remove_file(bin.join(name)).unwrap();
        }
        let catalog = Catalog { root: dir.path().to_owned(), ..Catalog::default() };
        let toolbox = Toolbox::new(dir.path().join("own"), bin);
        Self { dir, catalog, runner: Runner::new().unwrap(), toolbox }
    }

    fn ctx(&self) -> Ctx<'_> {
        Ctx {
            runner: &self.runner,
            toolbox: &self.toolbox,
            wanted: None,
            catalog: &self.catalog,
            images: Vec::new(),
            cache: None,
            scratch: self.dir.path().join("scratch"),
            home: self.dir.path().to_owned(),
            vars: BTreeMap::new(),
            tell: &|_| {},
        }
    }

    fn missing(&self) -> Vec<Finding> {
        // The disk is that of the machine which runs the test.
        let findings = doctor::examine(&self.ctx()).into_iter();
        findings.filter(|f| f.status == Status::Missing && f.check != "disk").collect()
    }
}

#[test]
fn a_machine_that_has_everything_needs_nothing() {
    let machine = Machine::with(&[]);
    assert_eq!(machine.missing(), []);
    let report = doctor::bootstrap(&machine.ctx());
    assert!(report.mended.is_empty() && report.failed.is_empty(), "{report:?}");
}

#[test]
fn each_missing_thing_is_one_finding_with_its_mend() {
    let machine = Machine::with(&[("docker", ""), ("kind", ""), ("kubectl", ""), ("cc", "")]);
    let found = machine.missing();
    let checks: Vec<&str> = found.iter().map(|f| f.check).collect();
    assert_eq!(checks, ["engine", "kind", "kubectl", "linker"]);
    assert!(found.iter().all(|f| !f.why.is_empty() && !f.mend.is_empty()), "{found:?}");
}

#[test]
fn an_engine_that_refuses_privileged_containers_will_not_do() {
    let docker = DOCKER.replace("PRIVILEGED", "echo 'unable to apply caps: operation not permitted' >&2; exit 125");
    let found = Machine::with(&[("docker", &docker)]).missing();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].check, "privileged");
    assert_eq!(found[0].mend, ["sudo apt-get install podman   # another engine, or a newer one"], "no fix helps here");
    assert!(found[0].what.contains("operation not permitted"), "{}", found[0].what);
}

#[test]
fn an_old_kubectl_is_as_good_as_none() {
    let old = KUBECTL.replace("v1.34.4", "v1.32.4-dispatcher");
    let found = Machine::with(&[("kubectl", &old)]).missing();
    assert_eq!(found.iter().map(|f| f.check).collect::<Vec<_>>(), ["kubectl"]);
    assert!(found[0].what.contains("v1.32.4-dispatcher"), "{}", found[0].what);
}

#[test]
fn a_kind_that_was_not_tried_here_is_replaced_by_a_fix_and_by_no_run() {
    let old = KIND.replace("v0.30.0", "v0.29.0");
    // What is downloaded, and its checksum.
    let curl =
        format!("#!/bin/sh\ncase \"$*\" in *.sha256sum) echo {} ;; *) printf %s '{KIND}' ;; esac\n", sha256(KIND));
    let machine = Machine::with(&[("kind", &old), ("curl", &curl)]);
    assert!(doctor::bootstrap(&machine.ctx()).mended.is_empty(), "it works");
    let report = doctor::fix(&machine.ctx());
    assert!(
        report.mended.iter().any(|m| m.what.starts_with("installed") && m.what.ends_with("own/kind")),
        "{report:?}"
    );
    let found = doctor::examine(&machine.ctx());
    assert!(found.iter().any(|f| f.check == "kind" && f.status == Status::Ok), "{found:?}");
}

#[test]
fn who_wants_podman_is_told_of_podman() {
    let machine = Machine::with(&[]);
    let ctx = Ctx { wanted: Some(EngineKind::Podman), ..machine.ctx() };
    assert_eq!(doctor::examine(&ctx)[0].mend, ["sudo apt-get install podman"]);
}

#[test]
fn an_engine_that_runs_for_others_is_not_installed_again() {
    let docker =
        "#!/bin/sh\necho 'permission denied while trying to connect to the Docker daemon socket' >&2\nexit 1\n";
    let machine = Machine::with(&[("docker", docker)]);
    let report = doctor::bootstrap(&machine.ctx());
    assert!(report.mended.is_empty(), "{report:?}");
    assert!(report.failed.len() == 1 && report.failed[0].contains("usermod"), "{report:?}");
}

#[test]
fn a_setting_that_breaks_pulls_is_named() {
    let machine = Machine::with(&[]);
    fs::create_dir_all(machine.dir.path().join(".docker")).unwrap();
    fs::write(machine.dir.path().join(".docker/config.json"), r#"{"credsStore":"desktop"}"#).unwrap();
    let mut ctx = machine.ctx();
    ctx.vars.insert("DOCKER_DEFAULT_PLATFORM".to_owned(), "linux/arm64".to_owned());
    let findings = doctor::examine(&ctx);
    let settings = findings.iter().find(|f| f.check == "settings").unwrap();
    assert_eq!(settings.status, Status::Advice);
    for part in ["docker-credential-desktop", "DOCKER_DEFAULT_PLATFORM=linux/arm64"] {
        assert!(settings.what.contains(part), "{}", settings.what);
    }
}

#[test]
fn findings_are_data_too() {
    let findings = doctor::examine(&Machine::with(&[("kind", "")]).ctx());
    let json = doctor::json(&findings, None);
    assert_eq!(json["ok"], false);
    let kind = json["findings"].as_array().unwrap().iter().find(|f| f["check"] == "kind").unwrap();
    assert_eq!(kind["status"], "missing");
    assert!(kind["mend"][0].as_str().unwrap().contains("kind@v0.30.0"));
}
