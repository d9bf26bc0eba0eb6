//! What is measured of a run, against scalar loops, and when.

use super::{assert_same, normals, spec, train, with};
use aesparse::activation::{ActivationKind, ActivationSpec};
use aesparse::parameter::Value;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::state::Parameters;
use aesparse::training::{Run, RunSpec, Samples, Trained};

#[test]
fn measurements_agree_with_scalar_loops() {
    for activation in [ActivationKind::Relu, ActivationKind::Softplus].map(ActivationSpec::from) {
        for decoder_bias in [false, true] {
            let spec =
                RunSpec { activation: activation.clone(), decoder_bias, threshold: 0.05, ..with("cae", 0.2) };
            let trained = train(&spec);
            let found = trained.outcome.measurements.last().unwrap();
            let (w, b) = (trained.last.weights(), trained.last.bias());
            let b_d = |i: usize| trained.last.decoder_bias().get(i).copied().unwrap_or(0.0);
            assert_eq!(decoder_bias, !trained.last.decoder_bias().is_empty());
            let samples = normals(10, spec.samples, spec.inputs);
            let pre = |k: usize, j: usize| b[j] + (0..7).map(|i| w[[j, i]] * samples[[k, i]]).sum::<f64>();
            let hidden = |k: usize, j: usize| activation.jet(pre(k, j)).value;
            let slope = |k: usize, j: usize| activation.jet(pre(k, j)).slope;
            let output = |k: usize, i: usize| b_d(i) + (0..9).map(|j| w[[j, i]] * hidden(k, j)).sum::<f64>();
            let count = |j: usize| (0..43).filter(|k| hidden(*k, j) > 0.05).count();
            let active: usize = (0..9).map(count).sum();
            let dead = (0..9).filter(|j| count(*j) == 0).count();
            let mean = |j: usize| (0..43).map(|k| pre(k, j)).sum::<f64>() / 43.0;
            let variance = |j: usize| (0..43).map(|k| (pre(k, j) - mean(j)).powi(2)).sum::<f64>() / 43.0;
            let squared = |k: usize| (0..7).map(|i| (samples[[k, i]] - output(k, i)).powi(2)).sum::<f64>();
            let error = (0..43).map(squared).sum::<f64>() / 43.0;
            let center = |i: usize| samples.column(i).mean().unwrap();
            let total: f64 =
                samples.indexed_iter().map(|((_, i), x)| (x - center(i)).powi(2)).sum::<f64>() / 43.0;
            let norm = |j: usize| w.row(j).dot(&w.row(j)).sqrt();
            let penalty = |k: usize| (0..9).map(|j| (slope(k, j) * norm(j)).powi(2)).sum::<f64>();

            assert_eq!(found.avg_activation_fraction, active as f64 / (43.0 * 9.0));
            assert_eq!(found.dead_units, dead as u64);
            assert_eq!(found.dead_fraction, dead as f64 / 9.0);
            assert_eq!(found.alive_activation_fraction, Some(active as f64 / (43.0 * (9 - dead) as f64)));
            let close =
                |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            close(found.mean_pre_activation, (0..9).map(mean).sum::<f64>() / 9.0);
            close(found.variance_pre_activation, (0..9).map(variance).sum::<f64>() / 9.0);
            close(found.mean_weight_norm, 1.0);
            close(found.reconstruction, error);
            close(found.fraction_variance_unexplained.unwrap(), error / total);
            close(found.penalty.unwrap(), 0.2 * (0..43).map(penalty).sum::<f64>() / 43.0);
            assert_eq!(found.zero_rows, 0);
        }
    }
}

#[test]
fn held_out_samples_are_measured_by_themselves() {
    let spec = spec();
    let held_out = normals(11, 12, 7);
    let trained = train(&spec);
    let found = trained.outcome.measurements.last().unwrap();
    // The same parameters, with the held-out samples in the place of the training samples.
    let start = Parameters::new(trained.last.weights(), trained.last.bias().to_vec(), Vec::new());
    let other = RunSpec { samples: 12, ..spec };
    let samples = Samples { train: held_out.view(), held_out: None };
    let expected = Run::new(&other, samples, Some(&start)).measure(None);
    assert_eq!(found.held_out_activation_fraction, Some(expected.avg_activation_fraction));
    let difference = found.held_out_reconstruction.unwrap() - expected.reconstruction;
    assert!(difference.abs() < 1e-12);
    assert_eq!(expected.held_out_reconstruction, None);
}

#[test]
fn dead_units_are_those_that_no_sample_activates() {
    let spec = RunSpec { activation: ActivationKind::Relu.into(), threshold: 0.0, ..spec() };
    let samples = normals(10, 43, 7);
    let mut bias = vec![0.0; 9];
    (bias[2], bias[5]) = (-1e3, -1e3);
    let mut weights = normals(12, 9, 7);
    weights.row_mut(7).fill(0.0);
    let start = Parameters::new(weights.view(), bias, Vec::new());
    let data = Samples { train: samples.view(), held_out: None };
    let found = Run::new(&spec, data, Some(&start)).measure(None);
    // Unit 7 has a zero row and bias 0: its pre-activation is 0, and 0 is not active.
    assert_eq!((found.dead_units, found.zero_rows), (3, 1));
    let ratio = found.avg_activation_fraction / found.alive_activation_fraction.unwrap();
    assert!((ratio - 6.0 / 9.0).abs() < 1e-12);
    // At δ_min = −∞ every unit would count; at a high one none does, and no unit is left alive to average over.
    let all_dead = RunSpec { threshold: 1e6, ..spec.clone() };
    let found = Run::new(&all_dead, data, Some(&start)).measure(None);
    assert_eq!((found.dead_units, found.alive_activation_fraction), (9, None));
}

#[test]
fn evaluation_happens_at_zero_at_multiples_and_at_the_end() {
    let epochs =
        |measured: &Trained<f64>| measured.outcome.measurements.iter().map(|m| m.epoch).collect::<Vec<_>>();
    assert_eq!(epochs(&train(&RunSpec { epochs: 5, ..spec() })), [0, 2, 4, 5]);
    assert_eq!(epochs(&train(&RunSpec { epochs: 4, ..spec() })), [0, 2, 4]);
    let trained = train(&spec());
    assert!(trained.outcome.measurements[0].training_loss.is_none());
    assert!(trained.outcome.measurements[1].training_loss.unwrap() > 0.0);
}

#[test]
fn measuring_does_not_change_a_run() {
    let spec = with("kl_sae", 0.3);
    let samples = normals(10, 43, 7);
    let data = Samples { train: samples.view(), held_out: None };
    let often = Run::new(&spec, data, None).train(1, &mut ());
    let seldom = Run::new(&spec, data, None).train(1000, &mut ());
    assert_same(&often, &seldom, 0.0);
    assert_eq!(often.outcome.measurements.last(), seldom.outcome.measurements.last());
}

#[test]
fn hits_of_the_penalty_range_are_counted_over_steps_and_units() {
    let kind = RegularizerKind::KlSae;
    let given = [("rho", Value::Real(0.3)), ("rho_max", Value::Real(0.31)), ("rho_min", Value::Real(0.29))];
    let spec = RunSpec { regularizer: RegularizerSpec::new(kind, &given).unwrap(), ..with("kl_sae", 0.1) };
    let trained = train(&spec);
    let last = trained.outcome.measurements.last().unwrap();
    let (above, below) = (last.rho_max_hits.unwrap(), last.rho_min_hits.unwrap());
    // 15 steps of 9 units, nearly none of which stays within 0.29 … 0.31.
    assert!(above + below > 100 && above + below <= 135, "{above} {below}");
    let plain = train(&with("cae", 0.1));
    assert_eq!(plain.outcome.measurements.last().unwrap().rho_max_hits, None);
}
