//! `e2e-plan`: what a set-up would do.

use std::path::Path;

use crate::{
    catalog::Name,
    cli::{PlanArgs, PlanFormat},
    plan::{self, Observed, Plan, Selection},
    render,
    report::terminal,
    session::{CommandError, Exit, Options, Session},
};

/// Shows the plan, and writes the rendered manifests where asked.
pub fn run(session: &Session, args: &PlanArgs) -> Result<Exit, CommandError> {
    let roots = session.select(&args.services)?;
    let options = Options { mode: args.mode, given: args.image.iter().cloned().collect(), ..Options::default() };
    if let Some(dir) = &args.render {
        write(session, &make(session, &roots, &options)?, &options, dir)?;
    }
    show(session, &roots, &options, args.format)
}

/// Prints the plan of a set-up.
pub fn show(session: &Session, roots: &[Name], options: &Options, format: PlanFormat) -> Result<Exit, CommandError> {
    let plan = make(session, roots, options)?;
    terminal::data(&match format {
        PlanFormat::Text => plan::text(&plan).trim_end().to_owned(),
        PlanFormat::Json => plan::json(&plan).to_string(),
        PlanFormat::Mermaid => plan::mermaid(&plan).trim_end().to_owned(),
    });
    Ok(Exit::Ok)
}

fn make(session: &Session, roots: &[Name], options: &Options) -> Result<Plan, CommandError> {
    let record = session.home.cluster(&options.cluster_name(roots)).record()?;
    let observed = Observed { cluster_runs: record.is_some_and(|r| r.complete), cpus: 1 };
    let selection =
        Selection { roots: roots.to_vec(), mode: options.mode, given: options.given.clone(), scope: options.scope };
    plan::plan(&session.catalog, &selection, &observed).map_err(CommandError::usage)
}

fn write(session: &Session, plan: &Plan, options: &Options, dir: &Path) -> Result<(), CommandError> {
    let context = session.preview(options, &plan.definitions);
    fs_err::create_dir_all(dir)?;
    for definition in plan.definitions.iter().filter_map(|n| session.catalog.definitions.get(n)) {
        for part in &definition.parts {
            let rendered = render::render(definition, part, &context).map_err(CommandError::usage)?;
            let file = dir.join(format!("{}-{}.yaml", definition.name, part.name));
            fs_err::write(file, render::yaml(&rendered.objects))?;
        }
    }
    Ok(())
}
