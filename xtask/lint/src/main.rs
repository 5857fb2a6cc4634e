//! The binary: parse, run, exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use xtask_lint::cli::Cli;

fn main() -> ExitCode {
    match xtask_lint::run::run(&Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            _ = writeln!(anstream::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}
