mod digest;
mod errors;
mod load;
mod schema;
mod workspace;
