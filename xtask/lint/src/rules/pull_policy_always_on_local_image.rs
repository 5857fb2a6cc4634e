//! `pull-policy-always-on-local-image`: an image that no registry has, to be pulled.

use super::unpinned_image::is_local;
use super::{Check, Rule, insert};
use crate::finding::{Edit, Finding, Place, Severity};
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    id: "pull-policy-always-on-local-image",
    severity: Severity::Error,
    summary: "an image that was built here is always pulled",
    check: Check::World(check),
};

fn check(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in &world.objects {
        for container in object.all_containers() {
            let Some(image) = container.get("image") else { continue };
            let text = image.text().unwrap_or_default();
            if !(world.is_ours(text) || is_local(text)) {
                continue;
            }
            let file = object.file.source.path.as_str();
            let name = text.rsplit('/').next().unwrap_or(text);
            let latest = is_local(text) && (name.ends_with(":latest") || !name.contains([':', '@']));
            let help = "set imagePullPolicy to IfNotPresent or Never".to_owned();
            match container.get("imagePullPolicy") {
                Some(policy) if policy.text() == Some("Always") => {
                    let message =
                        format!("`{text}` is built here and loaded, no registry has it: the pod ends in ErrImagePull");
                    let edit = Edit {
                        place: Place { file: file.to_owned(), span: policy.span },
                        text: "IfNotPresent".to_owned(),
                    };
                    findings.push(
                        Finding::new(RULE.id, RULE.severity, file, policy.span, message, help)
                            .with_related(image.span, "this image")
                            .with_fix(vec![edit]),
                    );
                }
                None if latest => {
                    let message =
                        format!("`{text}` has no version, so the pull policy is Always, but no registry has the image");
                    let entry = "imagePullPolicy: IfNotPresent";
                    let edit = insert::entry_behind(&object.file.source, container, "image", entry);
                    findings.push(
                        Finding::new(RULE.id, RULE.severity, file, image.span, message, help)
                            .with_fix(edit.into_iter().collect()),
                    );
                }
                _ => {}
            }
        }
    }
    findings
}
