//! The binary: parse, run, exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use xtask_lint::cli::Cli;

fn main() -> ExitCode {
    // Syntax trees are walked by recursion: deep ones need more than a thread's usual two mebibytes.
    _ = rayon::ThreadPoolBuilder::new().stack_size(16 << 20).build_global();
    match xtask_lint::run::run(&Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            _ = writeln!(anstream::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}
