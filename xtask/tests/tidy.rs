//! The structure that ARCHITECTURE.md and CONTRIBUTING.md promise, checked on the text of the sources. Every finding is
//! told; none is mended.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/source.rs"]
mod source;

use source::{Source, imports, root, rust_files};

/// Files that may have more than 300 lines, and why.
const LONG: [(&str, &str); 0] = [];

/// A module, and what it may not import.
const FORBIDDEN: [(&str, &[&str]); 11] = [
    ("catalog", &["exec", "tools", "plan", "render", "execute", "session", "state", "report", "commands", "cli"]),
    ("readiness", &["exec", "tools", "plan", "render", "execute", "session", "state", "report", "commands", "catalog"]),
    ("exec", &["catalog", "tools", "plan", "render", "execute", "session", "state", "report", "commands", "images"]),
    ("object", &["exec", "catalog", "tools", "plan", "render", "execute", "session", "state", "report", "commands"]),
    ("plan", &["exec", "tools", "execute", "session", "state", "report", "commands", "observe", "event", "record"]),
    ("render", &["exec", "tools", "execute", "session", "state", "report", "commands", "observe", "event", "plan"]),
    ("schedule", &["exec", "tools", "execute", "session", "state", "report", "commands", "observe", "event", "record"]),
    ("event", &["exec", "tools", "execute", "session", "state", "report", "commands", "observe", "record"]),
    ("tools", &["execute", "session", "report", "commands", "schedule", "readiness", "event", "suite", "observe"]),
    ("images", &["execute", "session", "report", "commands", "schedule", "readiness", "event", "suite", "observe"]),
    ("execute", &["session", "commands", "cli", "report", "record", "suite", "doctor", "bench", "ci"]),
];

/// Files that may hold a text, and why others may not.
const ONLY_IN: [(&str, &[&str], &str); 7] = [
    ("Command::new(", &["exec/"], "only exec starts processes"),
    ("println!(", &["report/terminal.rs"], "only the terminal reporter prints"),
    ("print!(", &["report/terminal.rs"], "only the terminal reporter prints"),
    ("process::exit", &[], "only main decides the exit code"),
    ("thread::Builder", &["execute/", "signals.rs"], "threads start in execute and in the signal handler"),
    ("thread::spawn", &[], "threads have names"),
    ("thread::sleep", &[], "nothing waits by sleeping"),
];

/// What pure modules do not touch.
const IMPURE: [&str; 7] =
    ["std::process", "process::Command", "Instant", "SystemTime", "std::fs", "fs_err", "std::net::TcpStream"];
const PURE: [&str; 4] = ["plan", "render", "schedule", "readiness"];

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut findings = Vec::new();
    for source in ["xtask/src", "xtask/tests", "services", "test-infra"].iter().flat_map(|d| rust_files(d)) {
        let lines = source.text.lines().count();
        let excused = LONG.iter().any(|(path, _)| *path == source.path);
        if lines > 300 && !excused {
            findings.push(format!("{}: {lines} lines; split it", source.path));
        }
        if lines <= 300 && excused {
            findings.push(format!("{}: is short now; take it from the list of long ones", source.path));
        }
        if !source.is_test() && !source.text.starts_with("//!") {
            findings.push(format!("{}: opens without `//!`", source.path));
        }
    }
    none(&findings);
}

#[test]
fn modules_import_only_what_lies_below() {
    let mut findings = Vec::new();
    for source in rust_files("xtask/src").iter().filter(|s| !s.is_test()) {
        let imported = imports(&source.code);
        for (_, never) in FORBIDDEN.iter().filter(|(module, _)| *module == source.module()) {
            let wrong = imported.iter().filter(|i| never.contains(&i.as_str()));
            findings.extend(wrong.map(|i| format!("{}: may not import {i}", source.path)));
        }
        if source.module() != "commands" && source.path != "xtask/src/main.rs" && imported.contains("commands") {
            findings.push(format!("{}: only main imports commands", source.path));
        }
    }
    let commands = rust_files("xtask/src/commands");
    let verbs: Vec<String> = commands.iter().map(Source::stem).filter(|s| s != "mod").collect();
    for source in commands.iter().filter(|s| s.stem() != "mod") {
        for verb in verbs.iter().filter(|v| **v != source.stem()) {
            let paths = [format!("super::{verb}"), format!("super::{{{verb}"), format!("commands::{verb}")];
            if paths.iter().any(|p| source.code.contains(p.as_str())) {
                findings.push(format!("{}: a verb may not import another, {verb}", source.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn what_one_place_does_no_other_does() {
    let mut findings = Vec::new();
    for source in rust_files("xtask/src").iter().filter(|s| !s.is_test()) {
        for (text, places, why) in ONLY_IN {
            let inside = source.path.strip_prefix("xtask/src/").unwrap();
            if source.code.contains(text) && !places.iter().any(|p| inside.starts_with(p)) {
                findings.push(format!("{}: `{text}`, but {why}", source.path));
            }
        }
        let impure = IMPURE.iter().filter(|i| PURE.contains(&source.module()) && source.code.contains(**i));
        findings.extend(impure.map(|i| format!("{}: `{i}` in a module that is pure", source.path)));
    }
    none(&findings);
}

#[test]
fn the_tool_and_the_services_do_not_know_each_other() {
    let mut findings = Vec::new();
    let services: Vec<String> = source::dirs("services");
    assert!(services.len() > 2, "no services found: {services:?}");
    for service in &services {
        let manifest = fs_err::read_to_string(root().join("services").join(service).join("Cargo.toml")).unwrap();
        if manifest.lines().any(|l| l.trim_start().starts_with("xtask")) {
            findings.push(format!("services/{service}/Cargo.toml: depends on the tool"));
        }
    }
    let defined = services.iter().filter(|s| root().join("services").join(s).join("e2e.yaml").exists());
    for name in defined {
        for source in rust_files("xtask/src").iter().filter(|s| !s.is_test()) {
            let named = source.code.lines().filter(|l| l.contains(name.as_str()) && !source::is_example(l)).count();
            if named > 0 {
                findings.push(format!("{}: names the service {name}", source.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn documents_name_what_exists() {
    none(&documents::findings());
}

/// All findings at once.
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
