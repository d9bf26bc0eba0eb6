//! Every measurement against closed forms, brute force in scalar loops and finite differences, in `f64`.

mod moments;
mod sparsity;
mod steps;
mod taylor;

use super::{Subject, Theory, TheoryMeasurement};
use crate::activation::ActivationSpec;
use crate::parameter::Value;
use crate::random::Noise;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use crate::state::Parameters;
use ndarray::{Array2, ArrayView1};

/// A small network and its samples, for brute force.
#[derive(Clone)]
struct TestNetwork {
    activation: ActivationSpec,
    /// x \[N, n\].
    samples: Array2<f64>,
    parameters: Parameters<f64>,
}

impl TestNetwork {
    /// A network with a decoder bias and rows of length about 1, and N samples of n inputs, all drawn from `seed`.
    fn new(activation: impl Into<ActivationSpec>, seed: u64, [samples, inputs, hidden]: [usize; 3]) -> Self {
        let draw = |part: u64, rows: usize, columns: usize, scale: f64| {
            let mut values = vec![0.0; rows * columns];
            Noise::new(seed).fill_scaled(part, scale, &mut values);
            Array2::from_shape_vec((rows, columns), values).unwrap()
        };
        let weights = draw(1, hidden, inputs, 1.0 / (inputs as f64).sqrt());
        let bias = draw(2, 1, hidden, 0.5).into_raw_vec_and_offset().0;
        let decoder_bias = draw(3, 1, inputs, 0.2).into_raw_vec_and_offset().0;
        // Correlated inputs of several scales and means other than 0, far from Assumption 1.
        let mut samples = draw(4, samples, inputs, 1.0);
        for mut row in samples.rows_mut() {
            for i in 1..inputs {
                row[i] = 0.3 * row[i - 1] + (0.5 + 0.2 * i as f64) * row[i] + 0.1;
            }
        }
        Self {
            activation: activation.into(),
            samples,
            parameters: Parameters::new(weights.view(), bias, decoder_bias),
        }
    }

    /// The same network with samples standardised to mean 0 and variance 1 of every input.
    fn standardised(mut self) -> Self {
        for mut column in self.samples.columns_mut() {
            let count = column.len() as f64;
            let mean = column.sum() / count;
            let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
            column.mapv_inplace(|x| (x - mean) / variance.sqrt());
        }
        self
    }

    /// The same network with the 2 n samples ±√n e_i, which have mean 0 and covariance I exactly.
    fn white(mut self) -> Self {
        let n = self.parameters.inputs();
        self.samples = Array2::from_shape_fn((2 * n, n), |(b, i)| {
            let sign = if b % 2 == 0 { 1.0 } else { -1.0 };
            if b / 2 == i { sign * (n as f64).sqrt() } else { 0.0 }
        });
        self
    }

    /// The same network and samples with a changed b_j.
    fn moved(&self, unit: usize, by: f64) -> Self {
        let mut flat = self.parameters.flatten();
        flat[self.parameters.weights().len() + unit] += by;
        Self { parameters: self.parameters.with_values(&flat), ..self.clone() }
    }

    fn units(&self) -> std::ops::Range<usize> {
        0..self.parameters.hidden()
    }

    fn row(&self, j: usize) -> Vec<f64> {
        self.parameters.weights().row(j).to_vec()
    }

    fn length(&self, j: usize) -> f64 {
        self.row(j).iter().map(|w| w * w).sum::<f64>().sqrt()
    }

    fn pre_activation(&self, x: ArrayView1<'_, f64>, j: usize) -> f64 {
        self.parameters.bias()[j] + self.row(j).iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
    }

    fn codes(&self, x: ArrayView1<'_, f64>) -> Vec<f64> {
        self.units().map(|j| self.activation.jet(self.pre_activation(x, j)).value).collect()
    }

    /// y − x for the codes h.
    fn error(&self, x: ArrayView1<'_, f64>, codes: &[f64]) -> Vec<f64> {
        let output = |i: usize| {
            let sum: f64 = codes.iter().zip(self.parameters.weights().column(i)).map(|(h, w)| h * w).sum();
            sum + self.parameters.decoder_bias().get(i).copied().unwrap_or(0.0)
        };
        (0..x.len()).map(|i| output(i) - x[i]).collect()
    }

    /// x − y of every sample.
    fn residuals(&self) -> Vec<Vec<f64>> {
        let residual = |x: ArrayView1<'_, f64>| self.error(x, &self.codes(x)).iter().map(|e| -e).collect();
        self.samples.rows().into_iter().map(residual).collect()
    }

    /// E‖x − y‖².
    fn loss(&self) -> f64 {
        let residuals = self.residuals();
        residuals.iter().flatten().map(|r| r * r).sum::<f64>() / residuals.len() as f64
    }

    fn measure(&self, regularizer: &RegularizerSpec, coefficient: f64) -> TheoryMeasurement {
        let samples = self.samples.view();
        Theory::new(self.subject(regularizer, coefficient), samples).measure(samples, &self.parameters)
    }

    fn subject<'a>(&'a self, regularizer: &'a RegularizerSpec, coefficient: f64) -> Subject<'a> {
        Subject {
            activation: &self.activation,
            threshold: self.activation.threshold().unwrap_or(0.1),
            regularizer,
            coefficient,
            inputs: self.parameters.inputs(),
            hidden: self.parameters.hidden(),
        }
    }
}

fn spec(kind: RegularizerKind) -> RegularizerSpec {
    RegularizerSpec::new(kind, &[]).unwrap()
}

/// Every model, including several forms of the general families and DAEs with other corruptions.
fn specs() -> Vec<RegularizerSpec> {
    let with = |kind, given: &[(&'static str, Value)]| RegularizerSpec::new(kind, given).unwrap();
    let mut specs: Vec<RegularizerSpec> = RegularizerKind::ALL.iter().map(|kind| spec(*kind)).collect();
    for f in ["square", "exp"] {
        specs.push(with(RegularizerKind::Corollary1, &[("f", Value::Choice(f))]));
    }
    for corruption in ["masking", "salt_and_pepper"] {
        specs.push(with(RegularizerKind::Dae, &[("corruption", Value::Choice(corruption))]));
    }
    specs.push(with(RegularizerKind::Dae, &[("noise", Value::Choice("fixed"))]));
    specs.push(with(RegularizerKind::KlSae, &[("rho", Value::Real(0.05))]));
    specs
}

/// The central difference of `f` at 0.
fn derivative(f: impl Fn(f64) -> f64) -> f64 {
    let h = f64::EPSILON.cbrt();
    (f(h) - f(-h)) / (2.0 * h)
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let scale = expected.abs().max(1.0);
    assert!((found - expected).abs() <= tolerance * scale, "{what}: {found} is not {expected}");
}
