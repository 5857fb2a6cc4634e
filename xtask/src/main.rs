//! `cargo xtask`: parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::{
    cli::{Cli, Color},
    commands,
    report::terminal,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no errors, and nothing is left to do if they cannot be printed.
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match commands::dispatch(&cli) {
        Ok(exit) => exit.into(),
        Err(e) => {
            terminal::error(&e.message);
            e.exit.into()
        }
    }
}
