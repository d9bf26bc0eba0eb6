//! Whether the auto-encoder has learnt the identity or the data: reconstruction errors of held-out samples, and of inputs that
//! share only their margins.
//!
//! An overcomplete auto-encoder (m > n) without a regularizer can copy every input. Then it reconstructs noise as well as data.
//! An auto-encoder that has learnt the structure of the data reconstructs data alone. Each error is relative,
//! E‖x − y‖² / E‖x‖², because the inputs have different lengths.

use super::clean::{CleanPass, batches};
use super::table::columns;
use crate::activation::ActivationSpec;
use crate::linalg::Matrix;
use crate::random::{Noise, shuffled_order};
use crate::real::Real;
use crate::state::Parameters;
use ndarray::{ArrayView2, s};

/// Limit on the number of samples for the errors: the first of the given samples are used.
pub const IDENTITY_SAMPLES: usize = 1000;

columns! {
    /// Relative reconstruction errors, E‖x − y‖² / E‖x‖²; absent if every input is 0.
    pub struct IdentityErrors {
        /// of the first 1000 held-out samples
        pub samples: Option<f64>,
        /// of independent Gaussian inputs with the means and variances of the held-out samples
        pub noise: Option<f64>,
        /// of the held-out samples with the values of each sample shuffled among the inputs
        pub shuffled: Option<f64>,
    }
}

impl IdentityErrors {
    /// The errors of `parameters` on the first [`IDENTITY_SAMPLES`] of `samples` \[N, n\], which should not be training samples.
    /// `seed` should not be a replicate's.
    ///
    /// # Panics
    /// If there are no samples or the shapes don't fit.
    pub fn of<F: Real>(
        activation: &ActivationSpec,
        parameters: &Parameters<F>,
        samples: ArrayView2<'_, F>,
        seed: u64,
    ) -> Self {
        assert!(samples.nrows() > 0, "errors of no samples");
        let samples = samples.slice(s![..samples.nrows().min(IDENTITY_SAMPLES), ..]);
        let mut clean = CleanPass::new(activation, samples.ncols(), parameters.hidden(), false);
        let mut error = |inputs: ArrayView2<'_, F>| relative_error(&mut clean, parameters, inputs);
        Self {
            samples: error(samples),
            noise: error(gaussian(samples, seed).view()),
            shuffled: error(shuffled(samples, seed).view()),
        }
    }
}

fn relative_error<F: Real>(
    clean: &mut CleanPass<F>,
    parameters: &Parameters<F>,
    inputs: ArrayView2<'_, F>,
) -> Option<f64> {
    let energy = |values: ArrayView2<'_, F>| values.iter().map(|x| x.as_f64().powi(2)).sum::<f64>();
    let mut error = 0.0;
    for (start, rows) in batches(inputs.nrows()) {
        clean.run(parameters, inputs.slice(s![start..start + rows, ..]));
        error += energy(clean.error());
    }
    let scale = energy(inputs);
    (scale > 0.0).then(|| error / scale)
}

/// Gaussian inputs \[N, n\] with the means and variances of the inputs in `samples`.
fn gaussian<F: Real>(samples: ArrayView2<'_, F>, seed: u64) -> Matrix<F> {
    let count = samples.nrows() as f64;
    let margins: Vec<(f64, f64)> = samples
        .columns()
        .into_iter()
        .map(|column| {
            let mean = column.iter().map(|x| x.as_f64()).sum::<f64>() / count;
            let square = column.iter().map(|x| (x.as_f64() - mean).powi(2)).sum::<f64>() / count;
            (mean, square.sqrt())
        })
        .collect();
    let mut noise: Matrix<F> = Matrix::zeros(samples.nrows(), samples.ncols());
    Noise::new(seed).fill(0, noise.values_mut());
    for row in noise.values_mut().chunks_exact_mut(samples.ncols()) {
        for (value, (mean, deviation)) in row.iter_mut().zip(&margins) {
            *value = F::from_f64(mean + deviation * value.as_f64());
        }
    }
    noise
}

/// `samples` \[N, n\] with the values of each sample in random order.
fn shuffled<F: Real>(samples: ArrayView2<'_, F>, seed: u64) -> Matrix<F> {
    let n = samples.ncols();
    let mut shuffled = Matrix::zeros(samples.nrows(), n);
    let mut order = vec![0; n];
    for ((number, row), sample) in (0..).zip(shuffled.values_mut().chunks_exact_mut(n)).zip(samples.rows()) {
        shuffled_order(seed, number, &mut order);
        row.iter_mut().zip(&order).for_each(|(value, place)| *value = sample[*place as usize]);
    }
    shuffled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::ActivationKind;
    use crate::init;
    use ndarray::Array2;

    fn identity_network(n: usize) -> Parameters<f64> {
        let constraint = crate::constraint::Constraint::None;
        init::project(Array2::eye(n).view(), vec![0.0; n], Vec::new(), constraint)
    }

    fn samples() -> Array2<f64> {
        Array2::from_shape_fn((250, 6), |(b, i)| ((b * 7 + i * 3) % 11) as f64 * (i + 1) as f64 - 4.0)
    }

    #[test]
    fn a_network_that_copies_inputs_also_copies_noise() {
        let errors =
            IdentityErrors::of(&ActivationKind::Identity.into(), &identity_network(6), samples().view(), 7);
        assert_eq!([errors.samples, errors.noise, errors.shuffled], [Some(0.0); 3]);
    }

    #[test]
    fn a_network_of_one_direction_reconstructs_inputs_along_it() {
        // One unit along (1, 1)/√2 copies samples on that line and loses half of other samples.
        let half = 0.5_f64.sqrt();
        let weights = Array2::from_elem((1, 2), half);
        let network =
            init::project(weights.view(), vec![0.0], Vec::new(), crate::constraint::Constraint::None);
        let line = Array2::from_shape_fn((400, 2), |(b, _)| (b as f64 - 199.5) / 100.0);
        let errors = IdentityErrors::of(&ActivationKind::Identity.into(), &network, line.view(), 7);
        assert!(errors.samples.unwrap() < 1e-12 && errors.shuffled.unwrap() < 1e-12);
        assert!((errors.noise.unwrap() - 0.5).abs() < 0.1, "{errors:?}");
    }

    #[test]
    fn shuffling_keeps_each_sample_s_values_and_noise_its_margins() {
        let samples = samples();
        let moved = shuffled(samples.view(), 3);
        let sorted = |row: &[f64]| {
            let mut row = row.to_vec();
            row.sort_by(f64::total_cmp);
            row
        };
        let mut differ = 0;
        for (row, sample) in moved.values().chunks_exact(6).zip(samples.rows()) {
            assert_eq!(sorted(row), sorted(&sample.to_vec()));
            differ += usize::from(row != sample.to_vec());
        }
        assert!(differ > 200);
        let noise = gaussian(samples.view(), 3);
        for (i, column) in samples.columns().into_iter().enumerate() {
            let moments = |values: &[f64]| {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
            };
            let (mean, deviation) = moments(&column.to_vec());
            let drawn: Vec<f64> = noise.values().iter().skip(i).step_by(6).copied().collect();
            let (drawn_mean, drawn_deviation) = moments(&drawn);
            // Four standard errors.
            let error = 4.0 * deviation / 250.0_f64.sqrt();
            assert!((mean - drawn_mean).abs() < error && (deviation - drawn_deviation).abs() < error);
        }
    }
}
