//! What git knows: staged files with their staged text, files that differ from a reference.
//! The only starter of a process here; git gets arguments, never a shell.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::files::{self, Read};

/// Files staged for the next commit, with the text that is staged.
pub fn staged(paths: &[PathBuf]) -> anyhow::Result<Read> {
    let root = root()?;
    let names = listed(&root, &["diff", "--cached", "--name-only", "--diff-filter=ACMR", "-z"], paths)?;
    let texts = contents(&root, &names)?;
    let mut read = Read::default();
    for (name, bytes) in names.iter().zip(texts) {
        match files::from_bytes(name, bytes) {
            Some(Ok(source)) => read.sources.push(source),
            Some(Err(skipped)) => read.skipped.push(skipped),
            None => {}
        }
    }
    Ok(read)
}

/// Files that differ from a reference, as they are in the working tree, and new ones that are not ignored.
pub fn changed(reference: &str, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    if reference.starts_with('-') {
        bail!("`{reference}` is no reference");
    }
    let root = root()?;
    let mut names = listed(&root, &["diff", "--name-only", "--diff-filter=ACMR", "-z", reference], paths)?;
    names.extend(listed(&root, &["ls-files", "--others", "--exclude-standard", "-z"], paths)?);
    let here = std::env::current_dir()?;
    Ok(names
        .iter()
        .map(|name| root.join(name))
        .filter(|path| path.is_file())
        .map(|path| path.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(path))
        .collect())
}

fn root() -> anyhow::Result<PathBuf> {
    let out = git(None, &["rev-parse", "--show-toplevel"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&out).trim_end()))
}

fn listed(root: &Path, args: &[&str], paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut all: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    all.push("--".to_owned());
    for path in paths {
        all.push(std::path::absolute(path)?.to_string_lossy().into_owned());
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let out = git(Some(root), &all)?;
    Ok(String::from_utf8_lossy(&out).split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

#[expect(clippy::disallowed_methods, reason = "the lint links nothing of the tool; git is asked here and nowhere else")]
fn git(root: Option<&Path>, args: &[&str]) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new("git");
    if let Some(root) = root {
        command.current_dir(root);
    }
    let out = command.args(args).stdin(Stdio::null()).output().context("git does not start")?;
    if !out.status.success() {
        bail!("git {}: {}", args.first().unwrap_or(&""), String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(out.stdout)
}

/// The staged text of every file, by one process.
#[expect(clippy::disallowed_methods, reason = "the lint links nothing of the tool; git is asked here and nowhere else")]
fn contents(root: &Path, names: &[String]) -> anyhow::Result<Vec<Vec<u8>>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut child = Command::new("git")
        .current_dir(root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("git does not start")?;
    let mut asked = String::new();
    for name in names {
        asked.extend([":", name, "\n"]);
    }
    let mut input = child.stdin.take().context("git takes no input")?;
    // The answers may fill the pipe before all questions are asked: they are asked beside the reading.
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let out = child.wait_with_output()?;
    _ = writer.join();
    Ok(answers(&out.stdout, names.len()))
}

/// `<id> blob <size>\n<bytes>\n`, once for each question; a missing one has no bytes.
fn answers(mut rest: &[u8], count: usize) -> Vec<Vec<u8>> {
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = &rest[end + 1..];
        let size: Option<usize> = head.rsplit(' ').next().and_then(|size| size.parse().ok());
        let size = size.unwrap_or(0).min(rest.len());
        texts.push(rest[..size].to_vec());
        rest = rest.get(if head.ends_with("missing") { 0 } else { size + 1 }..).unwrap_or_default();
    }
    texts.resize(count, Vec::new());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cut_by_their_size() {
        let out = b"abc blob 4\na\nb\n\n:gone missing\ndef blob 1\nz\n";
        assert_eq!(answers(out, 3), [b"a\nb\n".to_vec(), Vec::new(), b"z".to_vec()]);
    }
}
