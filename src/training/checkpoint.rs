//! A run in progress as data: what its settings don't determine.

use super::metrics::Measurement;
use super::watch::WatchState;
use serde::{Deserialize, Serialize};

/// A run between two steps. With the settings, the data and the warm start it determines every later number, bit for bit.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<F> {
    /// How far it is and what it has found.
    pub progress: Progress,
    /// Its parameters and their velocities.
    pub arrays: Arrays<F>,
}

/// How far a run is and what it has found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Steps taken.
    pub steps: u64,
    /// Epochs between measurements.
    pub every: u32,
    /// Σ of the objectives of the current epoch's steps, weighted by their samples.
    pub loss: f64,
    /// [`Regularizer::state`](crate::regularizer::Regularizer::state).
    pub regularizer: Vec<u64>,
    /// The measurements so far.
    pub measurements: Vec<Measurement>,
    /// What was measured of the theory so far, where it is.
    pub theory: Option<WatchState>,
}

/// Parameters and velocities of a run with m hidden units and n inputs. The position of every random stream follows from the
/// number of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrays<F> {
    /// W \[m, n\].
    pub weights: Vec<F>,
    /// b_e \[m\].
    pub bias: Vec<F>,
    /// b_d \[n\], or empty.
    pub decoder_bias: Vec<F>,
    /// ‖W_j‖² \[m\], with the bits of the update that computed them.
    pub squared_norms: Vec<F>,
    /// μ V of W \[m, n\].
    pub weights_velocity: Vec<F>,
    /// Of b_e \[m\].
    pub bias_velocity: Vec<F>,
    /// Of b_d \[n\], or empty.
    pub decoder_bias_velocity: Vec<F>,
}

impl<F> Arrays<F> {
    /// Each array with its name.
    pub fn named(&self) -> [(&'static str, &[F]); 7] {
        [
            ("W", &self.weights),
            ("b", &self.bias),
            ("b_d", &self.decoder_bias),
            ("squared_norms", &self.squared_norms),
            ("W.velocity", &self.weights_velocity),
            ("b.velocity", &self.bias_velocity),
            ("b_d.velocity", &self.decoder_bias_velocity),
        ]
    }

    /// The arrays that `get` has under the names of [`Arrays::named`]; the first name that it hasn't.
    ///
    /// # Errors
    /// That name.
    pub fn from_named(get: impl Fn(&str) -> Option<Vec<F>>) -> Result<Self, &'static str> {
        let get = |name: &'static str| get(name).ok_or(name);
        Ok(Self {
            weights: get("W")?,
            bias: get("b")?,
            decoder_bias: get("b_d")?,
            squared_norms: get("squared_norms")?,
            weights_velocity: get("W.velocity")?,
            bias_velocity: get("b.velocity")?,
            decoder_bias_velocity: get("b_d.velocity")?,
        })
    }
}
