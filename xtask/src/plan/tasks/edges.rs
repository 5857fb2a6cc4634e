//! What a part is applied after.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, Crd};
use crate::{
    catalog::{Catalog, Definition, ImageName, Name, Object, Part, PartRef},
    object::{called_services, leads_to},
    plan::{TaskId, images::images_of},
};

impl Builder<'_> {
    /// Everything that must have succeeded before a part is applied.
    pub(super) fn edges(&mut self, definition: &Definition, part: &Part) -> Result<Vec<TaskId>, String> {
        let mut needs = vec![TaskId::plain("namespace")];
        for image in self.images(part) {
            needs.push(self.load(&image));
        }
        for object in &part.objects {
            if let Some((owner, crd_part)) = self.crds.get(&group_and_kind(object)) {
                needs.push(TaskId::ready(owner, crd_part));
            }
        }
        for edge in &part.after {
            needs.extend(self.ready_of(edge, &definition.name)?);
        }
        self.configs(definition, part, &mut needs);
        self.webhooks(definition, part, &mut needs);
        if part.objects.iter().any(|o| o.kind() == "Job") {
            self.foundation(definition, part, &mut needs);
        }
        needs.sort();
        needs.dedup();
        Ok(needs)
    }

    /// Pods say what they read, so the images that it names must be known. And where there is something to replace, they
    /// must not start with what is about to change; elsewhere they wait for it in the node.
    fn configs(&mut self, definition: &Definition, part: &Part, needs: &mut Vec<TaskId>) {
        let catalog = self.catalog;
        for config in catalog.configs_from_others(definition, part) {
            for image in self.images_of(config.object) {
                needs.extend(self.made(&image));
            }
            let (owner, owner_part) = &config.owner;
            if self.observed.cluster_runs
                && !waits_for(catalog, &config.owner, &(definition.name.clone(), part.name.clone()))
            {
                needs.push(TaskId::apply(owner, owner_part));
            }
        }
    }

    /// A webhook serves before its configuration makes the API server call it.
    fn webhooks(&self, definition: &Definition, part: &Part, needs: &mut Vec<TaskId>) {
        let closure = self.catalog.closure(std::slice::from_ref(&definition.name));
        let all = || closure.iter().filter_map(|n| self.catalog.definitions.get(n));
        let parts = || all().flat_map(|d| d.parts.iter().map(move |p| (d, p)));
        for name in part.objects.iter().flat_map(|o| called_services(&o.value)) {
            let objects = parts().flat_map(|(_, p)| &p.objects);
            for service in objects.filter(|o| o.kind() == "Service" && o.name() == name) {
                let serving = parts().filter(|(_, p)| p.objects.iter().any(|o| leads_to(&service.value, &o.value)));
                needs.extend(serving.map(|(d, p)| TaskId::ready(&d.name, &p.name)));
            }
        }
    }

    /// A Job's name says what it stands on, so the images of that must be known. And where there may be something to
    /// replace, the Job must not do its work in what is about to go.
    fn foundation(&mut self, definition: &Definition, part: &Part, needs: &mut Vec<TaskId>) {
        for (name, part_name) in self.catalog.foundation(definition, part) {
            let of = self.catalog.definitions.get(&name).and_then(|d| d.part(&part_name));
            if self.observed.cluster_runs {
                needs.push(TaskId::ready(&name, &part_name));
            } else if let Some(of) = of {
                for image in self.images(of) {
                    needs.extend(self.made(&image));
                }
            }
        }
    }

    /// The images of a part that must be in the node before it is applied.
    pub(super) fn images(&self, part: &Part) -> BTreeSet<ImageName> {
        part.objects.iter().flat_map(|object| self.images_of(object)).collect()
    }

    fn images_of(&self, object: &Object) -> BTreeSet<ImageName> {
        let own: BTreeSet<&ImageName> =
            self.catalog.definitions.values().flat_map(|d| &d.images).map(|i| &i.name).collect();
        let known = |n: &ImageName| own.contains(n) || self.catalog.third_party.contains_key(n);
        images_of(object, &known)
    }

    fn ready_of(&self, edge: &PartRef, from: &Name) -> Result<Vec<TaskId>, String> {
        let Some(definition) = self.catalog.definitions.get(&edge.definition) else {
            return Err(format!("`{from}` waits for `{}`, which is not defined", edge.definition));
        };
        Ok(match &edge.part {
            Some(part) => vec![TaskId::ready(&edge.definition, part)],
            None => definition.parts.iter().map(|p| TaskId::ready(&edge.definition, &p.name)).collect(),
        })
    }
}

/// Whether a part is applied after another, or reads what that one brings: then that one cannot wait for it.
fn waits_for(catalog: &Catalog, (definition, part): &(Name, Name), other: &(Name, Name)) -> bool {
    let Some(definition) = catalog.definitions.get(definition) else { return false };
    let Some(part) = definition.part(part) else { return false };
    catalog.foundation(definition, part).contains(other)
        || catalog.configs_from_others(definition, part).iter().any(|c| c.owner == *other)
}

/// Which part brings which custom resource.
pub(super) fn crds(definitions: &[&Definition]) -> BTreeMap<Crd, (Name, Name)> {
    let mut crds = BTreeMap::new();
    for definition in definitions {
        for part in &definition.parts {
            for object in part.objects.iter().filter(|o| o.kind() == "CustomResourceDefinition") {
                let spec = &object.value["spec"];
                let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
                let key = (text(&spec["group"]), text(&spec["names"]["kind"]));
                crds.insert(key, (definition.name.clone(), part.name.clone()));
            }
        }
    }
    crds
}

fn group_and_kind(object: &Object) -> Crd {
    let version = object.value["apiVersion"].as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    (group.to_owned(), object.kind().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::tests::workspace::{STORE_MANIFEST, WEB, Workspace},
        plan::{Mode, Observed, Scope, Selection, plan},
    };

    const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: fill}\n";

    /// What the application of `web/fill` needs.
    fn needs(definition: &str, manifest: &str, observed: &Observed) -> Vec<String> {
        let part = "  - {name: fill, manifests: [deploy/fill.yaml]}\nports:";
        let settings = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n\
            ---\napiVersion: v1\nkind: Service\nmetadata: {name: hooks}\nspec: {selector: {app: hooks}}\n\
            ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: hooks}\nspec:\n  template:\n    \
            metadata: {labels: {app: hooks}}\n    spec: {containers: [{name: a, image: registry.k8s.io/pause:3.10}]}\n";
        let workspace = Workspace::sound()
            .file("test-infra/backing/store/deploy/store.yaml", &format!("{STORE_MANIFEST}{settings}"))
            .file("services/web/e2e.yaml", &definition.replace("ports:", part))
            .file("services/web/deploy/fill.yaml", manifest);
        let roots = vec![Name::new("web")];
        let selection = Selection { roots, mode: Mode::Graph, given: BTreeMap::new(), scope: Scope::Cluster };
        let plan = plan(&workspace.load(), &selection, observed).unwrap();
        let apply = TaskId::apply(&Name::new("web"), &Name::new("fill"));
        plan.task(&apply).unwrap().needs.iter().map(|n| n.0.clone()).collect()
    }

    #[test]
    fn pods_do_not_start_with_configuration_that_is_about_to_change() {
        let pod = |map: &str| {
            let from = format!(
                "[{{name: m, image: registry.k8s.io/pause:3.10, envFrom: [{{configMapRef: {{name: {map}}}}}]}}]"
            );
            let template = format!("{{spec: {{containers: {from}}}}}");
            format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: fill}}\nspec: {{template: {template}}}\n")
        };
        let running = Observed { cluster_runs: true, ..Observed::default() };
        assert_eq!(needs(WEB, &pod("settings"), &Observed::default()), ["namespace"]);
        assert_eq!(needs(WEB, &pod("settings"), &running), ["apply:store/server", "namespace"]);
        assert_eq!(needs(WEB, &pod("other"), &running), ["namespace"]);
    }

    #[test]
    fn a_webhook_serves_before_it_is_called() {
        let hook = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\n\
            metadata: {name: fill}\nwebhooks: [{name: a.b.c, clientConfig: {service: {name: hooks}}}]\n";
        assert_eq!(needs(WEB, hook, &Observed::default()), ["namespace", "ready:store/server"]);
        assert_eq!(needs(WEB, &hook.replace("hooks", "other"), &Observed::default()), ["namespace"]);
    }

    #[test]
    fn a_job_knows_what_it_stands_on_and_does_not_meet_what_is_about_to_go() {
        let new = Observed::default();
        let running = Observed { cluster_runs: true, ..Observed::default() };
        assert_eq!(needs(WEB, JOB, &new), ["namespace", "obtain:store"]);
        assert_eq!(needs(WEB, JOB, &running), ["namespace", "ready:store/server"]);
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fill}\n";
        assert_eq!(needs(WEB, map, &running), ["namespace"]);
    }
}
