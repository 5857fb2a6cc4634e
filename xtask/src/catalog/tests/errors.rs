//! Each way of being wrong: the place, the path and the sentence.

use super::workspace::{STORE, Workspace};

const WEB: &str = "services/web/e2e.yaml";
const MANIFEST: &str = "services/web/deploy/web.yaml";
const STORE_FILE: &str = "test-infra/backing/store/e2e.yaml";
const IMAGE: &str = "test-infra/images/store/image.yaml";

#[track_caller]
fn says(workspace: &Workspace, wanted: &[&str]) {
    let errors = workspace.errors().to_string();
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines, wanted, "\n{errors}");
}

#[test]
fn all_are_told_at_once() {
    let workspace = Workspace::sound()
        .edit(WEB, "needs: [store]", "needs: [stor]\nneds: []")
        .edit(WEB, "node_port: 30080", "node_port: 80")
        .edit(STORE_FILE, "name: store", "name: shop")
        .edit(MANIFEST, "image: web", "image: wbe");
    says(
        &workspace,
        &[
            "services/web/deploy/web.yaml:19:18: spec.template.spec.containers[0].image: nobody builds or declares an image `wbe`; did you mean `web`?",
            "services/web/e2e.yaml:6:9: needs[0]: needs `stor`, which nobody defines; did you mean `store`?",
            "services/web/e2e.yaml:7:1: neds: `neds` is not a field of this; did you mean `needs`?",
            "services/web/e2e.yaml:13:54: ports[0].node_port: 80 is not between 30000 and 32767",
            "services/web/e2e.yaml:13:54: ports[0].node_port: node_port is 80, but the Service's nodePort 30080",
            "test-infra/backing/store/e2e.yaml:2:7: name: this is named `shop`, but its directory `store`; name both alike",
        ],
    );
}

#[test]
fn types_and_missing_fields() {
    let workspace = Workspace::sound()
        .edit(STORE_FILE, "schema: 1", "schema: 2")
        .edit(STORE_FILE, "about: Keeps things", "about: 7\nneeds: web\nchecks: [{path: 'no slash'}]")
        .edit(WEB, "build: cargo, package: web,", "build: crago,")
        .edit(WEB, "about: Shows things\n", "");
    says(
        &workspace,
        &[
            "services/web/deploy/web.yaml:19:18: spec.template.spec.containers[0].image: nobody builds or declares an image `web`",
            "services/web/e2e.yaml:1:1: `about` is missing: one line for people",
            "services/web/e2e.yaml:4:24: images[0].build: `crago` is not one of cargo, containerfile; did you mean `cargo`?",
            "test-infra/backing/store/e2e.yaml:1:9: schema: 2 is not known here, only 1 is",
            "test-infra/backing/store/e2e.yaml:3:8: about: text is wanted here, not `7`; put it in quotes",
            "test-infra/backing/store/e2e.yaml:4:8: needs: a list is wanted here, not text",
            "test-infra/backing/store/e2e.yaml:5:10: checks[0]: `port` is missing: one of this definition's ports, with scheme http",
            "test-infra/backing/store/e2e.yaml:5:17: checks[0].path: `no slash` is not what is wanted here: a path that starts with /",
        ],
    );
}

#[test]
fn cycles_show_their_way() {
    let workspace = Workspace::sound().edit(STORE_FILE, "parts:", "needs: [web]\nparts:");
    let errors = workspace.errors().to_string();
    assert!(errors.contains("this closes a cycle: store -> web -> "), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");

    let hard = "parts:\n  - {name: a, manifests: [], after: [b]}\n  - {name: b, manifests: [], after: [a]}\n";
    let definition = STORE.split("parts:").next().unwrap().replace("store", "ring") + hard;
    let workspace = Workspace::sound().file("services/ring/e2e.yaml", &definition);
    says(
        &workspace,
        &[
            "services/ring/e2e.yaml:6:38: parts[1].after[0]: this closes a cycle: ring/a -> ring/b -> ring/a; what needs each other belongs into one definition",
        ],
    );
}

#[test]
fn a_need_of_itself_is_a_cycle() {
    let workspace = Workspace::sound().edit(WEB, "needs: [store]", "needs: [web]");
    assert!(workspace.errors().to_string().contains("web -> web"), "{}", workspace.errors());
}

#[test]
fn hard_edges_lead_somewhere() {
    let workspace = Workspace::sound().edit(WEB, "after: [store]", "after: [stroe, store/sever, stor/server]");
    says(
        &workspace,
        &[
            "services/web/e2e.yaml:10:13: parts[0].after[0]: after `stroe`, which is neither a part of `web` nor a definition; did you mean `store`?",
            "services/web/e2e.yaml:10:20: parts[0].after[1]: after `store/sever`: `store` has no part `sever`; did you mean `server`?",
            "services/web/e2e.yaml:10:33: parts[0].after[2]: after `stor/server`: nobody defines `stor`; did you mean `store`?",
        ],
    );
}

#[test]
fn ports_alike() {
    let ports = "ports:\n  - {name: web, service: store, port: 1, node_port: 30080, host_port: 18080, scheme: tcp}\n";
    let workspace = Workspace::sound().file(STORE_FILE, &format!("{STORE}{ports}checks: [{{port: webb, path: /}}]\n"));
    says(
        &workspace,
        &[
            "test-infra/backing/store/e2e.yaml:8:12: ports[0].name: there are two ports named `web`",
            "test-infra/backing/store/e2e.yaml:8:26: ports[0].service: no manifest of `store` has a Service `store`",
            "test-infra/backing/store/e2e.yaml:8:53: ports[0].node_port: node port 30080 is wanted by `web` too",
            "test-infra/backing/store/e2e.yaml:8:71: ports[0].host_port: host port 18080 is wanted by `web` too",
            "test-infra/backing/store/e2e.yaml:9:17: checks[0].port: `store` has no port `webb`; did you mean `web`?",
        ],
    );
}

#[test]
fn ports_are_those_of_the_service() {
    let message = |workspace: Workspace| workspace.errors().to_string();
    let other = message(Workspace::sound().edit(MANIFEST, "nodePort: 30080", "nodePort: 30081"));
    assert!(other.ends_with("node_port is 30080, but the Service's nodePort 30081"), "{other}");
    let none = message(Workspace::sound().edit(MANIFEST, ", nodePort: 30080", ""));
    assert!(none.ends_with("port 8080 of Service `web` has no nodePort; write nodePort: 30080"), "{none}");
    let inner = message(Workspace::sound().edit(MANIFEST, "  type: NodePort\n", ""));
    assert!(inner.ends_with("is not of type NodePort, so the host cannot reach it"), "{inner}");
    let port = message(Workspace::sound().edit(MANIFEST, "port: 8080", "port: 80"));
    assert!(port.ends_with("Service `web` has no port 8080; it has 80"), "{port}");
}

#[test]
fn manifests_that_are_not_there_or_no_objects() {
    let workspace = Workspace::sound().edit(WEB, "deploy/web.yaml", "deploy/wep.yaml");
    let errors = workspace.errors().to_string();
    let wanted = "there is no file services/web/deploy/wep.yaml; did you mean `deploy/web.yaml`?";
    assert!(errors.contains(wanted), "{errors}");

    let objects = "kind: Secret\nmetadata: {name: a, namespace: b}\n---\njust text\n";
    says(
        &Workspace::sound()
            .edit(WEB, "[deploy/web.yaml]", "[deploy/web.yaml, more.yaml]")
            .file("services/web/more.yaml", objects),
        &[
            "services/web/more.yaml:1:1: this object has no apiVersion",
            "services/web/more.yaml:2:32: metadata.namespace: a manifest names no namespace: every object goes into that of the run; leave it out",
            "services/web/more.yaml:4:1: this is no Kubernetes object",
        ],
    );
}

#[test]
fn an_object_stands_once() {
    let again = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    let workspace = Workspace::sound()
        .edit(WEB, "[deploy/web.yaml]", "[deploy/web.yaml, more.yaml]")
        .file("services/web/more.yaml", again);
    let errors = workspace.errors();
    assert!(errors.to_string().contains("there are two objects Deployment `web`"), "{errors}");
}

#[test]
fn a_kind_is_known_before_its_objects() {
    let objects = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.x.org}\n\
                   spec: {group: x.org, names: {kind: A}}\n---\napiVersion: x.org/v1\nkind: A\nmetadata: {name: a}\n";
    let workspace = Workspace::sound().edit(WEB, "[deploy/web.yaml]", "[deploy/web.yaml, a.yaml]");
    let wanted = "services/web/a.yaml:6:1: the definition of the kind A is in the same part; put this object into a part \
                  of its own, after that one";
    says(&workspace.file("services/web/a.yaml", objects), &[wanted]);
}

#[test]
fn images_say_what_they_are() {
    let workspace = Workspace::sound().edit(
        MANIFEST,
        "image: web",
        "image: store:latest\n          args: [image://web, image://wob]",
    );
    says(
        &workspace,
        &[
            "services/web/deploy/web.yaml:19:18: spec.template.spec.containers[0].image: the image `store:latest` is neither a logical name nor a full reference; write `store`; its version is said where it is defined",
            "services/web/deploy/web.yaml:20:31: spec.template.spec.containers[0].args[1]: nobody builds or declares an image `wob`; did you mean `web`?",
        ],
    );
}

#[test]
fn recipes_need_what_there_is() {
    let workspace = Workspace::sound().edit(IMAGE, "build.sh", "make.sh").edit(IMAGE, "[base]", "[bas, store]");
    says(
        &workspace,
        &[
            "test-infra/images/store/image.yaml:5:11: recipe.script: there is no file test-infra/images/store/make.sh",
            "test-infra/images/store/image.yaml:6:11: recipe.needs[0]: no image `bas` is declared; did you mean `base`?",
            "test-infra/images/store/image.yaml:6:16: recipe.needs[1]: the recipes of `store` and `store` need each other",
        ],
    );
}

#[test]
fn references_leave_nothing_out() {
    for wrong in ["postgres:17", "docker.io/library/postgres", "docker.io/library/postgres:latest"] {
        let errors = Workspace::sound().edit(IMAGE, "docker.io/library/store:1.2.3", wrong).errors().to_string();
        assert!(errors.contains("registry/repository:tag"), "{errors}");
    }
}

/// A file that is no YAML is told, and nothing is said of others for the want of what it may define.
#[test]
fn a_broken_file_has_no_echo() {
    let workspace = Workspace::sound().file(STORE_FILE, "schema: 1\nname: [store\n");
    let errors = workspace.errors();
    assert_eq!(errors.count(), 1, "{errors}");
    assert!(errors.to_string().starts_with("test-infra/backing/store/e2e.yaml:3:1: this is not YAML:"), "{errors}");
}

#[test]
fn the_report_shows_the_lines() {
    let workspace = Workspace::sound().edit(WEB, "needs: [store]", "needs: [stor]");
    let report = anstream::adapter::strip_str(&workspace.errors().report()).to_string();
    let wanted = "\
error: needs `stor`, which nobody defines
 --> services/web/e2e.yaml:6:9
  |
6 | needs: [stor]
  |         ^^^^ needs[0]
  |
  = help: did you mean `store`?";
    assert_eq!(report, wanted);
}

#[test]
fn a_webhook_beside_its_pods() {
    let hook = "\n---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
        metadata: {name: web}\nwebhooks: [{name: a.b.c, clientConfig: {service: {name: web}}}]\n";
    let workspace = Workspace::sound()
        .edit(MANIFEST, "  type: NodePort", "  type: NodePort\n  selector: {app: web}")
        .edit(MANIFEST, "  template:", "  template:\n    metadata: {labels: {app: web}}")
        .edit(MANIFEST, "          image: web\n", &format!("          image: web{hook}"));
    says(
        &workspace,
        &["services/web/deploy/web.yaml:23:1: this calls Service `web`, whose pods are in the same part; \
           put it into a part of its own, which is then applied when those pods are Ready"],
    );
}
