//! Data files through the public interface: broken ones, mutated ones, and MNIST against another reader.

mod arrays;
mod broken;
mod fixture;
mod mutated;
mod npy;
mod oracle;
mod patches;
