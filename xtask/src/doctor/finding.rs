//! What a check found: what, why it matters, and the commands that mend it.

use std::fmt;

use serde::Serialize;

use super::Report;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: &'static str,
    /// How grave it is.
    pub status: Status,
    /// What was found.
    pub what: String,
    /// Why that matters; nothing where all is well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Commands that mend it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mend: Vec<String>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Ok,
    /// It works, but may not always.
    Advice,
    /// Nothing can be set up without it.
    Missing,
}

impl Finding {
    /// All is well.
    #[must_use]
    pub fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, what: what.into(), why: String::new(), mend: Vec::new() }
    }

    /// It works, but may not always.
    #[must_use]
    pub fn advice(check: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { check, status: Status::Advice, what: what.into(), why: why.into(), mend: Vec::new() }
    }

    /// Something needed is not there.
    #[must_use]
    pub fn missing(check: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { check, status: Status::Missing, what: what.into(), why: why.into(), mend: Vec::new() }
    }

    /// Adds a command that mends it.
    #[must_use]
    pub fn mended_by(mut self, command: impl Into<String>) -> Self {
        self.mend.push(command.into());
        self
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Advice => "advice",
            Self::Missing => "missing",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>7} {:<11} {}", self.status, self.check, self.what.replace('\n', "\n                    "))?;
        if !self.why.is_empty() {
            write!(f, "\n{:20}{}", "", self.why)?;
        }
        self.mend.iter().try_for_each(|command| write!(f, "\n{:20}$ {command}", ""))
    }
}

/// `{"ok": bool, "findings": [...], "fix": {"mended", "failed"}}`; `ok` is false where something needed is missing, and
/// `fix` is there where something was to be mended.
#[must_use]
pub fn json(findings: &[Finding], report: Option<&Report>) -> serde_json::Value {
    let ok = findings.iter().all(|f| f.status != Status::Missing);
    let mut json = serde_json::json!({ "ok": ok, "findings": findings });
    if let Some(report) = report {
        json["fix"] = serde_json::json!(report);
    }
    json
}
