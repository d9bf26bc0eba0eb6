//! The training that the benches time: Gaussian samples of a fixed seed, the paper's protocol, a rate of 1e-9 so that
//! the activation fraction stays where the biases put it.

use aesparse::activation::ActivationKind;
use aesparse::init;
use aesparse::random::Noise;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::state::Parameters;
use aesparse::training::RunSpec;
use ndarray::Array2;

/// Samples of the benches: 100 steps an epoch.
pub(crate) const SAMPLES: usize = 5000;

/// The run of `model` and `activation` on `inputs` inputs.
pub(crate) fn spec(model: &str, activation: &str, inputs: usize) -> RunSpec {
    let kind = RegularizerKind::from_name(model).expect("a model of the catalogue");
    RunSpec {
        activation: ActivationKind::from_name(activation).expect("an activation of the catalogue").into(),
        regularizer: RegularizerSpec::new(kind, &[]).expect("the defaults are accepted"),
        sigma_squared: 0.25,
        learning_rate: 1e-9,
        epochs: 1_000_000,
        ..RunSpec::new(SAMPLES, inputs)
    }
}

/// Standard normal samples \[N, n\].
pub(crate) fn samples(inputs: usize) -> Array2<f32> {
    let mut values = vec![0.0; SAMPLES * inputs];
    Noise::new(77).fill(0, &mut values);
    Array2::from_shape_vec((SAMPLES, inputs), values).expect("one value per sample and input")
}

/// Unit-norm weights, and biases at which a unit is active on a fraction `active` of what the encoder sees: standard
/// normal samples, which DAE corrupts with variance σ².
pub(crate) fn start(spec: &RunSpec, active: f64) -> Parameters<f32> {
    let parameters = init::glorot::<f32>(1, spec.hidden, spec.inputs, false, spec.constraint);
    let mut normals = vec![0.0_f64; 100_000];
    Noise::new(78).fill(0, &mut normals);
    normals.sort_by(f64::total_cmp);
    // a is normal for unit rows: the bias is the quantile that `active` of the mass lies above, negated.
    let place = ((1.0 - active) * (normals.len() - 1) as f64) as usize;
    let corrupted = spec.regularizer.kind() == RegularizerKind::Dae;
    let spread = if corrupted { (1.0 + spec.sigma_squared).sqrt() } else { 1.0 };
    let bias = vec![(-normals[place] * spread) as f32; spec.hidden];
    Parameters::new(parameters.weights(), bias, Vec::new())
}
