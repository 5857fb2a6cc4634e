//! `e2e-plan`: what a set-up would do.

use std::path::Path;

use crate::{
    catalog::Name,
    cli::PlanArgs,
    render,
    session::{CommandError, Exit, Options, Session, show},
};

/// Shows the plan, and writes the rendered manifests where asked.
pub fn run(session: &Session, args: &PlanArgs) -> Result<Exit, CommandError> {
    let roots = session.select(&args.services)?;
    let options = Options { mode: args.mode, given: args.image.iter().cloned().collect(), ..Options::default() };
    if let Some(dir) = &args.render {
        write(session, &roots, &options, dir)?;
    }
    show(session, &roots, &options, args.format)
}

fn write(session: &Session, roots: &[Name], options: &Options, dir: &Path) -> Result<(), CommandError> {
    let context = session.preview(roots, options)?;
    fs_err::create_dir_all(dir)?;
    let namespace = render::namespace(&context.namespace, &context.instance);
    fs_err::write(dir.join("namespace.yaml"), render::yaml(&[namespace]))?;
    for definition in session.catalog.closure(roots).iter().filter_map(|n| session.catalog.definitions.get(n)) {
        for part in &definition.parts {
            let rendered = render::render(definition, part, &context).map_err(CommandError::usage)?;
            let file = dir.join(format!("{}-{}.yaml", definition.name, part.name));
            fs_err::write(file, render::yaml(&rendered.objects))?;
        }
    }
    Ok(())
}
