//! The verbs, one a file. A verb reads its arguments, calls what does the work, and says how it ended.

mod ci;
mod completions;
mod doctor;
mod e2e_all;
mod e2e_bench;
mod e2e_build;
mod e2e_down;
mod e2e_logs;
mod e2e_plan;
mod e2e_setup;
mod e2e_status;
mod e2e_test;
mod images;
mod install_hooks;
mod lint;

use crate::{
    cli::{Cli, Command, Env},
    session::{CommandError, Exit, Session},
};

/// Does what the command line asks for.
pub fn dispatch(cli: &Cli) -> Result<Exit, CommandError> {
    let env = Env::read().map_err(CommandError::failed)?;
    let with = |verb: &dyn Fn(&Session) -> Result<Exit, CommandError>| {
        let session = Session::open(&env, cli.verbosity())?;
        session.ending(verb(&session))
    };
    match &cli.command {
        Command::E2eSetup(args) => with(&|session| e2e_setup::run(session, args)),
        Command::E2eBuild(args) => with(&|session| e2e_build::run(session, args)),
        Command::E2eTest(args) => with(&|session| e2e_test::run(session, args)),
        Command::E2eAll(args) => with(&|session| e2e_all::run(session, args)),
        Command::E2eDown(args) => with(&|session| e2e_down::run(session, args)),
        Command::E2eStatus(args) => with(&|session| e2e_status::run(session, args)),
        Command::E2eLogs(args) => with(&|session| e2e_logs::run(session, args)),
        Command::E2ePlan(args) => with(&|session| e2e_plan::run(session, args)),
        Command::E2eBench(args) => with(&|session| e2e_bench::run(session, args)),
        Command::Doctor(args) => with(&|session| doctor::run(session, args)),
        Command::Images(args) => with(&|session| images::run(session, args)),
        Command::Ci(args) => with(&|session| ci::run(session, args)),
        Command::Lint { args } => lint::run(&env, args),
        Command::InstallHooks(args) => install_hooks::run(args),
        Command::Completions { shell } => Ok(completions::run(*shell)),
    }
}
