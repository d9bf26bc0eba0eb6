//! The settings for people and editors: the reference ([`markdown()`]), the schema ([`json_schema()`]) and a commented configuration to
//! begin with ([`commented()`]). All three are made from the table of settings that the reader uses.

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
