//! The smallest program there is, as an image: a container of it shows what an engine may do, with no registry, no
//! compiler and nothing to download.

use crate::{
    exec::{ExecError, ProcessId, Runner},
    tools::engine::Engine,
};

/// The name of the probe's image.
const IMAGE: &str = "localhost/e2e/probe";
const LOADED_AT: u64 = 0x40_0000;
const HEADERS: u64 = 64 + 56;

/// Runs the probe in a privileged container.
pub(super) fn run_privileged(engine: &Engine, runner: &Runner) -> Result<(), ExecError> {
    let code: &[u8] = if engine.arch == "arm64" { &EXIT_ARM64 } else { &EXIT_AMD64 };
    let machine = if engine.arch == "arm64" { 183 } else { 62 };
    // Each run has its own: one that ends takes its image away, and another may be about to start it.
    let us = ProcessId::ours();
    let image = format!("{IMAGE}:{}-{}", us.pid, us.started);
    engine.cmd().args(["import", "-", &image]).stdin(tar("probe", &elf(machine, code))).run(runner)?;
    let ran = engine.cmd().args(["run", "--rm", "--privileged", "--network", "none", &image, "/probe"]).run(runner);
    // Left behind it would only be a name in the user's list of images; the answer is what counts.
    let _ = engine.cmd().args(["rmi", "--force", &image]).run(runner);
    ran.map(drop)
}

/// `exit(0)`: mov eax, 60; xor edi, edi; syscall.
const EXIT_AMD64: [u8; 9] = [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];
/// `exit(0)`: mov x0, #0; mov x8, #93; svc #0.
const EXIT_ARM64: [u8; 12] = [0x00, 0x00, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4];

/// A static ELF executable with one loadable segment: both headers, then the code.
fn elf(machine: u16, code: &[u8]) -> Vec<u8> {
    let size = HEADERS + code.len() as u64;
    let mut out = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let half = |out: &mut Vec<u8>, v: u16| out.extend(v.to_le_bytes());
    let word = |out: &mut Vec<u8>, v: u32| out.extend(v.to_le_bytes());
    let long = |out: &mut Vec<u8>, v: u64| out.extend(v.to_le_bytes());
    half(&mut out, 2); // executable
    half(&mut out, machine);
    word(&mut out, 1);
    long(&mut out, LOADED_AT + HEADERS); // entry
    long(&mut out, 64); // program headers
    long(&mut out, 0);
    word(&mut out, 0);
    for v in [64, 56, 1, 0, 0, 0] {
        half(&mut out, v);
    }
    word(&mut out, 1); // load
    word(&mut out, 5); // read and execute
    for v in [0, LOADED_AT, LOADED_AT, size, size, 0x1000] {
        long(&mut out, v);
    }
    out.extend(code);
    out
}

/// A tar archive of one executable file (POSIX ustar).
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000755\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut out = header.to_vec();
    out.extend(content);
    // Whole blocks, and two empty ones at the end.
    out.resize(out.len().next_multiple_of(512) + 1024, 0);
    out
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::exec::Cmd;

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn tar_unpacks_the_probe_and_it_runs() {
        let dir = tempfile::tempdir().unwrap();
        let runner = Runner::new().unwrap();
        let unpack = Cmd::new("tar").args(["--extract", "--directory"]).arg(dir.path());
        unpack.stdin(tar("probe", &elf(62, &EXIT_AMD64))).run(&runner).unwrap();
        let probe = dir.path().join("probe");
        assert_eq!(fs_err::metadata(&probe).unwrap().permissions().mode() & 0o777, 0o755);
        Cmd::new(&probe).run(&runner).unwrap();
    }
}
