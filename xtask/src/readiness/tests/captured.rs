//! Objects of a real cluster (Kubernetes 1.34.4, kind), taken some seconds after they were applied. Each Deployment is
//! broken in the way that its name says.

use jiff::Timestamp;
use serde_json::Value;

use super::objects::id;
use crate::{
    object::ObjectKey,
    readiness::{Live, Wanted, WantedObject, WantedPart, assess},
};

/// One line for each workload.
fn lines(captured: &str) -> String {
    let mut documents = captured.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let now: Timestamp = documents.next().unwrap()["now"].as_str().unwrap().parse().unwrap();
    let live: Live = documents.map(|object| (ObjectKey::of(&object), object)).collect();
    let mut wanted = Wanted::default();
    for key in live.keys().filter(|k| matches!(k.kind.as_str(), "Deployment" | "StatefulSet" | "Job")) {
        let objects = Some(vec![WantedObject { key: key.clone(), hash: None }]);
        wanted.parts.insert(id(&format!("e2e/{}", key.name)), WantedPart { objects, ..WantedPart::default() });
    }
    let assessment = assess(&wanted, &live, now);
    let all = assessment.parts.iter().map(|(id, part)| {
        let sign = match part.verdict {
            crate::readiness::Verdict::Ready => '+',
            crate::readiness::Verdict::Waiting(_) => '.',
            crate::readiness::Verdict::Hopeless { .. } => '!',
        };
        format!("{sign} {}: {part}\n", id.part)
    });
    all.collect()
}

#[test]
fn soon_after() {
    snapbox::assert_data_eq!(lines(include_str!("captured/after-8s.jsonl")), snapbox::file!["captured/after-8s.txt"]);
}

#[test]
fn in_the_end() {
    snapbox::assert_data_eq!(lines(include_str!("captured/after-50s.jsonl")), snapbox::file!["captured/after-50s.txt"]);
}

#[test]
fn a_volume_that_is_missing() {
    let captured = include_str!("captured/no-volume-after-25s.jsonl");
    snapbox::assert_data_eq!(lines(captured), snapbox::file!["captured/no-volume-after-25s.txt"]);
}
