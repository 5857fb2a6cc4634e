//! What there is to set up: the service definitions and the third-party images, read from YAML, validated, located.
//!
//! The only reader of definitions. It runs nothing and looks at nothing but the files of the workspace.

mod names;
mod types;

pub use names::{ImageName, ImageRef, Name};
pub use types::{
    Build, Catalog, Check, Definition, HostPort, Object, OwnImage, Part, PartRef, Recipe, Scheme, TestTarget,
    ThirdParty,
};
