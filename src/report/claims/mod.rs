//! The claims of the paper's section 3 as statistical tests on stored results.

pub mod margins;
