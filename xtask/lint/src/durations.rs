//! How long steps took in recorded runs: for the estimate of the time lost. It must not look at code.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// Seconds of one name, once or of several runs.
#[derive(Deserialize)]
#[serde(untagged)]
enum Recorded {
    Once(f64),
    Often(Vec<f64>),
}

/// Reads a JSON object from names to seconds, or to lists of them. A name `ready:DEFINITION/PART` is that of a task of
/// `cargo xtask e2e-setup`: what a deploy of DEFINITION takes is what its slowest part takes to become Ready. Other tasks
/// are no deploys and are left out.
pub fn read(path: &Path) -> anyhow::Result<BTreeMap<String, f64>> {
    let text = fs_err::read_to_string(path)?;
    let recorded: BTreeMap<String, Recorded> = serde_json::from_str(&text)
        .with_context(|| format!("{}: expected {{\"name\": seconds or [seconds, ...], ...}}", path.display()))?;
    let mut durations: BTreeMap<String, f64> = BTreeMap::new();
    for (name, seconds) in recorded {
        let Some(name) = step(&name) else { continue };
        let seconds = match seconds {
            Recorded::Once(seconds) => Some(seconds),
            Recorded::Often(all) => median(all),
        };
        if let Some(seconds) = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0) {
            let slowest = durations.entry(name.to_owned()).or_default();
            *slowest = slowest.max(seconds);
        }
    }
    Ok(durations)
}

fn step(name: &str) -> Option<&str> {
    match name.split_once(':') {
        None => Some(name),
        Some(("ready", task)) => task.split('/').next(),
        Some(_) => None,
    }
}

fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> anyhow::Result<BTreeMap<String, f64>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    #[test]
    fn tasks_of_the_engine_become_steps() {
        let text = r#"{"ready:store/schema": [4, 9, 5], "ready:store/server": [1.5], "load:store": [8], "redis": 3}"#;
        let read = read_text(text).unwrap();
        assert_eq!(read, BTreeMap::from([("store".to_owned(), 5.0), ("redis".to_owned(), 3.0)]));
    }

    #[test]
    fn another_file_is_an_error_that_says_what_was_expected() {
        let error = format!("{:#}", read_text("[1]").unwrap_err());
        assert!(error.contains("expected {\"name\": seconds"), "{error}");
    }
}
