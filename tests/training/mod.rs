//! Whole trainings, against scalar loops and against each other.

mod distribution;
mod identity;
mod measurements;
mod models;
mod theory;
mod threads;
mod updates;

use aesparse::activation::ActivationKind;
use aesparse::parameter::Value;
use aesparse::random::Noise;
use aesparse::real::Real;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::state::Parameters;
use aesparse::training::{Run, RunSpec, Samples, Trained};
use ndarray::Array2;

/// 43 samples of 7 inputs: the last of the batches of 10 has 3.
fn spec() -> RunSpec {
    RunSpec {
        data_sha256: "test".to_owned(),
        hidden: 9,
        activation: ActivationKind::Sigmoid.into(),
        threshold: 0.1,
        seed: 3,
        learning_rate: 0.01,
        batch: 10,
        epochs: 3,
        ..RunSpec::new(43, 7)
    }
}

fn with(name: &str, sigma_squared: f64) -> RunSpec {
    let kind = RegularizerKind::from_name(name).unwrap();
    RunSpec { regularizer: RegularizerSpec::new(kind, &[]).unwrap(), sigma_squared, ..spec() }
}

/// A DAE with choices such as `corruption` = `masking`.
fn dae(given: &[(&str, &'static str)], coefficient: f64) -> RunSpec {
    let given: Vec<_> = given.iter().map(|(name, choice)| (*name, Value::Choice(choice))).collect();
    dae_with(&given, coefficient)
}

/// A DAE with parameters of any type.
fn dae_with(given: &[(&str, Value)], coefficient: f64) -> RunSpec {
    let regularizer = RegularizerSpec::new(RegularizerKind::Dae, given).unwrap();
    RunSpec { regularizer, ..with("dae", coefficient) }
}

const DRAWS: (&str, Value) = ("draws", Value::Integer(4));
const ANTITHETIC: (&str, Value) = ("pairing", Value::Choice("antithetic"));

const CORRUPTIONS: [&str; 3] = ["gaussian", "masking", "salt_and_pepper"];

fn normals(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    let mut values = vec![0.0; rows * columns];
    Noise::new(seed).fill(0, &mut values);
    Array2::from_shape_vec((rows, columns), values).unwrap()
}

fn train(spec: &RunSpec) -> Trained<f64> {
    let (samples, held_out) = (normals(10, spec.samples, spec.inputs), normals(11, 12, spec.inputs));
    let samples = Samples { train: samples.view(), held_out: Some(held_out.view()) };
    Run::new(spec, samples, None).train(2, &mut ())
}

/// W by rows, b and b_d.
fn vectors<F: Real>(parameters: &Parameters<F>) -> [Vec<f64>; 3] {
    let weights = parameters.weights();
    let weights = weights.as_slice().expect("weights are row-major");
    [weights, parameters.bias(), parameters.decoder_bias()]
        .map(|values| values.iter().map(|x| x.as_f64()).collect())
}

/// W, b and b_d of two runs agree within `tolerance`.
fn assert_same(a: &Trained<f64>, b: &Trained<f64>, tolerance: f64) {
    let pairs = vectors(&a.last).into_iter().zip(vectors(&b.last));
    for (name, (a, b)) in ["W", "b", "b_d"].into_iter().zip(pairs) {
        assert_eq!(a.len(), b.len(), "{name} has another length");
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() <= tolerance, "{name} differs: {a} {b}");
        }
    }
}
