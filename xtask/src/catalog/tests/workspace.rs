//! Small workspaces in temporary directories.

use std::path::Path;

use fs_err as fs;
use tempfile::TempDir;

use crate::catalog::{Catalog, CatalogErrors};

/// A workspace that is removed when this goes.
pub struct Workspace(TempDir);

/// A definition with one Deployment and its Service.
pub const WEB: &str = "\
schema: 1
name: web
about: Shows things
images:
  - {name: web, build: cargo, package: web, binary: web}
needs: [store]
parts:
  - name: server
    manifests: [deploy/web.yaml]
    after: [store]
ports:
  - {name: web, service: web, port: 8080, node_port: 30080, host_port: 18080}
checks:
  - {port: web, path: /readyz}
test: {package: web, target: e2e}
";

pub const WEB_MANIFEST: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  ports:
    - {port: 8080, nodePort: 30080}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
";

pub const STORE: &str = "\
schema: 1
name: store
about: Keeps things
parts:
  - name: server
    manifests: [deploy/store.yaml]
";

pub const STORE_MANIFEST: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: store
spec:
  template:
    spec:
      initContainers:
        - {name: prepare, image: registry.k8s.io/pause:3.10}
      containers:
        - {name: store, image: store}
";

pub const STORE_IMAGE: &str = "\
schema: 1
name: store
reference: docker.io/library/store:1.2.3
recipe:
  script: build.sh
  needs: [base]
";

pub const BASE_IMAGE: &str = "\
schema: 1
name: base
reference: docker.io/library/base:13
";

impl Workspace {
    pub fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Two definitions and two third-party images, with nothing wrong.
    pub fn sound() -> Self {
        Self::empty()
            .file("services/web/e2e.yaml", WEB)
            .file("services/web/deploy/web.yaml", WEB_MANIFEST)
            .file("test-infra/backing/store/e2e.yaml", STORE)
            .file("test-infra/backing/store/deploy/store.yaml", STORE_MANIFEST)
            .file("test-infra/images/store/image.yaml", STORE_IMAGE)
            .file("test-infra/images/store/build.sh", "#!/bin/sh\n")
            .file("test-infra/images/base/image.yaml", BASE_IMAGE)
    }

    pub fn root(&self) -> &Path {
        self.0.path()
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Replaces a text that must be in the file.
    pub fn edit(self, path: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.root().join(path)).unwrap();
        assert!(text.contains(from), "{from} is not in {path}");
        self.file(path, &text.replace(from, to))
    }

    pub fn load(&self) -> Catalog {
        Catalog::load(self.root()).unwrap_or_else(|errors| panic!("{errors}"))
    }

    pub fn errors(&self) -> CatalogErrors {
        Catalog::load(self.root()).expect_err("something should be wrong")
    }
}
