//! Workspaces in temporary directories, and the tool in them, with a home of its own.

use std::path::Path;

use fs_err as fs;
use snapbox::cmd::Command;
use tempfile::TempDir;

const DEFINITION: &str = "services/web/e2e.yaml";

const WEB: &str = "\
schema: 1
name: web
about: Shows things
images:
  - {name: web, build: cargo, package: web, binary: web}
needs: [store]
parts:
  - name: server
    manifests: [deploy/web.yaml]
ports:
  - {name: web, service: web, port: 8080, node_port: 30080, host_port: 18080}
test: {package: web, target: e2e}
";

const STORE: &str = "\
schema: 1
name: store
about: Keeps things
parts:
  - {name: server, manifests: [store.yaml]}
";

const TENTH: &str = "\
schema: 1
name: tenth
about: Nobody knew of it
images:
  - {name: tenth, build: cargo, package: tenth, binary: tenth}
needs: [redis]
parts:
  - {name: server, manifests: [deploy.yaml], after: [redis]}
ports:
  - {name: tenth, service: tenth, port: 8080, node_port: 30999, host_port: 28999}
checks:
  - {port: tenth, path: /readyz, status: 200}
";

/// A workspace that is removed when this goes, and a home directory.
pub struct Workspace {
    root: TempDir,
    home: TempDir,
}

impl Workspace {
    /// Two definitions with nothing wrong.
    pub fn sound() -> Self {
        Self::empty()
            .file(DEFINITION, WEB)
            .file("services/web/deploy/web.yaml", &server("web", 30080))
            .file("test-infra/backing/store/e2e.yaml", STORE)
            .file("test-infra/backing/store/store.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: store}\n")
    }

    /// The definitions and manifests of this project.
    pub fn copy_of_this() -> Self {
        let this = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let copy = Self::empty();
        for dir in ["services", "test-infra"] {
            copy_dir(&this.join(dir), &copy.root.path().join(dir));
        }
        copy
    }

    /// One more service than anybody knew of.
    pub fn service_ten(self) -> Self {
        self.file("services/tenth/e2e.yaml", TENTH).file("services/tenth/deploy.yaml", &server("tenth", 30999))
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Replaces a text that must be in the definition of `web`.
    pub fn edit(self, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.root.path().join(DEFINITION)).unwrap();
        assert!(text.contains(from), "{from} is not in {DEFINITION}");
        self.file(DEFINITION, &text.replace(from, to))
    }

    /// The tool, in this workspace.
    pub fn xtask(&self) -> Command {
        xtask(self.root.path(), self.home.path())
    }

    fn empty() -> Self {
        let (root, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        Self { root, home }.file("Cargo.toml", "[workspace]\nmembers = [\"services/*\"]\n")
    }
}

/// The tool, somewhere.
pub fn xtask(dir: &Path, home: &Path) -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .current_dir(dir)
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env_remove("E2E_IMAGE_CACHE")
}

fn server(name: &str, node_port: u16) -> String {
    format!(
        "\
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  type: NodePort
  ports: [{{port: 8080, nodePort: {node_port}}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    spec:
      containers: [{{name: {name}, image: {name}}}]
"
    )
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
