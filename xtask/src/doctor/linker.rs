//! Service binaries are linked statically: that takes a linker and the C library's archive.

use std::time::Duration;

use super::{Ctx, Finding};
use crate::exec::Cmd;

const CHECK: &str = "linker";

pub(super) fn check(ctx: &Ctx<'_>) -> Finding {
    if !cfg!(target_os = "linux") {
        let what = "is not looked at: this host is no Linux";
        let why = "Services are compiled for Linux, which takes Rust's target for the engine's architecture and a linker for it.";
        let mend =
            "rustup target add x86_64-unknown-linux-gnu   # or aarch64; and name the linker in ~/.cargo/config.toml";
        return Finding::advice(CHECK, what, why).mended_by(mend);
    }
    let Some(cc) = ctx.toolbox.find("cc") else { return missing("no C compiler (cc)") };
    let asked = Cmd::new(cc).arg("-print-file-name=libc.a").deadline(Duration::from_secs(15)).run(ctx.runner);
    // A compiler that does not have the file says its bare name.
    match asked {
        Ok(output) if output.text().contains('/') => {
            Finding::ok(CHECK, format!("links statically ({})", output.text()))
        }
        Ok(_) => missing("libc.a is not there"),
        Err(e) => missing(&e.to_string()),
    }
}

fn missing(what: &str) -> Finding {
    let why = "Services are linked statically, so that their images hold nothing but the binary.";
    Finding::missing(CHECK, what, why).mended_by("sudo apt-get install gcc libc6-dev")
}
