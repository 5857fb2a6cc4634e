//! `e2e-down`: clusters removed, evidence kept.

use crate::{
    cli::DownArgs,
    report::terminal,
    session::{CommandError, Exit, Session, remove},
};

/// Removes clusters of ours; others are never touched.
pub fn run(session: &Session, args: &DownArgs) -> Result<Exit, CommandError> {
    let known: Vec<String> = session.home.clusters()?.into_iter().map(|r| r.name).collect();
    let names = if args.all { known.clone() } else { args.clusters.clone() };
    if names.is_empty() {
        terminal::status("Nothing", "to remove: there is no cluster of this tool");
    }
    let mut exit = Exit::Ok;
    for name in names {
        if remove(session, &name)? {
            terminal::status("Removed", &format!("cluster {name}"));
        } else {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            terminal::error(&format!("there is no cluster `{name}` of this tool; known: {known}"));
            exit = Exit::Usage;
        }
    }
    Ok(exit)
}
