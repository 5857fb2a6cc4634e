//! `images`: the images that come from elsewhere; where each one comes from, making one, filling a cache.

use serde_json::json;

use crate::{
    catalog::{ImageName, ThirdParty},
    cli::{Format, ImagesArgs, ImagesVerb},
    images::{Cache, Notice, Obtained, Stock, prune, sources},
    report::terminal,
    session::{CommandError, Contention, Exit, Session},
    tools::engine::Engine,
};

/// Lists, builds or exports.
pub fn run(session: &Session, args: &ImagesArgs) -> Result<Exit, CommandError> {
    crate::signals::stop_on_signal(&session.runner)?;
    let engine = session.engine(args.engine)?;
    match &args.verb {
        ImagesVerb::List { format } => list(session, &engine, *format),
        ImagesVerb::Build { names } => {
            let _hold = session.hold(&session.images(), "images build", Contention::Wait)?;
            let stock = stock(session, &engine);
            for image in select(session, names)? {
                done("Built", image, &stock.make(image, &tell).map_err(CommandError::failed)?);
            }
            Ok(Exit::Ok)
        }
        ImagesVerb::Export { to, names } => {
            let _hold = session.hold(&session.images(), "images export", Contention::Wait)?;
            let stock = stock(session, &engine);
            let mut cache = Cache::create(to.clone()).map_err(CommandError::failed)?;
            for image in select(session, names)? {
                let obtained = stock.obtain(image, &tell).map_err(CommandError::failed)?;
                let written = stock.export(image, &obtained.reference, &mut cache).map_err(CommandError::failed)?;
                let what = written.map_or_else(|| "is there already".to_owned(), |f| format!("to {}", f.display()));
                terminal::status("Exported", &format!("{} {what}", obtained.reference));
            }
            Ok(Exit::Ok)
        }
        ImagesVerb::Prune { keep, dry_run } => {
            let old = prune::old(&engine, &session.runner, *keep, &[])?;
            if !old.is_empty() && !dry_run {
                engine.untag(&old).run(&session.runner)?;
            }
            for image in old {
                terminal::data(image.as_str());
            }
            Ok(Exit::Ok)
        }
    }
}

fn list(session: &Session, engine: &Engine, format: Format) -> Result<Exit, CommandError> {
    let present = engine.present(&session.runner)?;
    let images = session.catalog.third_party.values();
    let rows: Vec<_> = images.map(|i| (i, sources(i, &present, session.cache.as_ref()))).collect();
    if format == Format::Json {
        let images = rows.iter().map(|(i, s)| json!({"name": i.name, "reference": i.reference, "sources": s}));
        terminal::data(&json!({ "images": images.collect::<Vec<_>>() }).to_string());
        return Ok(Exit::Ok);
    }
    for (image, sources) in rows {
        let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
        terminal::data(&format!("{:<12} {}", image.name, sources.join(", else ")));
    }
    Ok(Exit::Ok)
}

/// The images of these names, or all.
fn select<'a>(session: &'a Session, names: &[String]) -> Result<Vec<&'a ThirdParty>, CommandError> {
    let all = &session.catalog.third_party;
    if names.is_empty() {
        return Ok(all.values().collect());
    }
    let find = |name: &String| {
        all.get(&ImageName::new(name.as_str())).ok_or_else(|| {
            let known: Vec<&str> = all.keys().map(ImageName::as_str).collect();
            CommandError::usage(format!("no image `{name}` comes from elsewhere\n  known: {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

fn stock<'a>(session: &'a Session, engine: &'a Engine) -> Stock<'a> {
    Stock {
        engine,
        runner: &session.runner,
        cache: session.cache.as_ref(),
        images: &session.catalog.third_party,
        root: session.root.clone(),
        scratch: session.images().path().to_owned(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that a stock calls")]
fn tell(notice: Notice) {
    match &notice {
        Notice::Failed { .. } => terminal::warning(&notice.to_string()),
        Notice::Trying { .. } | Notice::Step { .. } => terminal::status("Image", &notice.to_string()),
    }
}

fn done(verb: &str, image: &ThirdParty, obtained: &Obtained) {
    terminal::status(verb, &format!("{} {}", image.name, obtained.reference));
}
