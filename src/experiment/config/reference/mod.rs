//! The settings for people and editors: the reference ([`markdown()`]), the schema ([`json_schema()`]) and a commented configuration to
//! begin with ([`commented()`]). All three are made from the table of settings that the reader uses. A short configuration for given
//! samples ([`suited()`]) has the settings that depend on them.

mod commented;
mod json_schema;
mod markdown;
mod options;
mod suited;
#[cfg(test)]
mod tests;

pub use commented::{SOURCES, commented};
pub use json_schema::json_schema;
pub use markdown::markdown;
pub use options::overrides_for;
pub use suited::{described, suited};
