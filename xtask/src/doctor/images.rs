//! The images from elsewhere can be had: which source will serve each, and what that source takes.

use std::{collections::BTreeSet, time::Duration};

use super::{Ctx, Finding};
use crate::{
    catalog::ThirdParty,
    images::{Source, sources},
    tools::engine::Engine,
};

const CHECK: &str = "images";
/// What recipes run, and the Debian package of each; Go has none that is new enough.
pub(super) const RECIPE_TOOLS: [(&str, &str); 4] =
    [("mmdebstrap", "mmdebstrap"), ("gcc", "gcc libc6-dev"), ("zstd", "zstd"), ("go", "")];

/// What has to be there, and whether it is, for one image.
pub(super) struct Outlook {
    pub(super) source: Option<Source>,
    pub(super) lacks: Vec<&'static str>,
}

/// One finding an image. A registry is asked once: what it answers for one image holds for the others.
pub(super) fn check(ctx: &Ctx<'_>, engine: &Engine) -> Vec<Finding> {
    let mut registry = None;
    ctx.images
        .iter()
        .filter_map(|name| ctx.catalog.third_party.get(name))
        .map(|image| finding(image, &outlook(ctx, engine, image, &mut registry)))
        .collect()
}

/// The first source that will serve, as far as one can tell without fetching.
pub(super) fn outlook(ctx: &Ctx<'_>, engine: &Engine, image: &ThirdParty, registry: &mut Option<bool>) -> Outlook {
    let present = engine.present(ctx.runner).unwrap_or_default();
    let found = sources(image, &present, ctx.cache);
    let zstd = ctx.toolbox.find("zstd").is_some();
    for source in found {
        let lacks = match &source {
            Source::Engine { .. } => Vec::new(),
            Source::Cache { .. } if zstd => Vec::new(),
            Source::Cache { .. } => vec!["zstd"],
            Source::Pull { reference } => {
                let answers = *registry.get_or_insert_with(|| {
                    let ask = engine.cmd().args(["manifest", "inspect", reference.as_str()]);
                    ask.deadline(Duration::from_secs(20)).run(ctx.runner).is_ok()
                });
                if !answers {
                    continue;
                }
                Vec::new()
            }
            Source::Recipe { .. } => {
                let script = image.recipe.as_ref().map(|r| ctx.catalog.root.join(&r.script));
                let script = script.and_then(|s| fs_err::read_to_string(s).ok()).unwrap_or_default();
                tools_of(&script).filter(|t| ctx.toolbox.find(t).is_none()).collect()
            }
        };
        return Outlook { source: Some(source), lacks };
    }
    Outlook { source: None, lacks: Vec::new() }
}

/// Those tools whose name is a word of the script.
fn tools_of(script: &str) -> impl Iterator<Item = &'static str> {
    let commands = script.lines().filter(|l| !l.trim_start().starts_with('#'));
    let words: BTreeSet<&str> = commands.flat_map(|l| l.split(|c: char| !(c.is_alphanumeric() || c == '_'))).collect();
    RECIPE_TOOLS.into_iter().map(|(tool, _)| tool).filter(move |t| words.contains(t))
}

fn finding(image: &ThirdParty, outlook: &Outlook) -> Finding {
    let why = "Without this image nothing that uses it can be set up.";
    let Some(source) = &outlook.source else {
        let what = format!("{}: no registry answers, and there is neither a recipe nor an archive", image.name);
        return Finding::missing(CHECK, what, why).mended_by(
            "export E2E_IMAGE_CACHE=DIRECTORY   # filled by `cargo xtask images export --to DIRECTORY` elsewhere",
        );
    };
    let what = format!("{}: {source}", image.name);
    if outlook.lacks.is_empty() {
        return Finding::ok(CHECK, what);
    }
    let packages: BTreeSet<&str> =
        RECIPE_TOOLS.iter().filter(|(tool, _)| outlook.lacks.contains(tool)).map(|(_, package)| *package).collect();
    let packages: Vec<&str> = packages.into_iter().filter(|p| !p.is_empty()).collect();
    let mut finding = Finding::missing(CHECK, format!("{what}; that takes {}", outlook.lacks.join(", ")), why);
    if !packages.is_empty() {
        finding = finding.mended_by(format!("sudo apt-get install {}", packages.join(" ")));
    }
    if outlook.lacks.contains(&"go") {
        finding = finding.mended_by("open https://go.dev/dl/   # Go 1.25 or newer");
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::{ImageName, ImageRef},
        doctor::Status,
    };

    #[test]
    fn a_recipe_takes_the_tools_that_it_names() {
        let script = "#!/bin/bash\n# go is not needed\nmmdebstrap --quiet x\n(cd a && gcc_flags=1)\n";
        assert_eq!(tools_of(script).collect::<Vec<_>>(), ["mmdebstrap"]);
        assert_eq!(tools_of("CGO_ENABLED=0 go build\ngcc -Os\n").collect::<Vec<_>>(), ["gcc", "go"]);
    }

    #[test]
    fn what_a_recipe_lacks_is_named_with_its_package() {
        let image = ThirdParty {
            name: ImageName::new("redis"),
            reference: ImageRef::new("docker.io/library/redis:7.0.15"),
            also: Vec::new(),
            recipe: None,
        };
        let source =
            Source::Recipe { dir: "test-infra/images/redis".into(), reference: ImageRef::new("localhost/e2e/redis:1") };
        let lacking = Outlook { source: Some(source.clone()), lacks: vec!["mmdebstrap", "gcc", "go"] };
        let found = finding(&image, &lacking);
        assert_eq!(found.status, Status::Missing);
        assert_eq!(found.mend[0], "sudo apt-get install gcc libc6-dev mmdebstrap");
        assert!(found.mend[1].contains("go.dev"));
        assert_eq!(finding(&image, &Outlook { source: Some(source), lacks: Vec::new() }).status, Status::Ok);
        assert_eq!(finding(&image, &Outlook { source: None, lacks: Vec::new() }).status, Status::Missing);
    }
}
