mod digest;
mod errors;
mod load;
mod schema;
pub(crate) mod workspace;
