//! Obtaining images and finding engines, with programs on the PATH that only pretend.
//!
//! The pretended docker keeps its images as lines of a file, so what a source brings is seen by the next question.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    cell::RefCell,
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use fs_err as fs;
use tempfile::TempDir;
use xtask::{
    catalog::{ImageName, ImageRef, Recipe, ThirdParty},
    exec::Runner,
    images::{Cache, NotObtained, Notice, Obtained, Source, Stock},
    tools::{
        engine::{Engine, EngineKind, WhyNot},
        locate::Toolbox,
    },
};

const REFERENCE: &str = "docker.io/library/store:1";
const MADE: &str = "localhost/e2e/store:0123456789ab";

/// Answers as docker does, from files beside itself: `listing`, and for `pull` and `load` what they bring and how they end.
const DOCKER: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
case $1 in
  version) echo '{"Client":{},"Server":{"Version":"26.1.5","Arch":"amd64"}}' ;;
  buildx) exit 1 ;;
  images) cat "$here/listing" 2>/dev/null; true ;;
  pull) [ -e "$here/pull" ] || { echo 'dial tcp: lookup registry-1.docker.io: no such host' >&2; exit 1; }
        cat "$here/pull" >> "$here/listing" ;;
  load) cat "$here/load" >> "$here/listing"; echo "Loaded image: $(cut -f1,2 "$here/load" | tr '\t' ':')" ;;
  *) exit 64 ;;
esac
"#;

struct Machine {
    dir: TempDir,
    runner: Runner,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { dir: tempfile::tempdir().unwrap(), runner: Runner::new().unwrap() };
        machine.program("bin/docker", DOCKER);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        self.file(name, text);
        fs::set_permissions(self.path(name), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn file(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn toolbox(&self) -> Toolbox {
        Toolbox::new(self.path("own"), self.path("bin"))
    }

    fn engine(&self) -> Engine {
        Engine::detect(None, &self.toolbox(), &self.runner).unwrap()
    }

    /// What the machine's docker was asked since it is there.
    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("bin/calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A recipe that makes `brings`, a line of docker's listing.
    fn recipe(&self, brings: &str) {
        let script =
            format!("#!/bin/sh\necho '==> one step'\nprintf '{brings}\\n' >> \"$(dirname \"$ENGINE\")/listing\"\n");
        self.program("recipe/build.sh", &script);
    }

    fn obtain(&self, cache: Option<&Cache>) -> (Result<Obtained, NotObtained>, Vec<String>) {
        let image = image();
        let images = BTreeMap::from([(image.name.clone(), image.clone())]);
        let engine = self.engine();
        let stock = Stock {
            engine: &engine,
            runner: &self.runner,
            cache,
            images: &images,
            root: self.dir.path().to_owned(),
            scratch: self.path("scratch"),
        };
        let told = RefCell::new(Vec::new());
        let result = stock.obtain(&image, &|notice: Notice| told.borrow_mut().push(notice.to_string()));
        (result, told.into_inner())
    }
}

fn image() -> ThirdParty {
    ThirdParty {
        name: ImageName::new("store"),
        reference: ImageRef::new(REFERENCE),
        also: Vec::new(),
        recipe: Some(Recipe {
            dir: "recipe".into(),
            script: "recipe/build.sh".into(),
            reference: ImageRef::new(MADE),
            needs: Vec::new(),
        }),
    }
}

#[test]
fn an_image_that_is_there_costs_one_question() {
    let machine = Machine::new();
    machine.file("bin/listing", "store\t1\tsha256:aa\tsha256:bb\n");
    let (obtained, told) = machine.obtain(None);
    assert_eq!(obtained.unwrap().reference.as_str(), REFERENCE);
    assert!(told.is_empty(), "{told:?}");
    assert!(!machine.calls().iter().any(|c| c.starts_with("pull")), "{:?}", machine.calls());
}

#[test]
fn where_a_registry_answers_no_recipe_runs() {
    let machine = Machine::new();
    machine.file("bin/pull", "store\t1\tsha256:aa\tsha256:bb\n");
    machine.recipe("localhost/e2e/store\\t0123456789ab\\t<none>\\tsha256:cc");
    let (obtained, told) = machine.obtain(None);
    let obtained = obtained.unwrap();
    assert_eq!(obtained.reference.as_str(), REFERENCE);
    assert!(matches!(obtained.source, Source::Pull { .. }));
    assert!(!told.iter().any(|t| t.contains("recipe")), "{told:?}");
}

#[test]
fn a_failed_pull_is_told_and_the_recipe_serves() {
    let machine = Machine::new();
    machine.recipe("localhost/e2e/store\\t0123456789ab\\t<none>\\tsha256:cc");
    let (obtained, told) = machine.obtain(None);
    let obtained = obtained.unwrap();
    assert_eq!(obtained.reference.as_str(), MADE);
    assert!(obtained.words().contains("no such host"), "{}", obtained.words());
    assert!(told.iter().any(|t| t.contains("did not serve") && t.contains("no such host")), "{told:?}");
    assert!(told.iter().any(|t| t == "store: one step"), "{told:?}");
}

/// No other source makes room, and a recipe takes minutes to find that out.
#[test]
fn a_full_disk_ends_the_search() {
    let machine = Machine::new();
    machine.recipe("localhost/e2e/store\\t0123456789ab\\t<none>\\tsha256:cc");
    machine.program("bin/docker", &DOCKER.replace("no such host", "write /layer: no space left on device"));
    let (obtained, told) = machine.obtain(None);
    assert!(obtained.unwrap_err().to_string().contains("no space left on device"));
    assert!(!told.iter().any(|t| t.contains("recipe")), "{told:?}");
}

#[test]
fn a_recipe_that_makes_something_else_is_not_believed() {
    let machine = Machine::new();
    machine.recipe("localhost/e2e/store\\tsomething-else\\t<none>\\tsha256:cc");
    let error = machine.obtain(None).0.unwrap_err().to_string();
    assert!(error.contains(MADE) && error.contains("it brought none of"), "{error}");
    assert!(error.contains("no such host"), "every source's reason is in it: {error}");
}

#[test]
fn the_cache_comes_before_the_registry_and_must_hold_what_it_says() {
    let machine = Machine::new();
    machine.file("bin/pull", "store\t1\tsha256:aa\tsha256:bb\n");
    machine.file("cache/store.tar", "");
    let cache = Cache::open(machine.path("cache")).unwrap();

    machine.file("bin/load", "store\t0\tsha256:dd\tsha256:ee\n");
    let obtained = machine.obtain(Some(&cache)).0.unwrap();
    assert!(matches!(obtained.source, Source::Pull { .. }), "the archive held another version");
    assert!(obtained.words().contains("it brought none of"), "{}", obtained.words());

    fs::remove_file(machine.path("bin/listing")).unwrap();
    machine.file("bin/load", "store\t1\tsha256:aa\tsha256:bb\n");
    let obtained = machine.obtain(Some(&cache)).0.unwrap();
    assert!(matches!(obtained.source, Source::Cache { .. }));
}

#[test]
fn a_client_without_a_server_is_passed_over() {
    let machine = Machine::new();
    machine.program("bin/docker", "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
    machine.program(
        "bin/podman",
        "#!/bin/sh\necho '{\"host\":{\"arch\":\"arm64\"},\"version\":{\"Version\":\"5.4.2\"}}'\n",
    );
    let engine = machine.engine();
    assert_eq!((engine.kind, engine.platform().as_str()), (EngineKind::Podman, "linux/arm64"));
    let none = Engine::detect(Some(EngineKind::Docker), &machine.toolbox(), &machine.runner).unwrap_err();
    assert!(matches!(&none.tried[..], [(EngineKind::Docker, WhyNot::NotAnswering(_))]), "{none}");
    assert!(none.to_string().contains("Cannot connect to the Docker daemon"), "{none}");
}

#[test]
fn podman_under_dockers_name_is_podman() {
    let machine = Machine::new();
    machine.program(
        "bin/docker",
        "#!/bin/sh\necho 'Emulate Docker CLI using podman.' >&2\necho '{\"Server\":{\"Version\":\"5\",\"Arch\":\"amd64\"}}'\n",
    );
    let none = Engine::detect(None, &machine.toolbox(), &machine.runner).unwrap_err();
    assert!(none.to_string().contains("podman under docker's name"), "{none}");
    assert!(Path::new(&machine.path("bin/podman")).symlink_metadata().is_err());
}
