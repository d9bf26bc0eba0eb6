//! Dictionaries: how well the rows of W recover known atoms, and how alike the rows of two networks are.
//!
//! Rows are compared as directions, by their cosines. [`matching()`] pairs them one to one (Hungarian method).

mod matching;
mod recovery;
mod study;
#[cfg(test)]
mod tests;

pub use matching::{DirectionSign, SAME_DIRECTION, cosines, matching};
pub use recovery::{DictionaryLikeness, DictionaryRecovery, UsedUnits, atoms};
pub use study::RecoveryStudy;
pub(super) use study::sections;
