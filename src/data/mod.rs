//! Data sets: sources, checks, standardisation and digests.

use std::path::PathBuf;

/// Where samples come from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// MNIST's training images; its test images are held out.
    Mnist,
    /// The rows of a `.npy` file: \[N, n\], f32, f64 or u8.
    Npy {
        /// The file.
        path: PathBuf,
    },
    /// Sparse linear codes of known structure.
    Synthetic(Synthetic),
}

/// The `synthetic` source: x = Σ_k c_k d_k + noise · ε with `active` of `atoms` codes c_k > 0 in each sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Synthetic {
    /// N, the number of training samples; a tenth as many (at least one) are held out.
    pub samples: usize,
    /// n, the number of inputs.
    pub inputs: usize,
    /// Number of dictionary atoms d_k, each of length 1.
    pub atoms: usize,
    /// Number of atoms in a sample, 1 ≤ active ≤ atoms.
    pub active: usize,
    /// Standard deviation of the Gaussian noise on each input, ≥ 0.
    pub noise: f64,
    /// Seed of dictionary, codes and noise, independent of the replicates' seeds.
    pub seed: u64,
}

/// Standardisation of the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standardize {
    /// As they are.
    None,
    /// Each input: (x − mean) / (sd + epsilon), mean and population sd over the training samples.
    Feature {
        /// Added to the standard deviation, ≥ 0; with 0, a constant input becomes 0.
        epsilon: f64,
    },
    /// Each sample: (x − mean) / (sd + epsilon), mean and population sd over its own inputs.
    Sample {
        /// Added to the standard deviation, ≥ 0; with 0, a constant sample becomes 0.
        epsilon: f64,
    },
}

/// The data of a configuration, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSpec {
    /// Where the samples come from.
    pub source: Source,
    /// Use the first so many training samples; `None`: all.
    pub samples: Option<usize>,
    /// Standardisation.
    pub standardize: Standardize,
}
