//! kind and kubectl, into a directory that only this tool uses.

use std::{
    fmt::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use fs_err as fs;
use sha2::{Digest, Sha256};

use super::Mended;
use crate::{
    catalog::ImageRef,
    doctor::{Ctx, KIND, KUBERNETES},
    exec::Cmd,
    tools::engine::Engine,
};

const DOWNLOAD: Duration = Duration::from_mins(5);

/// kind's release; where it cannot be downloaded, its Go module.
pub(super) fn install_kind(ctx: &Ctx<'_>) -> Result<Mended, String> {
    let url = format!("https://github.com/kubernetes-sigs/kind/releases/download/{KIND}/kind-{}", platform('-'));
    (ctx.tell)(&format!("downloading kind {KIND}"));
    download(ctx, "kind", &url, &format!("{url}.sha256sum")).or_else(|why| {
        (ctx.tell)(&format!("kind cannot be downloaded ({}): building it from its Go module", gist(&why)));
        go_install_kind(ctx).map_err(|e| format!("kind {KIND} cannot be installed\n- {why}\n- {e}"))
    })
}

/// kubectl's release.
pub(super) fn download_kubectl(ctx: &Ctx<'_>) -> Result<Mended, String> {
    let url = format!("https://dl.k8s.io/release/{KUBERNETES}/bin/{}/kubectl", platform('/'));
    (ctx.tell)(&format!("downloading kubectl {KUBERNETES}"));
    download(ctx, "kubectl", &url, &format!("{url}.sha256"))
}

/// The kubectl that a node image brings along.
pub(super) fn kubectl_of_node(ctx: &Ctx<'_>, engine: &Engine, node: &ImageRef) -> Result<Mended, String> {
    let own = ctx.toolbox.own();
    fs::create_dir_all(own).map_err(|e| e.to_string())?;
    let id = engine.cmd().args(["create", node.as_str()]).run(ctx.runner).map_err(|e| e.to_string())?.text();
    let partial = partial(own, "kubectl");
    let copy = engine.cmd().args(["cp", "--follow-link", &format!("{id}:/usr/bin/kubectl")]).arg(&partial);
    let copied = copy.run(ctx.runner).map_err(|e| e.to_string());
    let removed = engine.remove_containers([&id]).run(ctx.runner);
    copied.and(removed.map_err(|e| e.to_string()))?;
    place(&partial, own, "kubectl").map(|m| Mended { what: format!("{} (from {node})", m.what), ..m })
}

fn go_install_kind(ctx: &Ctx<'_>) -> Result<Mended, String> {
    let go = ctx.toolbox.find("go").ok_or("Go is not there to build it: https://go.dev/dl/")?;
    let own = ctx.toolbox.own();
    fs::create_dir_all(own).map_err(|e| e.to_string())?;
    let install =
        Cmd::new(go).args(["install", &format!("sigs.k8s.io/kind@{KIND}")]).env("GOBIN", own).env_remove("GOFLAGS");
    install.cwd(own).deadline(DOWNLOAD).run(ctx.runner).map_err(|e| e.to_string())?;
    Ok(installed(own, "kind"))
}

/// Downloads a program and holds it to its published checksum.
fn download(ctx: &Ctx<'_>, name: &str, url: &str, checksum: &str) -> Result<Mended, String> {
    let own = ctx.toolbox.own();
    fs::create_dir_all(own).map_err(|e| e.to_string())?;
    let wanted = fetch(ctx, checksum)?.run(ctx.runner).map_err(|e| e.to_string())?.text();
    let content = fetch(ctx, url)?.run(ctx.runner).map_err(|e| e.to_string())?.stdout;
    verify(&content, &wanted).map_err(|why| format!("{url}: {why}"))?;
    let partial = partial(own, name);
    fs::write(&partial, content).map_err(|e| e.to_string())?;
    place(&partial, own, name)
}

fn fetch(ctx: &Ctx<'_>, url: &str) -> Result<Cmd, String> {
    if let Some(curl) = ctx.toolbox.find("curl") {
        let options = ["--fail", "--location", "--silent", "--show-error", "--connect-timeout", "10"];
        return Ok(Cmd::new(curl).args(options).arg(url).deadline(DOWNLOAD));
    }
    let wget = ctx.toolbox.find("wget").ok_or("neither curl nor wget is there to download with")?;
    Ok(Cmd::new(wget)
        .args(["--quiet", "--connect-timeout=10", "--tries=2", "--output-document=-", url])
        .deadline(DOWNLOAD))
}

/// The checksum file begins with the digest; a file name may follow.
fn verify(content: &[u8], checksum: &str) -> Result<(), String> {
    let mut is = String::new();
    for byte in Sha256::digest(content) {
        // Writing to a string cannot fail.
        let _ = write!(is, "{byte:02x}");
    }
    match checksum.split_whitespace().next() {
        Some(wanted) if wanted == is => Ok(()),
        wanted => Err(format!("its SHA-256 is {is}, not {}", wanted.unwrap_or("given"))),
    }
}

fn partial(own: &Path, name: &str) -> PathBuf {
    own.join(format!(".{name}.{}", std::process::id()))
}

/// Whole and executable, or not there: another run may be looking for it.
fn place(partial: &Path, own: &Path, name: &str) -> Result<Mended, String> {
    let placed = fs::set_permissions(partial, PermissionsExt::from_mode(0o755))
        .and_then(|()| fs::rename(partial, own.join(name)));
    placed.map_err(|e| e.to_string())?;
    Ok(installed(own, name))
}

fn installed(own: &Path, name: &str) -> Mended {
    let path = own.join(name);
    Mended::new(format!("installed {}", path.display())).undone_by(format!("rm {}", path.display()))
}

/// Operating system and architecture as Go names them.
fn platform(between: char) -> String {
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    format!("{os}{between}{arch}")
}

/// The last line of a failed command's stderr.
fn gist(why: &str) -> &str {
    why.lines().filter_map(|l| l.trim_start().strip_prefix("| ")).next_back().unwrap_or(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_held_to_its_checksum() {
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(verify(b"abc", &format!("{sum}  kind-linux-amd64\n")), Ok(()));
        assert!(verify(b"abcd", sum).unwrap_err().contains(sum));
        assert!(verify(b"abc", "").is_err());
    }
}
