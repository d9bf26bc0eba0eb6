//! Checkpoints: the state of a run in progress, as far as its settings don't determine it.

use super::distribution::DistributionState;
use super::metrics::Measurement;
use super::watch::TheoryWatchState;
use serde::{Deserialize, Serialize};

/// The state of a run between two steps. With the settings, the data and the warm start, it determines every later number, bit for bit.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<F> {
    /// The steps taken and the measurements so far.
    pub progress: RunProgress,
    /// The parameters and their velocities.
    pub arrays: Arrays<F>,
}

/// The steps that a run has taken and its measurements so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunProgress {
    /// Number of steps taken.
    pub steps: u64,
    /// Epochs between measurements.
    pub every: u32,
    /// Σ of the objectives of the current epoch's steps, weighted by their samples.
    pub loss: f64,
    /// The state of the regularizer: [`Regularizer::state`](crate::regularizer::Regularizer::state).
    pub regularizer: Vec<u64>,
    /// The measurements so far.
    pub measurements: Vec<Measurement>,
    /// The measurements of the theory so far, if the run makes them.
    pub theory: Option<TheoryWatchState>,
    /// The distributions of codes so far, if the run measures them; absent in checkpoints of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<DistributionState>,
}

/// Parameters and velocities of a run with m hidden units and n inputs. There is no state of random generators, because the position of
/// every random stream follows from the number of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrays<F> {
    /// W \[m, n\].
    pub weights: Vec<F>,
    /// b_e \[m\].
    pub bias: Vec<F>,
    /// b_d \[n\], or empty.
    pub decoder_bias: Vec<F>,
    /// ‖W_j‖² \[m\], with the same bits as the update that computed them.
    pub squared_norms: Vec<F>,
    /// μ V of W \[m, n\].
    pub weights_velocity: Vec<F>,
    /// μ V of b_e \[m\].
    pub bias_velocity: Vec<F>,
    /// μ V of b_d \[n\], or empty.
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

    /// The arrays that `get` returns for the names of [`Arrays::named`].
    ///
    /// # Errors
    /// The first name for which `get` returns `None`.
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
