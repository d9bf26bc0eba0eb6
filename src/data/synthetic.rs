//! Sparse linear codes of known structure: `x = Σ_k c_k d_k + noise · ε`.
//!
//! Dictionary \[atoms, n\]: its rows `d_k` have independent directions, uniform on the unit sphere (a standard normal vector
//! scaled to length 1). Codes: each sample has exactly `active` non-zero codes of the `atoms`, all subsets equally likely;
//! `c_k ~ Exp(1)` is positive with mean 1 and variance 1. Noise: `ε ~ N(0, I_n)`.
//!
//! Dictionary, codes and noise come from three named `ChaCha8Rng` streams, so the noise level does not change dictionary
//! and codes. The held-out samples, a tenth of the training samples and at least one, continue the streams of the training
//! samples. All arithmetic is in f64 and rounded once to f32.
//!
//! Cost: O(samples · n · active) operations.

use std::path::Path;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::raw::{Raw, SampleMatrix, Stored};
use super::{Synthetic, size};
use crate::error::{Error, Result};

/// Separates these digests and streams from all others; its number is raised when the rule for drawing changes.
const DOMAIN: &str = "aesparse synthetic 1";

const NAME: &str = "synthetic";

impl Synthetic {
    /// Number of held-out samples: a tenth of the training samples, at least one.
    pub fn held_out(&self) -> usize {
        (self.samples / 10).max(1)
    }

    /// The dictionary, \[atoms, inputs\], with rows of length 1.
    ///
    /// # Errors
    /// [`Error::Data`] when a setting is out of its range or the matrices would be too large.
    pub fn dictionary(&self) -> Result<Array2<f64>> {
        self.check()?;
        let mut random = stream(self.seed, "dictionary");
        let mut values = size::reserve::<f64>(Path::new(NAME), self.atoms, self.inputs)?;
        values.resize(self.atoms * self.inputs, 0.0);
        let mut dictionary = super::matrix(self.atoms, self.inputs, values);
        for mut row in dictionary.rows_mut() {
            let mut norm = 0.0_f64;
            // A vector of length 0 has no direction and is drawn again; it practically never occurs.
            while norm == 0.0 {
                row.mapv_inplace(|_| StandardNormal.sample(&mut random));
                norm = row.iter().map(|value: &f64| value * value).sum::<f64>().sqrt();
            }
            row.mapv_inplace(|value| value / norm);
        }
        Ok(dictionary)
    }

    fn check(&self) -> Result<()> {
        let refuse = |problem: String| Err(Error::data(NAME, problem, "correct data.source in the config"));
        if self.samples == 0 || self.inputs == 0 || self.atoms == 0 {
            return refuse("samples, inputs and atoms must be at least 1".to_owned());
        }
        if self.active == 0 || self.active > self.atoms {
            return refuse(format!("active is {}, expected 1 to {} (atoms)", self.active, self.atoms));
        }
        if !(self.noise.is_finite() && self.noise >= 0.0) {
            return refuse(format!("noise is {}, expected a finite number ≥ 0", self.noise));
        }
        size::check::<f32>(Path::new(NAME), self.samples.saturating_add(self.held_out()), self.inputs)?;
        size::check::<f64>(Path::new(NAME), self.atoms, self.inputs)?;
        Ok(())
    }
}

/// The first `samples` training samples (`None`: all) and the held-out samples, not standardised.
///
/// The digest covers everything that is drawn, whatever `samples` is.
pub(super) fn load(spec: &Synthetic, samples: Option<usize>) -> Result<Raw> {
    let dictionary = spec.dictionary()?;
    let count = super::count(Path::new(NAME), samples, spec.samples)?;
    let mut sampler = Sampler::new(spec, dictionary);
    let mut digest = Digest::new();
    digest.update(DOMAIN.as_bytes());
    let mut train = sampler.draw(spec.samples, &mut digest)?;
    let held_out = sampler.draw(spec.held_out(), &mut digest)?;
    train.truncate(count * spec.inputs);
    let train = SampleMatrix::Single(super::matrix(count, spec.inputs, train));
    let held_out = Some(SampleMatrix::Single(super::matrix(spec.held_out(), spec.inputs, held_out)));
    Ok(Raw { held_out, ..Raw::new(NAME.to_owned(), digest.finish(), spec.samples, train, Stored::Drawn) })
}

/// Draws one sample after the other.
struct Sampler<'a> {
    spec: &'a Synthetic,
    dictionary: Array2<f64>,
    codes: Codes,
    noise: ChaCha8Rng,
    sample: Vec<f64>,
}

impl<'a> Sampler<'a> {
    fn new(spec: &'a Synthetic, dictionary: Array2<f64>) -> Self {
        let sample = vec![0.0; spec.inputs];
        Self { spec, dictionary, codes: Codes::new(spec), noise: stream(spec.seed, "noise"), sample }
    }

    /// The values of the next `count` samples; their little-endian bytes go into `digest`.
    fn draw(&mut self, count: usize, digest: &mut Digest) -> Result<Vec<f32>> {
        let mut values = size::reserve(Path::new(NAME), count, self.spec.inputs)?;
        for _ in 0..count {
            self.next_sample();
            let start = values.len();
            values.extend(self.sample.iter().map(|&value| value as f32));
            for value in &values[start..] {
                digest.update(&value.to_le_bytes());
            }
            if !values[start..].iter().all(|value| value.is_finite()) {
                return Err(Error::data(NAME, "a sample is not finite in f32", "lower data.source.noise"));
            }
        }
        Ok(values)
    }

    fn next_sample(&mut self) {
        self.sample.fill(0.0);
        for (atom, code) in self.codes.next_codes() {
            for (value, direction) in self.sample.iter_mut().zip(self.dictionary.row(atom)) {
                *value += code * direction;
            }
        }
        if self.spec.noise > 0.0 {
            for value in &mut self.sample {
                let epsilon: f64 = StandardNormal.sample(&mut self.noise);
                *value += self.spec.noise * epsilon;
            }
        }
    }
}

/// Draws the active atoms of each sample and their codes.
struct Codes {
    random: ChaCha8Rng,
    active: usize,
    /// A permutation of the atoms; its first `active` entries are a sample's atoms.
    atoms: Vec<usize>,
}

impl Codes {
    fn new(spec: &Synthetic) -> Self {
        Self { random: stream(spec.seed, "codes"), active: spec.active, atoms: (0..spec.atoms).collect() }
    }

    /// `active` different atoms with their codes, each > 0.
    fn next_codes(&mut self) -> impl Iterator<Item = (usize, f64)> {
        // The first steps of a Fisher-Yates shuffle. It may start from the last sample's order and stays uniform.
        (0..self.active).map(|place| {
            let other = self.random.random_range(place..self.atoms.len());
            self.atoms.swap(place, other);
            let mut code = 0.0;
            while code <= 0.0 {
                code = Exp1.sample(&mut self.random);
            }
            (self.atoms[place], code)
        })
    }
}

/// The generator of a named stream: its key is a digest of domain, seed and name.
fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let mut key = Sha256::new();
    key.update(DOMAIN.as_bytes());
    key.update(seed.to_le_bytes());
    key.update(name.as_bytes());
    ChaCha8Rng::from_seed(key.finalize().into())
}

#[cfg(test)]
mod tests;
