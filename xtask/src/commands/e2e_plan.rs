//! `e2e-plan`: what a set-up would do.

use std::path::Path;

use crate::{
    cli::PlanArgs,
    plan::Plan,
    render,
    session::{CommandError, Exit, Options, Session, foresee, show},
};

/// Shows the plan, and writes the rendered manifests where asked.
pub fn run(session: &Session, args: &PlanArgs) -> Result<Exit, CommandError> {
    let roots = session.select(&args.services)?;
    let options = Options { mode: args.mode, given: args.image.iter().cloned().collect(), ..Options::default() };
    if let Some(dir) = &args.render {
        write(session, &foresee(session, &roots, &options)?, &options, dir)?;
    }
    show(session, &roots, &options, args.format)
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
