//! Sparse representations in regularized auto-encoders: the library behind the `aesparse` program.

pub mod activation;
pub mod constraint;
pub mod data;
pub mod error;
pub mod experiment;
pub mod init;
pub mod linalg;
pub mod objective;
pub mod optimizer;
pub mod parameter;
pub mod random;
pub mod real;
pub mod regularizer;
mod simd;
pub mod state;
pub mod store;
pub mod training;
