//! What git knows: what is staged, with its text, and files that differ from a reference.
//! The only starter of a process here; git gets arguments, never a shell.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// A file of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path from the root.
    pub name: String,
    /// The object that holds its text.
    pub object: String,
}

/// Files staged for the next commit.
pub fn staged(root: &Path, paths: &[PathBuf]) -> anyhow::Result<Vec<Entry>> {
    entries(root, &["diff", "--cached"], &[], paths)
}

/// Every file of the index.
pub fn index(root: &Path) -> anyhow::Result<Vec<Entry>> {
    let fields = listed(root, &["ls-files", "--stage", "-z"], &[])?;
    // `100644 <object> 0`, a tab, then the path.
    let entries = fields.iter().filter_map(|field| {
        let (head, name) = field.split_once('\t')?;
        let mut words = head.split(' ');
        let file = words.next().is_some_and(is_file);
        file.then(|| Entry { name: name.to_owned(), object: words.next().unwrap_or_default().to_owned() })
    });
    Ok(entries.collect())
}

/// Files that differ from a reference, and new ones that are not ignored, by their paths from the root.
pub fn changed(root: &Path, reference: &str, paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    if reference.starts_with('-') {
        bail!("`{reference}` is no reference");
    }
    let differ = entries(root, &["diff"], &[reference], paths)?;
    let mut names: Vec<String> = differ.into_iter().map(|entry| entry.name).collect();
    names.extend(listed(root, &["ls-files", "--others", "--exclude-standard", "-z"], paths)?);
    let is_file = |name: &String| root.join(name).symlink_metadata().is_ok_and(|data| data.is_file());
    names.retain(is_file);
    Ok(names)
}

/// The directory of the repository that we are in.
pub fn root() -> anyhow::Result<PathBuf> {
    let out = git(None, &["rev-parse", "--show-toplevel"])?;
    Ok(PathBuf::from(String::from_utf8_lossy(&out).trim_end()))
}

/// What a diff names and what is not removed by it, without links and submodules.
fn entries(root: &Path, diff: &[&str], more: &[&str], paths: &[PathBuf]) -> anyhow::Result<Vec<Entry>> {
    let how = ["--raw", "--no-renames", "--no-abbrev", "--diff-filter=ACMT", "-z"];
    let fields = listed(root, &[diff, &how, more].concat(), paths)?;
    // `:100644 100644 <object> <object> M`, then the path.
    let pairs = fields.chunks_exact(2).filter_map(|pair| {
        let words: Vec<&str> = pair[0].split(' ').collect();
        let file = words.get(1).is_some_and(|mode| is_file(mode));
        file.then(|| Entry { name: pair[1].clone(), object: (*words.get(3).unwrap_or(&"")).to_owned() })
    });
    Ok(pairs.collect())
}

/// Links and submodules have other modes.
fn is_file(mode: &str) -> bool {
    mode.starts_with("100")
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

/// The text of every object, by one process.
#[expect(clippy::disallowed_methods, reason = "the lint links nothing of the tool; git is asked here and nowhere else")]
pub fn contents(root: &Path, entries: &[Entry]) -> anyhow::Result<Vec<Vec<u8>>> {
    if entries.is_empty() {
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
    for entry in entries {
        asked.extend([entry.object.as_str(), "\n"]);
    }
    let mut input = child.stdin.take().context("git takes no input")?;
    // The answers may fill the pipe before all questions are asked: they are asked beside the reading.
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let out = child.wait_with_output()?;
    _ = writer.join();
    Ok(answers(&out.stdout, entries.len()))
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
