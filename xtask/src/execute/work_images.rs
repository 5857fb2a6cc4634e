//! Compiles, builds, obtains and loads images.

use super::{
    Facts, Message,
    work::{Done, Found, Job},
};
use crate::{
    catalog::{ImageName, ImageRef},
    images::{Source, Stock, own},
    plan::{Action, Task, TaskId},
    tools::{cargo::Cargo, engine::Engine},
};

pub(super) fn cargo_build(job: &Job<'_>, binaries: &[(String, String)]) -> Result<Done, String> {
    let names: Vec<&str> = binaries.iter().map(|(_, binary)| binary.as_str()).collect();
    let build =
        job.world.cargo.build(&names, job.world.catalog.packages()).niced().log(job.log()).deadline(job.task.deadline);
    let output = build.run(&job.world.runner).map_err(|e| e.to_string())?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let found = Cargo::executables(&messages);
    // cargo says of each artifact whether it was fresh; services alone matter, dependencies are no news.
    let compiled = binaries.iter().filter(|(_, binary)| Cargo::was_built(&messages, binary)).count();
    let done =
        if compiled == 0 { Done::fresh() } else { Done::did(format!("{compiled} of {} binaries", binaries.len())) };
    Ok(done.finding(Found::Binaries(found)))
}

pub(super) fn cargo_tests(job: &Job<'_>, targets: &[(String, String)]) -> Result<Done, String> {
    let build = job.world.cargo.build_tests(targets).niced().log(job.log()).deadline(job.task.deadline);
    let output = build.run(&job.world.runner).map_err(|e| e.to_string())?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let compiled = targets.iter().filter(|(_, target)| Cargo::was_built(&messages, target)).count();
    Ok(if compiled == 0 { Done::fresh() } else { Done::did(format!("{compiled} test targets")) })
}

pub(super) fn build(job: &Job<'_>, name: &ImageName) -> Result<Done, String> {
    let world = job.world;
    let mut images = world.catalog.definitions.values().flat_map(|d| &d.images);
    let image = images.find(|i| i.name == *name).ok_or_else(|| format!("no definition builds `{name}`"))?;
    let binary = match &image.build {
        crate::catalog::Build::Cargo { binary, .. } => job.facts.binaries.get(binary).map(std::path::PathBuf::as_path),
        crate::catalog::Build::Containerfile { .. } => None,
    };
    let scratch = world.run_dir.join(format!("image-{name}"));
    let prepared = own::prepare(image, &world.catalog.root, binary, &scratch).map_err(|e| e.to_string())?;
    let found = Found::Reference(name.clone(), prepared.reference.clone());
    let present = world.engine.present(&world.runner).map_err(|e| e.to_string())?;
    let is_present = present.has(&prepared.reference);
    if !is_present {
        let build = world.engine.build(&prepared.build).log(job.log()).deadline(job.task.deadline);
        build.run(&world.runner).map_err(|e| e.to_string())?;
    }
    // It holds the binary, which would live as long as the evidence of the run. That it cannot be removed harms nothing.
    let _ = std::fs::remove_dir_all(&scratch);
    if is_present {
        return Ok(Done::fresh().finding(found));
    }
    Ok(Done::did(prepared.reference.as_str()).finding(found))
}

pub(super) fn obtain(job: &Job<'_>, name: &ImageName) -> Result<Done, String> {
    let world = job.world;
    let images = &world.catalog.third_party;
    let image = images.get(name).ok_or_else(|| format!("nobody declares image `{name}`"))?;
    let stock = Stock {
        engine: &world.engine,
        runner: &world.runner,
        cache: world.cache.as_ref(),
        images,
        root: world.catalog.root.clone(),
        scratch: world.run_dir.clone(),
    };
    let obtained = stock.obtain(image, &|notice| job.note(notice.to_string())).map_err(|e| e.to_string())?;
    let found = Found::Reference(name.clone(), obtained.reference.clone());
    let was_there = matches!(obtained.source, Source::Engine { .. });
    let done = if was_there { Done::fresh() } else { Done::did(obtained.words()) };
    Ok(done.finding(found))
}

/// One import stream for all images of the batch that the node lacks. Each is told as soon as the node has it.
pub(super) fn load(job: &Job<'_>, tasks: &[Task]) -> Vec<(TaskId, Result<Done, String>)> {
    let mut missing: Vec<(TaskId, ImageRef)> = Vec::new();
    let mut plans = Vec::new();
    for task in tasks {
        let reference = wanted(job, task);
        let lacks = reference.as_ref().is_ok_and(|r| !job.facts.node_images.contains(r));
        if let (true, Ok(reference)) = (lacks, &reference) {
            missing.push((task.id.clone(), reference.clone()));
        }
        plans.push((task.id.clone(), reference, lacks));
    }
    let streamed = stream(job, &missing);
    plans
        .into_iter()
        .map(|(id, reference, lacks)| {
            let result = match (reference, lacks) {
                (Err(e), _) => Err(e),
                (Ok(_), false) => Ok(Done::fresh()),
                (Ok(reference), true) => streamed.clone().map(|()| Done::did(reference.as_str())),
            };
            (id, result)
        })
        .collect()
}

fn stream(job: &Job<'_>, missing: &[(TaskId, ImageRef)]) -> Result<(), String> {
    if missing.is_empty() {
        return Ok(());
    }
    let world = job.world;
    let references: Vec<ImageRef> = missing.iter().map(|(_, reference)| reference.clone()).collect();
    let import = world.engine.import_into_node(&world.cluster.node(), &references);
    let told = import.run_telling(&world.runner, &mut |line| {
        let Some((id, reference)) = missing.iter().find(|(_, r)| Engine::has_imported(line, r)) else { return };
        // The end of the stream tells it once more, which changes nothing.
        let results = vec![(id.clone(), Ok(Done::did(reference.as_str())))];
        let _ = job.tell.send(Message::Ended { results });
    });
    told.map(drop).map_err(|e| e.to_string())
}

fn wanted(job: &Job<'_>, task: &Task) -> Result<ImageRef, String> {
    let Action::LoadImage { image } = &task.action else { return Err("not a load".to_owned()) };
    reference(job.facts, &job.world.given, image).ok_or_else(|| format!("image `{image}` has no reference yet"))
}

/// The reference of an image: as given on the command line, or as computed.
pub(super) fn reference(
    facts: &Facts,
    given: &std::collections::BTreeMap<ImageName, ImageRef>,
    image: &ImageName,
) -> Option<ImageRef> {
    given.get(image).or_else(|| facts.references.get(image)).cloned()
}
