//! What a definition may look like, as data: the validation and the schema for editors both follow these tables, so that
//! they cannot say different things.

/// What a value may be.
#[derive(Debug)]
pub(super) enum Shape {
    /// Text of some kind.
    Text(Text),
    /// A whole number between these two.
    Integer(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any number of these.
    List(&'static Shape),
    /// A mapping with fixed keys.
    Record(&'static Record),
    /// A mapping whose keys depend on the word under one key.
    Tagged(&'static str, &'static [(&'static str, Record)]),
}

/// A mapping with fixed keys.
#[derive(Debug)]
pub(super) struct Record {
    /// One line for people.
    pub about: &'static str,
    /// In the order in which they are best written.
    pub fields: &'static [Field],
}

/// A key of a mapping.
#[derive(Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub need: Need,
    pub shape: Shape,
    /// One line for people.
    pub about: &'static str,
}

/// Whether a key may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// Kinds of text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text {
    /// One line for people.
    Line,
    /// A DNS label.
    Label,
    /// A logical image name.
    Image,
    /// `part`, `definition` or `definition/part`.
    PartRef,
    /// A path with slashes, relative to the file that has it.
    Path,
    /// `90s`, `2m`.
    Duration,
    /// The path of a URL.
    UrlPath,
    /// `registry/repository:tag`, nothing left out.
    Reference,
    /// A name that cargo knows.
    Cargo,
}

use Need::{Optional, Required};

const LABEL: Shape = Shape::Text(Text::Label);
const PORT: Shape = Shape::Integer(1, 65535);

const fn field(name: &'static str, need: Need, shape: Shape, about: &'static str) -> Field {
    Field { name, need, shape, about }
}

const VERSION: Field = field("schema", Required, Shape::Integer(1, 1), "Version of this format.");

/// An `e2e.yaml`.
pub(super) const DEFINITION: Record = Record {
    about: "What is set up for the end-to-end tests of a service, or as something that services need.",
    fields: &[
        VERSION,
        field("name", Required, LABEL, "The name of the directory."),
        field("about", Required, Shape::Text(Text::Line), "One line for people."),
        field("images", Optional, Shape::List(&IMAGE), "Images built from this workspace."),
        field("needs", Optional, Shape::List(&LABEL), "Definitions that are set up too, in no order."),
        field("parts", Optional, Shape::List(&Shape::Record(&PART)), "What is applied, each part on its own."),
        field("ports", Optional, Shape::List(&Shape::Record(&PORTS)), "What is reached from the host."),
        field("checks", Optional, Shape::List(&Shape::Record(&CHECK)), "What must answer once all is Ready."),
        field("test", Optional, Shape::Record(&TEST), "The end-to-end tests."),
        field(
            "breaks",
            Optional,
            Shape::List(&LABEL),
            "Definitions that the tests break on purpose: no cluster is shared with who needs them.",
        ),
    ],
};

const IMAGE_NAME: Field = field("name", Required, Shape::Text(Text::Image), "What manifests write in `image:`.");

const IMAGE: Shape = Shape::Tagged(
    "build",
    &[
        (
            "cargo",
            Record {
                about: "One static service binary, in an image with nothing else.",
                fields: &[
                    IMAGE_NAME,
                    field("package", Required, Shape::Text(Text::Cargo), "The cargo package."),
                    field("binary", Required, Shape::Text(Text::Cargo), "The binary of that package."),
                ],
            },
        ),
        (
            "containerfile",
            Record {
                about: "Whatever a Containerfile says.",
                fields: &[
                    IMAGE_NAME,
                    field("context", Required, Shape::Text(Text::Path), "The build context."),
                    field("file", Optional, Shape::Text(Text::Path), "In the context; default Containerfile."),
                    field("weight", Optional, Shape::Integer(1, 64), "Cores that its build takes; default 1."),
                ],
            },
        ),
    ],
);

const PART: Record = Record {
    about: "Objects that are applied together.",
    fields: &[
        field("name", Required, LABEL, "Unique in its definition."),
        field("manifests", Required, Shape::List(&Shape::Text(Text::Path)), "Files with Kubernetes objects."),
        field(
            "after",
            Optional,
            Shape::List(&Shape::Text(Text::PartRef)),
            "What must be Ready before: a part of this definition, a definition, or definition/part.",
        ),
        field("timeout", Optional, Shape::Text(Text::Duration), "From applied to Ready; default 180s."),
    ],
};

const PORTS: Record = Record {
    about: "A port of a Service, reachable on 127.0.0.1.",
    fields: &[
        field("name", Required, LABEL, "Unique in the workspace; tests get E2E_URL_<NAME>."),
        field("scheme", Optional, Shape::Choice(&["http", "postgres", "redis", "tcp"]), "Default http."),
        field("service", Required, LABEL, "The Kubernetes Service, of type NodePort."),
        field("port", Required, PORT, "The Service's port number."),
        field("node_port", Required, Shape::Integer(30000, 32767), "The Service's nodePort."),
        field("host_port", Required, PORT, "Wanted on the host; another one is used when it is taken."),
    ],
};

const CHECK: Record = Record {
    about: "A request from the host.",
    fields: &[
        field("port", Required, LABEL, "One of this definition's ports, with scheme http."),
        field("path", Required, Shape::Text(Text::UrlPath), "Path and query."),
        field("status", Optional, Shape::Integer(100, 599), "The wanted status; default 200."),
    ],
};

const TEST: Record = Record {
    about: "A test target of cargo.",
    fields: &[
        field("package", Required, Shape::Text(Text::Cargo), "The cargo package."),
        field("target", Required, Shape::Text(Text::Cargo), "Its [[test]] target."),
    ],
};

/// An `image.yaml`.
pub(super) const THIRD_PARTY: Record = Record {
    about: "An image that comes from elsewhere.",
    fields: &[
        VERSION,
        field("name", Required, Shape::Text(Text::Image), "The name of the directory; what manifests write."),
        field("reference", Required, Shape::Text(Text::Reference), "What is pulled."),
        field("also", Optional, Shape::List(&Shape::Text(Text::Reference)), "What counts as this image, too."),
        field("recipe", Optional, Shape::Record(&RECIPE), "How it is made where no registry can be reached."),
    ],
};

const RECIPE: Record = Record {
    about: "How an image is made on this machine.",
    fields: &[
        field("script", Required, Shape::Text(Text::Path), "In this directory."),
        field("needs", Optional, Shape::List(&Shape::Text(Text::Image)), "Images that it starts from."),
    ],
};

impl Text {
    /// A regular expression for editors.
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Line => "^.*\\S.*$",
            Self::Label => "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
            Self::Image => "^[a-z0-9]+([-.][a-z0-9]+)*$",
            Self::PartRef => "^[a-z0-9][-a-z0-9]*(/[a-z0-9][-a-z0-9]*)?$",
            Self::Path => "^[^/].*$",
            Self::Duration => "^[1-9][0-9]*(ms|s|m|h)( ?[1-9][0-9]*(ms|s|m|h))*$",
            Self::UrlPath => "^/.*$",
            Self::Reference => "^[^/:]+[.:][^/]+/.+(:[^/:]+|@sha256:[0-9a-f]{64})$|^localhost/.+:[^/:]+$",
            Self::Cargo => "^[A-Za-z][-A-Za-z0-9_]*$",
        }
    }

    /// What is wrong with this text, if anything.
    pub fn flaw(self, text: &str) -> Option<&'static str> {
        let (right, otherwise) = match self {
            Self::Line => (!text.trim().is_empty() && !text.contains('\n'), "one line that says something"),
            Self::Label => (is_label(text), "a DNS label: lower-case letters, digits and -, at most 63"),
            Self::Image => {
                (is_image(text), "a logical name, without registry and tag: lower-case letters, digits, - and .")
            }
            Self::PartRef => (is_part_ref(text), "`part`, `definition` or `definition/part`"),
            Self::Path => (is_path(text), "a path relative to this file, with slashes"),
            Self::Duration => {
                let right = humantime::parse_duration(text).is_ok_and(|d| !d.is_zero());
                (right, "a duration, such as 90s or 2m")
            }
            Self::UrlPath => {
                (text.starts_with('/') && !text.contains(char::is_whitespace), "a path that starts with /")
            }
            Self::Reference => {
                (is_reference(text), "registry/repository:tag, with nothing left out and a tag other than latest")
            }
            Self::Cargo => {
                let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
                (rest && text.starts_with(|c: char| c.is_ascii_alphabetic()), "a name that cargo knows")
            }
        };
        (!right).then_some(otherwise)
    }
}

/// Whether this is a DNS label (RFC 1123).
#[must_use]
pub fn is_label(text: &str) -> bool {
    let inner = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    inner && !text.is_empty() && text.len() <= 63 && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether this could be a logical image name.
pub(super) fn is_image(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(is_label)
}

fn is_part_ref(text: &str) -> bool {
    match text.split_once('/') {
        Some((definition, part)) => is_label(definition) && is_label(part),
        None => is_label(text),
    }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('/') && !text.contains(['\\', '\n'])
}

/// Whether a reference names its registry and its tag or digest, and says what it means.
pub(super) fn is_reference(text: &str) -> bool {
    let Some((registry, rest)) = text.split_once('/') else { return false };
    let qualified = registry == "localhost" || registry.contains(['.', ':']);
    let versioned = match (rest.split_once('@'), rest.rsplit_once(':')) {
        (Some((_, digest)), _) => digest.starts_with("sha256:"),
        (None, Some((_, tag))) => !tag.is_empty() && !tag.contains('/') && tag != "latest",
        (None, None) => false,
    };
    qualified && versioned && !text.contains(char::is_whitespace)
}
