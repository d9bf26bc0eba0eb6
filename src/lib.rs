//! Sparse representations in regularized auto-encoders: the library behind the `aesparse` program.

pub mod activation;
pub mod constraint;
pub mod data;
pub mod error;
pub mod parameter;
pub mod real;
