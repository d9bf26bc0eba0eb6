//! Checks a gradient against finite differences of its objective.

use super::Objective;
use crate::activation::ActivationSpec;
use crate::random::Noise;
use crate::regularizer::{RegularizerSpec, Shape, Step};
use crate::state::{GradientBuffer, Parameters};
use ndarray::{Array2, ArrayView2};

/// B samples of n inputs, m hidden units.
const SHAPE: Shape = Shape { batch: 5, inputs: 6, hidden: 4 };

/// ‖g − d‖ / ‖d‖ of the gradient g of J and its central differences d, in double precision, over all entries of W, b_e and b_d.
/// The auto-encoder is small; its random weights and samples are the same in every call.
///
/// The differences have an error of about 1e-10, so a correct gradient stays below 1e-7. An activation with a kink is an
/// exception: a difference moves a pre-activation by up to 6e-6 times the largest input of the encoder (at least 6e-6), and one
/// of the 20 pre-activations may be closer to the kink. For a model of your own:
///
/// ```
/// use aesparse::activation::ActivationKind;
/// use aesparse::objective::gradient_error;
/// use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
///
/// let cae = RegularizerSpec::new(RegularizerKind::Cae, &[])?;
/// assert!(gradient_error(ActivationKind::Sigmoid, &cae, 0.3) < 1e-7);
/// # Ok::<(), String>(())
/// ```
///
/// # Panics
/// If `sigma_squared` isn't one of [`RegularizerSpec::coefficients`].
pub fn gradient_error(
    activation: impl Into<ActivationSpec>,
    regularizer: &RegularizerSpec,
    sigma_squared: f64,
) -> f64 {
    let activation = activation.into();
    let Shape { batch, inputs, hidden } = SHAPE;
    let samples = normals(1, batch, inputs, 1.0);
    let [bias, decoder_bias] = [(3, hidden), (4, inputs)].map(|(seed, len)| normals(seed, 1, len, 0.5));
    let parameters = Parameters::new(
        normals(2, hidden, inputs, 0.4).view(),
        bias.into_raw_vec_and_offset().0,
        decoder_bias.into_raw_vec_and_offset().0,
    );
    let evaluate = |parameters: &Parameters<f64>| {
        let mut regularizer = regularizer.build(sigma_squared, SHAPE);
        regularizer.prepare(samples.view());
        evaluate(&mut Objective::new(&activation, regularizer, SHAPE), parameters, samples.view())
    };
    let differences = central_differences(&parameters, |parameters| evaluate(parameters).0);
    relative_error(&evaluate(&parameters).1, &differences)
}

/// The derivatives of `value` by every parameter, in the order of [`Parameters::flatten`].
pub(crate) fn central_differences(
    parameters: &Parameters<f64>,
    value: impl Fn(&Parameters<f64>) -> f64,
) -> Vec<f64> {
    let flat = parameters.flatten();
    let value_with = |place: usize, by: f64| {
        let mut flat = flat.clone();
        flat[place] += by;
        value(&parameters.with_values(&flat))
    };
    // The cube root of the machine epsilon balances truncation and rounding of a central difference.
    let h = f64::EPSILON.cbrt();
    (0..flat.len()).map(|place| (value_with(place, h) - value_with(place, -h)) / (2.0 * h)).collect()
}

/// ‖a − b‖ / ‖b‖.
pub(crate) fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    let distance: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    (distance / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

/// J and ∇J, in the order of [`Parameters::flatten`].
fn evaluate(
    objective: &mut Objective<f64>,
    parameters: &Parameters<f64>,
    samples: ArrayView2<'_, f64>,
) -> (f64, Vec<f64>) {
    let indices: Vec<u32> = (0..).take(samples.nrows()).collect();
    let step = Step { noise: &Noise::new(5), number: 0, samples: &indices };
    let mut buffer = GradientBuffer::zeros(parameters);
    let value = objective.evaluate(parameters, samples, step, &mut buffer.accumulate(1.0));
    objective.products_mut().add_pending(buffer.accumulate(1.0).weights);
    (value, buffer.flatten(parameters))
}

fn normals(seed: u64, rows: usize, columns: usize, scale: f64) -> Array2<f64> {
    let mut values = Array2::zeros((rows, columns));
    Noise::new(seed).fill(0, values.as_slice_mut().expect("a matrix of its own is contiguous"));
    values * scale
}
