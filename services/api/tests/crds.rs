//! The CRD files are what the types say. `UPDATE_CRDS=1 cargo test -p api` rewrites them.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use api::crds;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("crds")
}

#[test]
fn crd_files_are_current() {
    let update = env::var_os("UPDATE_CRDS").is_some();
    let mut wanted = BTreeSet::new();
    let mut stale = Vec::new();
    for crd in crds::all() {
        let name = crds::file_name(&crd);
        let text = crds::render(&crd).unwrap();
        let path = directory().join(&name);
        if fs::read_to_string(&path).unwrap_or_default() != text {
            if update {
                fs::write(&path, text).unwrap();
            } else {
                stale.push(name.clone());
            }
        }
        wanted.insert(name);
    }
    let present: BTreeSet<String> =
        fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    stale.extend(present.difference(&wanted).map(|name| format!("{name} (nobody generates it)")));
    assert!(stale.is_empty(), "not current: {stale:?}\nto mend: UPDATE_CRDS=1 cargo test -p api");
}

#[test]
fn every_kind_has_a_status_and_is_namespaced() {
    for crd in crds::all() {
        assert_eq!(crd.spec.group, api::GROUP);
        assert_eq!(crd.spec.scope, "Namespaced", "{}", crd.spec.names.kind);
        let version = &crd.spec.versions[0];
        assert_eq!(version.name, api::VERSION);
        assert!(version.subresources.as_ref().and_then(|s| s.status.as_ref()).is_some(), "{}", crd.spec.names.kind);
    }
}

#[test]
fn a_fingerprint_must_be_64_hex_digits() {
    for crd in crds::all() {
        let yaml = crds::render(&crd).unwrap();
        assert!(yaml.contains("^[0-9a-f]{64}$"), "{}", crd.spec.names.kind);
    }
}
