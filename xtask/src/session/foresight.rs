//! What a set-up would do. Nothing is started, and no engine is asked.

use super::{CommandError, Exit, Options, Session};
use crate::{
    catalog::Name,
    cli::PlanFormat,
    plan::{self, Observed, Plan, Selection},
    report::terminal,
};

/// Prints the plan of a set-up.
pub fn show(session: &Session, roots: &[Name], options: &Options, format: PlanFormat) -> Result<Exit, CommandError> {
    let plan = foresee(session, roots, options)?;
    terminal::data(&match format {
        PlanFormat::Text => plan::text(&plan).trim_end().to_owned(),
        PlanFormat::Json => plan::json(&plan).to_string(),
        PlanFormat::Mermaid => plan::mermaid(&plan).trim_end().to_owned(),
    });
    Ok(Exit::Ok)
}

/// The plan, as far as it can be known without asking an engine.
pub fn foresee(session: &Session, roots: &[Name], options: &Options) -> Result<Plan, CommandError> {
    session.check_given(options)?;
    let record = session.home.cluster(&options.cluster_name(roots)).record()?;
    let observed = Observed { cluster_runs: record.is_some_and(|r| r.complete), cpus: 1 };
    let selection =
        Selection { roots: roots.to_vec(), mode: options.mode, given: options.given.clone(), scope: options.scope };
    plan::plan(&session.catalog, &selection, &observed).map_err(CommandError::usage)
}
