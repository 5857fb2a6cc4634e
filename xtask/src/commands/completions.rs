//! `completions`: a script for a shell.

use clap::CommandFactory;

use crate::{cli::Cli, session::Exit};

/// Prints the script.
pub fn run(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Cli::command(), "xtask", &mut std::io::stdout().lock());
    Exit::Ok
}
