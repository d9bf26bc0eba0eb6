//! A tiny auto-encoder, for oracles in scalar loops and for the production objective.

use super::{SIGMA_SQUARED, specs};
use crate::activation::ActivationSpec;
use crate::activation::tests::textbook;
use crate::objective::Objective;
use crate::random::Noise;
use crate::real::Real;
use crate::regularizer::{Regularizer, RegularizerSpec, Shape, Step};
use crate::state::{GradientBuffer, Parameters};
use ndarray::Array2;

/// The noise of one sample.
#[derive(Clone)]
pub(in crate::regularizer) struct NoiseOfSample {
    /// ε.
    pub(in crate::regularizer) normals: Vec<f64>,
    /// Words, uniform on 0 … 2³² − 1.
    pub(in crate::regularizer) words: Vec<u32>,
}

impl NoiseOfSample {
    /// One row for each of the `numbers`. Rows with the same number follow each other in that number's noise.
    fn rows(noise: Noise, numbers: &[u64], inputs: usize) -> Vec<Self> {
        let mut drawn = Vec::new();
        for run in numbers.chunk_by(|a, b| a == b) {
            let (mut normals, mut words) = (vec![0.0; run.len() * inputs], vec![0; run.len() * inputs]);
            noise.fill(run[0], &mut normals);
            noise.fill_words(run[0], &mut words);
            let rows = normals.chunks(inputs).zip(words.chunks(inputs));
            drawn.extend(rows.map(|(e, w)| Self { normals: e.to_vec(), words: w.to_vec() }));
        }
        drawn
    }
}

/// A tiny auto-encoder and its samples in plain vectors, for oracles in scalar loops.
#[derive(Clone)]
pub(in crate::regularizer) struct Network {
    pub(in crate::regularizer) activation: ActivationSpec,
    /// x, one vector a sample.
    pub(in crate::regularizer) samples: Vec<Vec<f64>>,
    /// The noise of the samples in each draw, keyed by [`STEP`] and by [`INDICES`].
    fresh: [Vec<NoiseOfSample>; DRAWS],
    fixed: [Vec<NoiseOfSample>; DRAWS],
    /// W_j.
    pub(in crate::regularizer) weights: Vec<Vec<f64>>,
    /// b_e.
    pub(in crate::regularizer) bias: Vec<f64>,
    /// b_d.
    pub(in crate::regularizer) decoder_bias: Vec<f64>,
    /// Whether products skip inactive pairs of sample and unit, however many pairs are active.
    sparse: bool,
}

pub(super) const STEP: u64 = 11;
/// The largest number of draws of a sample.
const DRAWS: usize = 4;
const SEED: u64 = 4;
/// Indices of the samples in their training set.
const INDICES: [u32; 5] = [7, 2, 40, 0, 19];

impl Network {
    /// B = 5 samples of n = 6 inputs, m = 4 hidden units, no pre-activation close to ReLU's kink, and every unit with a positive one.
    pub(super) fn new(activation: impl Into<ActivationSpec>) -> Self {
        let activation = activation.into();
        let (batch, inputs, hidden) = (5, 6, 4);
        let rows = |seed, rows, columns, scale: f64| -> Vec<Vec<f64>> {
            let mut values = vec![0.0; rows * columns];
            Noise::new(seed).fill(0, &mut values);
            values.chunks(columns).map(|row| row.iter().map(|x| scale * x).collect()).collect()
        };
        let drawn = |noise: Noise, numbers: [u64; 5]| {
            std::array::from_fn(|draw| NoiseOfSample::rows(noise.of_draw(draw as u32), &numbers, inputs))
        };
        let fresh = drawn(Noise::new(SEED), [STEP; 5]);
        let fixed = drawn(Noise::new(SEED).by_sample(), INDICES.map(u64::from));
        let candidates = (1000..).map(|seed| Self {
            activation: activation.clone(),
            samples: rows(seed, batch, inputs, 1.0),
            fresh: fresh.clone(),
            fixed: fixed.clone(),
            weights: rows(seed + 1_000_000, hidden, inputs, 0.4),
            bias: rows(seed + 2_000_000, 1, hidden, 0.5).remove(0),
            decoder_bias: vec![0.0; inputs],
            sparse: false,
        });
        let far_from_kinks = |network: &Self| {
            let mut seen = vec![network.batch::<f64>()];
            seen.extend(specs().iter().filter_map(|spec| network.corrupted(spec)));
            let far = |x: &[f64]| (0..hidden).all(|j| network.pre_activation(j, x).abs() > 0.01);
            seen.iter().all(|batch| batch.rows().into_iter().all(|x| far(x.as_slice().unwrap())))
        };
        let all_positive = |network: &Self| {
            let some = |j: usize| network.samples.iter().any(|x| network.pre_activation(j, x) > 0.0);
            (0..hidden).all(some)
        };
        let is_usable = |network: &Self| {
            let are_active = all_positive(network) && all_positive(&network.clone().with_unit_rows());
            are_active && far_from_kinks(network)
        };
        candidates.take(10_000).find(is_usable).expect("some network is far from the kinks")
    }

    /// The batch as the encoder sees it under `spec`, if it corrupts, draw after draw.
    pub(super) fn corrupted(&self, spec: &RegularizerSpec) -> Option<Array2<f64>> {
        let mut regularizer = spec.build::<f64>(SIGMA_SQUARED, self.shape());
        regularizer.prepare(self.batch().view());
        let rows = regularizer.draws() * self.samples.len();
        let (noise, mut corrupted) = (Noise::new(SEED), Array2::zeros((rows, self.samples[0].len())));
        let step = Step { noise: &noise, number: STEP, samples: &INDICES };
        regularizer.corrupt(self.batch().view(), step, corrupted.view_mut()).then_some(corrupted)
    }

    pub(super) fn with_decoder_bias(mut self) -> Self {
        self.decoder_bias = (0..self.samples[0].len()).map(|i| 0.3 - 0.1 * i as f64).collect();
        self
    }

    /// The same network with dense products and, if its activation vanishes, with sparse products.
    pub(super) fn ways(mut self) -> Vec<Self> {
        let dense = self.clone();
        self.sparse = true;
        if self.activation.vanishes() { vec![dense, self] } else { vec![dense] }
    }

    pub(super) fn with_unit_rows(mut self) -> Self {
        for j in 0..self.bias.len() {
            let norm = self.norm(j);
            self.weights[j].iter_mut().for_each(|w| *w /= norm);
        }
        self
    }

    pub(super) fn pre_activation(&self, j: usize, x: &[f64]) -> f64 {
        self.bias[j] + self.weights[j].iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
    }

    /// h_j by the textbook formula.
    pub(in crate::regularizer) fn hidden(&self, j: usize, x: &[f64]) -> f64 {
        textbook(&self.activation, self.pre_activation(j, x))[0]
    }

    /// ∂h_j/∂a_j by the textbook formula.
    pub(in crate::regularizer) fn slope(&self, j: usize, x: &[f64]) -> f64 {
        textbook(&self.activation, self.pre_activation(j, x))[1]
    }

    pub(in crate::regularizer) fn norm(&self, j: usize) -> f64 {
        self.weights[j].iter().map(|w| w * w).sum::<f64>().sqrt()
    }

    /// ‖x − f(seen)‖².
    pub(in crate::regularizer) fn loss(&self, x: &[f64], seen: &[f64]) -> f64 {
        let output = |i: usize| {
            let units = 0..self.bias.len();
            self.decoder_bias[i] + units.map(|j| self.weights[j][i] * self.hidden(j, seen)).sum::<f64>()
        };
        (0..x.len()).map(|i| (x[i] - output(i)).powi(2)).sum()
    }

    /// E_x of a function of a sample.
    pub(in crate::regularizer) fn mean(&self, f: impl Fn(&[f64]) -> f64) -> f64 {
        self.samples.iter().map(|x| f(x)).sum::<f64>() / self.samples.len() as f64
    }

    /// E_x of a function of a sample and its `fresh` or `fixed` noise in the draw `draw`.
    pub(in crate::regularizer) fn mean_drawn(
        &self,
        noise: &str,
        draw: usize,
        f: impl Fn(&[f64], &NoiseOfSample) -> f64,
    ) -> f64 {
        let drawn = if noise == "fixed" { &self.fixed } else { &self.fresh };
        self.samples.iter().zip(&drawn[draw]).map(|(x, drawn)| f(x, drawn)).sum::<f64>()
            / self.samples.len() as f64
    }

    /// E_x ‖x − f(x)‖².
    pub(in crate::regularizer) fn reconstruction(&self) -> f64 {
        self.mean(|x| self.loss(x, x))
    }

    /// ρ_j.
    pub(in crate::regularizer) fn mean_hidden(&self) -> Vec<f64> {
        (0..self.bias.len()).map(|j| self.mean(|x| self.hidden(j, x))).collect()
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { batch: self.samples.len(), inputs: self.samples[0].len(), hidden: self.bias.len() }
    }

    pub(super) fn parameters<F: Real>(&self, with_decoder_bias: bool) -> Parameters<F> {
        let weights = Array2::from_shape_fn((self.bias.len(), self.samples[0].len()), |(j, i)| {
            F::from_f64(self.weights[j][i])
        });
        let vector = |values: &[f64]| values.iter().map(|x| F::from_f64(*x)).collect();
        let decoder_bias = if with_decoder_bias { vector(&self.decoder_bias) } else { Vec::new() };
        Parameters::new(weights.view(), vector(&self.bias), decoder_bias)
    }

    pub(super) fn batch<F: Real>(&self) -> Array2<F> {
        let shape = (self.samples.len(), self.samples[0].len());
        Array2::from_shape_fn(shape, |(b, i)| F::from_f64(self.samples[b][i]))
    }

    /// J and ∇J of the production objective: W by rows, then b_e, then b_d.
    pub(super) fn evaluate<F: Real>(&self, spec: &RegularizerSpec, sigma_squared: f64) -> (f64, Vec<F>) {
        self.evaluate_at(&self.parameters(true), spec, sigma_squared, STEP)
    }

    pub(super) fn evaluate_at<F: Real>(
        &self,
        parameters: &Parameters<F>,
        spec: &RegularizerSpec,
        sigma_squared: f64,
        step: u64,
    ) -> (f64, Vec<F>) {
        self.evaluate_regularizer(parameters, spec.build(sigma_squared, self.shape()), step)
    }

    pub(super) fn evaluate_regularizer<F: Real>(
        &self,
        parameters: &Parameters<F>,
        mut regularizer: Box<dyn Regularizer<F>>,
        step: u64,
    ) -> (f64, Vec<F>) {
        regularizer.prepare(self.batch().view());
        let mut objective = Objective::new(&self.activation, regularizer, self.shape());
        if self.sparse {
            objective.products_mut().always_sparse();
        }
        let mut buffer = GradientBuffer::zeros(parameters);
        let noise = Noise::new(SEED);
        let step = Step { noise: &noise, number: step, samples: &INDICES };
        let value =
            objective.evaluate(parameters, self.batch().view(), step, &mut buffer.accumulate(F::one()));
        objective.products_mut().add_pending(buffer.accumulate(F::one()).weights);
        (value, buffer.flatten(parameters))
    }
}
