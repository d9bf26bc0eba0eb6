//! The settings for people and editors: the reference ([`markdown()`]), the schema ([`json_schema()`]) and the commented
//! configuration to begin with ([`commented()`]), all made of the table that the reader of configurations reads by.

mod commented;
mod json_schema;
mod markdown;
mod options;
#[cfg(test)]
mod tests;

pub use commented::{SOURCES, commented};
pub use json_schema::json_schema;
pub use markdown::markdown;
pub use options::overrides_for;
