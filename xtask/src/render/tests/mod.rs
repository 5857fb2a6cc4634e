use std::collections::BTreeMap;

use snapbox::assert_data_eq;

use super::*;
use crate::catalog::{
    Catalog, Name,
    tests::workspace::{STORE_MANIFEST, Workspace},
};

/// Every kind of place that render touches.
const MANIFEST: &str = include_str!("everything.yaml");

struct Case {
    catalog: Catalog,
    images: BTreeMap<ImageName, ImageRef>,
    instance: &'static str,
}

impl Case {
    fn new(manifest: &str) -> Self {
        Self::of(&Workspace::sound().file("services/web/deploy/web.yaml", manifest))
    }

    fn of(workspace: &Workspace) -> Self {
        let catalog = workspace.load();
        let image = |name: &str| (ImageName::new(name), ImageRef::new(format!("localhost/e2e/{name}:0123456789ab")));
        Self { catalog, images: [image("web"), image("store")].into(), instance: "blue" }
    }

    fn render(&self) -> Result<Rendered, RenderError> {
        let web = &self.catalog.definitions[&Name::new("web")];
        let context = Context::new(&self.catalog, "e2e", self.instance, self.images.clone());
        render(web, &web.parts[0], &context)
    }
}

fn rendered(manifest: &str) -> Rendered {
    Case::new(manifest).render().unwrap()
}

fn object<'r>(rendered: &'r Rendered, kind: &str) -> &'r RenderedObject {
    rendered.objects.iter().find(|o| o.key.kind == kind).unwrap()
}

/// The annotation of the Deployment's pods that makes them roll.
fn config_hash(rendered: &Rendered) -> Value {
    let pod = &object(rendered, "Deployment").value["spec"]["template"];
    pod["metadata"]["annotations"]["e2e.kubernaut.ai/config-hash"].clone()
}

#[test]
fn everything_has_its_place() {
    assert_data_eq!(yaml(&rendered(MANIFEST).objects), snapbox::file!["snapshots/everything.yaml"]);
}

#[test]
fn rendering_twice_gives_the_same_text() {
    let (one, two) = (rendered(MANIFEST), rendered(MANIFEST));
    assert_eq!((yaml(&one.objects), one.hash), (yaml(&two.objects), two.hash));
}

#[test]
fn what_is_rendered_can_be_read_back() {
    let rendered = rendered(MANIFEST);
    let mut read = Vec::new();
    for document in serde_yaml::Deserializer::from_str(&yaml(&rendered.objects)) {
        read.push(<Value as serde::Deserialize>::deserialize(document).unwrap());
    }
    let wanted: Vec<Value> = rendered.objects.into_iter().map(|o| o.value).collect();
    assert_eq!(read, wanted);
}

#[test]
fn words_that_older_readers_take_for_booleans_or_numbers_are_quoted() {
    let words =
        ["yes", "No", "on", "OFF", "y", "true", "null", "~", "0400", "1_000", "0x1F", "1e3", "12:30:45", "2024-01-01"];
    for word in words
        .into_iter()
        .chain([".5", "+1", "-1", ".inf", "", "a: b", "a #b", "- a", "*", "&a", "!a", "%a", "@a", "a:"])
    {
        assert_eq!(super::yaml::document(&json!({ "key": word })), format!("key: {}\n", json!(word)));
    }
    for word in ["plain", "localhost/e2e/web:0123", "/readyz", "a b, c", "Always"] {
        assert_eq!(super::yaml::document(&json!({ "key": word })), format!("key: {word}\n"));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Two readers, of YAML 1.2 both, understand what was written; the test above is about those of 1.1.
    #[test]
    fn any_text_comes_back(text in "[ -~\n\t\r\u{85}\u{a0}\u{2028}\u{feff}ä\u{1}]{0,12}", key in "[ -~]{1,4}") {
        let value = json!({ "map": { key: [[text.clone()], {"a": text.clone(), "b": []}, {}], "c": text } });
        let written = super::yaml::document(&value);
        let read: Value = serde_yaml::from_str(&written).unwrap();
        proptest::prop_assert_eq!(read, value, "\n{}", written);
    }
}

#[test]
fn a_changed_config_map_rolls_its_pods() {
    let before = rendered(MANIFEST);
    let after = rendered(&MANIFEST.replace("level: info", "level: debug"));
    assert_ne!(config_hash(&before), config_hash(&after));
    assert_ne!(object(&before, "Deployment").hash, object(&after, "Deployment").hash);
}

#[test]
fn a_changed_secret_of_what_is_needed_rolls_its_readers() {
    let rendered = |password: &str| {
        let secret =
            format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: store}}\nstringData: {{p: {password}}}\n");
        let reader = "containers: [{name: web, image: web, envFrom: [{secretRef: {name: store}}]}]";
        let web = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{{reader}}}}}}}\n\
             ---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\n\
             spec: {{type: NodePort, ports: [{{port: 8080, nodePort: 30080}}]}}\n"
        );
        let workspace = Workspace::sound().file("services/web/deploy/web.yaml", &web);
        let store = format!("{STORE_MANIFEST}---\n{secret}");
        Case::of(&workspace.file("test-infra/backing/store/deploy/store.yaml", &store)).render().unwrap()
    };
    assert_ne!(config_hash(&rendered("a")), Value::Null);
    assert_ne!(config_hash(&rendered("a")), config_hash(&rendered("b")));
}

#[test]
fn pods_that_reload_themselves_do_not_roll() {
    let before = rendered(MANIFEST);
    let after = rendered(&MANIFEST.replace("allow := true", "allow := false"));
    assert_eq!(config_hash(&before), config_hash(&after));
    assert_eq!(object(&before, "Deployment").hash, object(&after, "Deployment").hash);
    assert_ne!(before.hash, after.hash, "the ConfigMap itself is applied");
}

#[test]
fn another_job_has_another_name() {
    let name = |rendered: &Rendered| object(rendered, "Job").key.name.clone();
    let before = name(&rendered(MANIFEST));
    assert!(before.starts_with("migrate-"), "{before}");
    assert_eq!(before, name(&rendered(&MANIFEST.replace("level: info", "level: debug"))), "it does not read that");
    assert_ne!(before, name(&rendered(&MANIFEST.replace("[migrate, ", "[migrate, --all, "))));

    let mut other = Case::new(MANIFEST);
    other.images.insert(ImageName::new("web"), ImageRef::new("localhost/e2e/web:ba9876543210"));
    assert_ne!(before, name(&other.render().unwrap()));

    let long = "a".repeat(63);
    let name = name(&rendered(&MANIFEST.replace("name: migrate", &format!("name: {long}"))));
    assert!(name.len() <= 57, "{name}");
}

#[test]
fn a_job_whose_foundation_is_replaced_is_another_job() {
    let workspace = |store: &str| {
        let web = Workspace::sound().file("services/web/deploy/web.yaml", MANIFEST);
        Case::of(&web.file("test-infra/backing/store/deploy/store.yaml", store))
    };
    let name = |case: &Case| object(&case.render().unwrap(), "Job").key.name.clone();
    let mut case = workspace(STORE_MANIFEST);
    let before = name(&case);
    assert_ne!(before, name(&workspace(&STORE_MANIFEST.replace("pause:3.10", "pause:3.11"))), "the database is new");
    case.images.insert(ImageName::new("store"), ImageRef::new("localhost/e2e/store:ba9876543210"));
    assert_ne!(before, name(&case), "the database is another one");
}

#[test]
fn without_an_instance_names_stay() {
    let mut case = Case::new(MANIFEST);
    case.instance = "";
    let rendered = case.render().unwrap();
    assert_eq!(object(&rendered, "ClusterRole").key.name, "web");
    assert!(object(&rendered, "ClusterRole").value["metadata"]["labels"][INSTANCE_LABEL].is_null());
}

#[test]
fn an_image_without_reference_is_told() {
    let mut case = Case::new(MANIFEST);
    case.images.remove(&ImageName::new("store"));
    let error = case.render().unwrap_err().to_string();
    assert!(error.starts_with("services/web/deploy/web.yaml:"), "{error}");
    assert!(error.ends_with("the image `store` has no reference in this run"), "{error}");
}

#[test]
fn rendering_what_was_rendered_adds_nothing() {
    let first = rendered(MANIFEST);
    let deployment = object(&first, "Deployment");
    let definition =
        Definition { parts: Vec::new(), ..Case::new(MANIFEST).catalog.definitions[&Name::new("web")].clone() };
    let part = Part {
        name: Name::new("server"),
        objects: vec![Object { value: deployment.value.clone(), source: deployment.source.clone() }],
        after: Vec::new(),
        timeout: std::time::Duration::from_secs(1),
    };
    let case = Case::new(MANIFEST);
    let context = Context::new(&case.catalog, "e2e", "blue", case.images.clone());
    let again = render(&definition, &part, &context).unwrap();
    let mut wanted = deployment.value.clone();
    // The references are full now, so the node would be asked for them.
    for list in ["containers", "initContainers"] {
        let spec = &mut wanted["spec"]["template"]["spec"];
        spec[list][0]["imagePullPolicy"] = json!("IfNotPresent");
    }
    let mut value = again.objects[0].value.clone();
    for value in [&mut value, &mut wanted] {
        value["metadata"]["annotations"][HASH_ANNOTATION] = json!("");
    }
    assert_eq!(value, wanted);
}
