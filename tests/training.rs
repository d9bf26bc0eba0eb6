//! Whole trainings against scalar loops: measurements, identities between models, determinism, divergence.

use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::data::Standardize;
use aesparse::optimizer::EncoderBias;
use aesparse::parameter::Value;
use aesparse::random::Noise;
use aesparse::real::Real;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::state::Parameters;
use aesparse::training::{
    Measurement, Observer, Run, RunSpec, Samples, Status, TheoryOutcome, TheorySpec, Trained, WarmStart,
    key_of, settings_of,
};
use ndarray::Array2;

struct Silent;

impl Observer for Silent {
    fn epoch(&mut self, _: u32, _: f64, _: &Measurement) {}
}

/// 43 samples of 7 inputs: the last of the batches of 10 has 3.
fn spec() -> RunSpec {
    RunSpec {
        data_sha256: "test".to_owned(),
        samples: 43,
        inputs: 7,
        standardize: Standardize::None,
        hidden: 9,
        activation: ActivationKind::Sigmoid,
        threshold: 0.1,
        constraint: Constraint::UnitNorm,
        decoder_bias: false,
        encoder_bias: EncoderBias::Trained,
        warm_start: None,
        regularizer: RegularizerSpec::none(),
        sigma_squared: 0.0,
        seed: 3,
        learning_rate: 0.01,
        momentum: 0.9,
        batch: 10,
        epochs: 3,
        shuffle: true,
    }
}

fn with(name: &str, sigma_squared: f64) -> RunSpec {
    let kind = RegularizerKind::from_name(name).unwrap();
    RunSpec { regularizer: RegularizerSpec::new(kind, &[]).unwrap(), sigma_squared, ..spec() }
}

/// A DAE with choices such as `corruption` = `masking`.
fn dae(given: &[(&str, &'static str)], coefficient: f64) -> RunSpec {
    let given: Vec<_> = given.iter().map(|(name, choice)| (*name, Value::Choice(choice))).collect();
    let regularizer = RegularizerSpec::new(RegularizerKind::Dae, &given).unwrap();
    RunSpec { regularizer, ..with("dae", coefficient) }
}

const CORRUPTIONS: [&str; 3] = ["gaussian", "masking", "salt_and_pepper"];

fn normals(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    let mut values = vec![0.0; rows * columns];
    Noise::new(seed).fill(0, &mut values);
    Array2::from_shape_vec((rows, columns), values).unwrap()
}

fn train(spec: &RunSpec) -> Trained<f64> {
    let (samples, held_out) = (normals(10, spec.samples, spec.inputs), normals(11, 12, spec.inputs));
    let samples = Samples { train: samples.view(), held_out: Some(held_out.view()) };
    Run::new(spec, samples, None).train(2, &mut Silent)
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

#[test]
fn measurements_agree_with_scalar_loops() {
    for activation in [ActivationKind::Relu, ActivationKind::Softplus] {
        for decoder_bias in [false, true] {
            let spec = RunSpec { activation, decoder_bias, threshold: 0.05, ..with("cae", 0.2) };
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
    let start = WarmStart {
        weights: trained.last.weights().to_owned(),
        bias: trained.last.bias().to_vec(),
        decoder_bias: Vec::new(),
    };
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
    let spec = RunSpec { activation: ActivationKind::Relu, threshold: 0.0, ..spec() };
    let samples = normals(10, 43, 7);
    let mut bias = vec![0.0; 9];
    (bias[2], bias[5]) = (-1e3, -1e3);
    let mut weights = normals(12, 9, 7);
    weights.row_mut(7).fill(0.0);
    let start = WarmStart { weights, bias, decoder_bias: Vec::new() };
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
    let often = Run::new(&spec, data, None).train(1, &mut Silent);
    let seldom = Run::new(&spec, data, None).train(1000, &mut Silent);
    assert_same(&often, &seldom, 0.0);
    assert_eq!(often.outcome.measurements.last(), seldom.outcome.measurements.last());
}

const THEORY: TheorySpec = TheorySpec { every: 2, samples: 30, units: true };

fn measured(spec: &RunSpec, theory: TheorySpec, samples: &Array2<f64>) -> (Trained<f64>, TheoryOutcome) {
    let held_out = normals(11, 12, spec.inputs);
    let samples = Samples { train: samples.view(), held_out: Some(held_out.view()) };
    let mut trained = Run::new(spec, samples, None).measuring(theory).train(2, &mut Silent);
    let theory = trained.theory.take().unwrap();
    (trained, theory)
}

#[test]
fn measuring_the_theory_does_not_change_a_run() {
    for name in ["none", "dae", "edae", "cae", "kl_sae", "l1"] {
        let spec = with(name, 0.3);
        let (trained, theory) = measured(&spec, THEORY, &normals(10, 43, 7));
        let plain = train(&spec);
        assert!(plain.theory.is_none());
        assert_same(&trained, &plain, 0.0);
        assert_eq!(trained.outcome, plain.outcome, "{name}");
        let epochs: Vec<_> =
            (0..theory.epochs.rows.len()).map(|row| theory.epochs.get(row, "epoch")).collect();
        assert_eq!(epochs, [0.0, 2.0, 3.0].map(Some), "{name}");
        assert_eq!(theory.epochs.get(0, "measured_samples"), Some(30.0));
        assert_eq!(theory.run.rows.len(), 1);
        // The ledger is about what corruption adds to J_AE: no other term may stand in the objective.
        assert_eq!(theory.ledger.rows.is_empty(), ["cae", "kl_sae", "l1"].contains(&name), "{name}");
        let units = theory.units.unwrap();
        assert_eq!(units.rows.len(), 3 * spec.hidden);
        let inactive = |row: usize| units.get(row, "inactive_fraction").unwrap();
        let mean = (0..spec.hidden).map(inactive).sum::<f64>() / spec.hidden as f64;
        assert!((mean - theory.epochs.get(0, "inactive_fraction_mean").unwrap()).abs() < 1e-12);
    }
}

/// Samples x and −x, so that E\[x\] = 0.
fn symmetric() -> Array2<f64> {
    let half = normals(10, 20, 7);
    Array2::from_shape_fn((40, 7), |(b, i)| if b < 20 { half[[b, i]] } else { -half[[b - 20, i]] })
}

/// Eq. 5 is an identity for the step that the theorem is about: all samples at once, no momentum, whatever the projection.
#[test]
fn a_plain_step_on_all_samples_moves_the_mean_pre_activations_as_theorem_1_says() {
    for name in ["none", "cae", "mdae", "kl_sae", "l1"] {
        let plain = RunSpec { samples: 40, batch: 40, momentum: 0.0, epochs: 2, ..with(name, 0.3) };
        let every = TheorySpec { every: 1, samples: 1000, units: false };
        let (_, theory) = measured(&plain, every, &symmetric());
        // An epoch is one step here, so that what comes until the next measurement is the step.
        for (row, part) in [(0, "step"), (0, "interval"), (1, "step"), (1, "interval")] {
            let get = |what: &str| theory.epochs.get(row, &format!("theorem1_{part}_{what}")).unwrap();
            assert!((get("slope") - 1.0).abs() < 1e-9, "{name}: {}", get("slope"));
            assert!((get("correlation") - 1.0).abs() < 1e-9, "{name}: {}", get("correlation"));
            assert_eq!(get("sign"), 1.0, "{name}");
        }
        for part in ["step", "interval"] {
            assert_eq!(
                theory.epochs.get(2, &format!("theorem1_{part}_slope")),
                None,
                "nothing comes after the end"
            );
        }
    }
}

/// With momentum the same steps go 1, 1 + μ, 1 + μ + μ², … as far while the gradient hardly changes.
#[test]
fn momentum_carries_the_mean_pre_activations_on() {
    let spec =
        RunSpec { samples: 40, batch: 40, momentum: 0.5, epochs: 3, learning_rate: 1e-6, ..with("l1", 0.3) };
    let every = TheorySpec { every: 1, samples: 1000, units: false };
    let (_, theory) = measured(&spec, every, &symmetric());
    for (row, expected) in [(0, 1.0), (1, 1.5), (2, 1.75)] {
        let slope = theory.epochs.get(row, "theorem1_step_slope").unwrap();
        assert!((slope - expected).abs() < 1e-4, "{slope} after {row} steps");
    }
}

#[test]
fn a_run_that_diverges_keeps_what_was_measured_of_the_theory_before() {
    let spec = RunSpec { learning_rate: 1e3, constraint: Constraint::None, epochs: 20, ..with("dae", 0.1) };
    let spec = RunSpec { activation: ActivationKind::Identity, ..spec };
    let (trained, theory) = measured(&spec, TheorySpec { every: 1, ..THEORY }, &normals(10, 43, 7));
    assert!(matches!(trained.outcome.status, Status::Diverged { .. }));
    assert!(!theory.epochs.rows.is_empty() && theory.run.rows.is_empty() && theory.ledger.rows.is_empty());
}

#[test]
fn training_lowers_the_objective_and_stays_on_the_constraint() {
    for name in ["none", "cae", "kl_sae", "l1"] {
        let trained = train(&RunSpec { epochs: 40, ..with(name, 0.05) });
        assert_eq!(trained.outcome.status, Status::Completed);
        let objective = |m: &Measurement| m.reconstruction + m.penalty.unwrap_or(0.0);
        let measured = &trained.outcome.measurements;
        assert!(objective(measured.last().unwrap()) < 0.9 * objective(&measured[0]), "{name}");
        for row in trained.last.weights().rows() {
            assert!((row.dot(&row).sqrt() - 1.0).abs() < 1e-12, "{name}");
        }
    }
}

#[test]
fn single_precision_rows_have_length_one_within_a_millionth() {
    let samples = normals(10, 43, 7).mapv(|x| x as f32);
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec(), data, None).train(10, &mut Silent);
    for row in trained.last.weights().rows() {
        let norm = row.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>().sqrt();
        assert!((norm - 1.0).abs() < 1e-6, "{norm}");
    }
}

/// Where a run with units of bias −½ and rows of length about 1 begins, where it ends, and its activation fractions.
fn trained_in<F: Real>(spec: &RunSpec) -> ([Vec<f64>; 2], Vec<f64>) {
    let samples = normals(10, spec.samples, spec.inputs).mapv(F::from_f64);
    let weights = normals(12, spec.hidden, spec.inputs) / (spec.inputs as f64).sqrt();
    let start = WarmStart {
        weights: weights.mapv(F::from_f64),
        bias: vec![F::from_f64(-0.5); spec.hidden],
        decoder_bias: Vec::new(),
    };
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(spec, data, Some(&start)).train(1, &mut Silent);
    assert_eq!(trained.outcome.status, Status::Completed);
    let fractions = trained.outcome.measurements.iter().map(|m| m.avg_activation_fraction).collect();
    ([&trained.initial, &trained.last].map(|parameters| vectors(parameters).concat()), fractions)
}

/// The update that trains, which adds the last terms of the gradient in its own pass over the velocity, against the same in double
/// precision, where no terms wait. Both precisions have the same samples, order and noise.
///
/// On a processor with kernels the terms do wait here, in either way: each batch, of 50, 50 or 30 samples, takes at least
/// 30 · 70 · 33 multiplications, more than the 4096 of a small product; sigmoid units are never left out, ReLU's are where fewer
/// than 600 of 1000 pairs are active, of which it is asserted that less than half are. 70 rows are moved in parts of 30, 30 and
/// 10. CAE's penalty on row lengths moves them radially; eDAE adds products of its own before. No more than six steps, for a
/// pre-activation at ReLU's kink would be on either side of it by its rounding.
#[test]
fn single_precision_goes_the_way_of_double_precision() {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    for activation in [ActivationKind::Sigmoid, ActivationKind::Relu] {
        for constraint in [Constraint::UnitNorm, Constraint::None] {
            for name in ["cae", "edae"] {
                let spec = RunSpec {
                    samples: 130,
                    inputs: 33,
                    hidden: 70,
                    activation,
                    threshold: 0.0,
                    constraint,
                    decoder_bias: true,
                    batch: 50,
                    epochs: 2,
                    ..with(name, 0.1)
                };
                let ([_, single], fractions) = trained_in::<f32>(&spec);
                let ([start, double], _) = trained_in::<f64>(&spec);
                let label = format!("{name} under {activation:?}, {constraint:?}");
                if activation == ActivationKind::Relu {
                    assert!(fractions.iter().all(|fraction| (0.1..0.5).contains(fraction)), "{fractions:?}");
                }
                // Of the way that they went: most of a parameter is what it was.
                let error = distance(&single, &double) / distance(&double, &start);
                assert!(error < 1e-4, "{label}: {error:e}");
            }
        }
    }
}

#[test]
fn under_relu_and_unit_norm_cae_and_mdae_go_the_same_way() {
    let relu = |spec: RunSpec| RunSpec { activation: ActivationKind::Relu, threshold: 0.0, ..spec };
    let (cae, mdae) = (train(&relu(with("cae", 0.5))), train(&relu(with("mdae", 0.5))));
    // Their gradients differ radially; the velocity keeps that part, so the paths agree at first order only.
    assert!(cae.last.weights() != train(&relu(spec())).last.weights(), "the penalty has an effect");
    let distance = (&cae.last.weights() - &mdae.last.weights()).mapv(|x| x * x).sum().sqrt();
    let length = (&cae.last.weights() - &cae.initial.weights()).mapv(|x| x * x).sum().sqrt();
    assert!(distance < 0.2 * length, "{distance} of {length}");
}

#[test]
fn at_sigma_zero_every_model_trains_to_the_same_bits() {
    let plain = train(&spec());
    for kind in RegularizerKind::ALL {
        let trained = train(&with(kind.name(), 0.0));
        assert_same(&plain, &trained, 0.0);
        assert_eq!(with(kind.name(), 0.0).canonical(), spec());
    }
    for corruption in CORRUPTIONS {
        for noise in ["fresh", "fixed"] {
            let spec_at_zero = dae(&[("corruption", corruption), ("noise", noise)], 0.0);
            assert_same(&plain, &train(&spec_at_zero), 0.0);
            assert_eq!(spec_at_zero.canonical(), spec());
        }
    }
}

/// The losses of three epochs with W all but fixed: they differ by nothing but the corruption.
#[test]
fn noise_drawn_once_is_the_same_in_every_epoch_order_and_batch() {
    for corruption in CORRUPTIONS {
        let losses = |noise, batch, shuffle| {
            let spec = dae(&[("corruption", corruption), ("noise", noise)], 0.3);
            let spec = RunSpec { learning_rate: 1e-13, batch, shuffle, ..spec };
            let (samples, mut losses) = (normals(10, 43, 7), Vec::new());
            let mut run = Run::new(&spec, Samples { train: samples.view(), held_out: None }, None);
            for _ in 0..3 {
                let steps = run.steps_per_epoch();
                let rows =
                    |step: u64| if step + 1 == steps { 43 - batch * (steps as usize - 1) } else { batch };
                losses
                    .push((0..steps).map(|step| run.step().unwrap() * rows(step) as f64).sum::<f64>() / 43.0);
            }
            losses
        };
        let expected = losses("fixed", 10, true)[0];
        let plans = [losses("fixed", 10, true), losses("fixed", 7, true), losses("fixed", 43, false)];
        for loss in plans.concat() {
            assert!((loss / expected - 1.0).abs() < 1e-9, "{corruption}: {loss} is not {expected}");
        }
        let fresh = losses("fresh", 10, true);
        assert!(
            fresh.windows(2).all(|pair| (pair[0] / pair[1] - 1.0).abs() > 1e-3),
            "{corruption}: {fresh:?}"
        );
    }
}

#[test]
fn a_frozen_encoder_bias_stays_to_the_bit_and_the_weights_learn() {
    let frozen = |spec: RunSpec| RunSpec { encoder_bias: EncoderBias::Frozen, ..spec };
    let bits = |bias: &[f64]| bias.iter().map(|b| b.to_bits()).collect::<Vec<_>>();
    for name in ["none", "dae", "kl_sae", "cae"] {
        let spec =
            RunSpec { epochs: 40, decoder_bias: true, ..with(name, if name == "none" { 0.0 } else { 0.05 }) };
        let trained = train(&frozen(spec.clone()));
        assert_eq!(bits(trained.last.bias()), [0; 9], "{name}");
        assert!(trained.last.decoder_bias().iter().all(|b| *b != 0.0), "{name}: b_d is trained");
        let measured = &trained.outcome.measurements;
        assert!(measured.last().unwrap().reconstruction < 0.9 * measured[0].reconstruction, "{name}");
        assert!(train(&spec).last.bias().iter().all(|b| *b != 0.0), "{name}: it would have moved");
    }
    // The warm start's, with a zero whose sign a sum would lose.
    let bias = vec![0.3, -0.0, -1.5, 1e-300, 0.0, 2.0, -0.7, 0.1, 1.0];
    let start = WarmStart { weights: normals(13, 9, 7), bias: bias.clone(), decoder_bias: Vec::new() };
    let samples = normals(10, 43, 7);
    let spec = frozen(with("dae", 0.1));
    let run = Run::new(&spec, Samples { train: samples.view(), held_out: None }, Some(&start));
    let trained = run.train(10, &mut Silent);
    assert_eq!(bits(trained.last.bias()), bits(&bias));
    assert_ne!(trained.last.weights(), trained.initial.weights());
}

#[test]
fn a_corrupted_run_reconstructs_the_clean_sample() {
    // With W fixed by a tiny rate, E‖x − f(x̃)‖² over many draws: f(x̃) = WᵀW(x + σε) under identity units.
    let spec = RunSpec {
        activation: ActivationKind::Identity,
        constraint: Constraint::None,
        learning_rate: 1e-12,
        epochs: 400,
        ..with("dae", 0.25)
    };
    let samples = normals(10, 43, 7);
    let data = Samples { train: samples.view(), held_out: None };
    let weights = normals(13, 9, 7) * 0.3;
    let start = WarmStart { weights: weights.clone(), bias: vec![0.0; 9], decoder_bias: Vec::new() };
    let mut run = Run::new(&spec, data, Some(&start));
    let per_epoch = run.steps_per_epoch();
    let mut sum = 0.0;
    for step in 0..400 * per_epoch {
        let rows = if step % per_epoch == per_epoch - 1 { 3.0 } else { 10.0 };
        sum += run.step().unwrap() * rows / (43.0 * 400.0);
    }
    let map = weights.t().dot(&weights);
    let clean = (&samples - &samples.dot(&map)).mapv(|x| x * x).sum() / 43.0;
    let expected = clean + 0.25 * map.mapv(|x| x * x).sum();
    // 17,200 samples: the standard error is near 1 %.
    assert!((sum / expected - 1.0).abs() < 0.05, "{sum} is not {expected}");
    assert!((sum / clean - 1.0).abs() > 0.1, "the corruption is seen");
}

#[test]
fn momentum_order_and_ragged_batches_follow_the_equations() {
    // Plain SGD in scalar loops on the linear auto-encoder, in the order of the samples.
    let spec = RunSpec {
        activation: ActivationKind::Identity,
        constraint: Constraint::None,
        shuffle: false,
        epochs: 2,
        ..spec()
    };
    let samples = normals(10, 43, 7);
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec, data, None).train(10, &mut Silent);
    let mut w = trained.initial.weights().to_owned();
    let mut b = ndarray::Array1::<f64>::zeros(9);
    let (mut v_w, mut v_b) = (Array2::<f64>::zeros((9, 7)), ndarray::Array1::<f64>::zeros(9));
    for _ in 0..2 {
        for batch in samples.axis_chunks_iter(ndarray::Axis(0), 10) {
            let count = batch.nrows() as f64;
            let h = batch.dot(&w.t()) + &b;
            let g = (h.dot(&w) - batch) * (2.0 / count);
            let adjoint = g.dot(&w.t());
            v_w = v_w * 0.9 - (adjoint.t().dot(&batch) + h.t().dot(&g)) * 0.01;
            v_b = v_b * 0.9 - adjoint.sum_axis(ndarray::Axis(0)) * 0.01;
            w += &v_w;
            b += &v_b;
        }
    }
    assert!((&w - &trained.last.weights()).iter().all(|d| d.abs() < 1e-12));
    assert!(b.iter().zip(trained.last.bias()).all(|(b, found)| (b - found).abs() < 1e-12));
}

#[test]
fn divergence_is_a_result_with_epoch_and_step() {
    let wild = RunSpec {
        constraint: Constraint::None,
        activation: ActivationKind::Relu,
        learning_rate: 1e3,
        ..spec()
    };
    let trained = train(&wild);
    let Status::Diverged { epoch, step } = trained.outcome.status else { panic!("a rate of 1000 diverges") };
    assert!((1..=3).contains(&epoch) && u64::from(epoch - 1) * 5 < step && step <= u64::from(epoch) * 5);
    assert!(trained.outcome.measurements.iter().all(Measurement::is_finite));
    assert_eq!(trained.outcome.measurements[0].epoch, 0);
}

#[test]
fn data_that_overflow_diverge_before_the_first_step() {
    let samples = Array2::from_elem((43, 7), 1e30_f32);
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec(), data, None).train(1, &mut Silent);
    assert_eq!(trained.outcome.status, Status::Diverged { epoch: 0, step: 0 });
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

#[test]
fn the_run_key_follows_from_everything_that_changes_numbers() {
    let base = with("cae", 0.1);
    let changes: [fn(&mut RunSpec); 21] = [
        |s| s.data_sha256.push('x'),
        |s| s.samples += 1,
        |s| s.inputs += 1,
        |s| s.standardize = Standardize::Feature { epsilon: 0.1 },
        |s| s.hidden += 1,
        |s| s.activation = ActivationKind::Relu,
        |s| s.threshold = 0.2,
        |s| s.constraint = Constraint::MaxNorm { radius: 2.0 },
        |s| s.decoder_bias = true,
        |s| s.encoder_bias = EncoderBias::Frozen,
        |s| s.warm_start = Some("digest".to_owned()),
        |s| s.regularizer = RegularizerSpec::new(RegularizerKind::Mdae, &[]).unwrap(),
        |s| s.regularizer = dae(&[], 0.1).regularizer,
        |s| s.regularizer = dae(&[("corruption", "masking")], 0.1).regularizer,
        |s| s.regularizer = dae(&[("corruption", "masking"), ("noise", "fixed")], 0.1).regularizer,
        |s| s.sigma_squared = 0.2,
        |s| s.seed += 1,
        |s| s.learning_rate = 0.02,
        |s| s.momentum = 0.8,
        |s| s.batch += 1,
        |s| s.epochs += 1,
    ];
    let mut keys = vec![base.key()];
    for change in changes {
        let mut spec = base.clone();
        change(&mut spec);
        keys.push(spec.key());
    }
    keys.push(RunSpec { shuffle: false, ..base.clone() }.key());
    assert!(keys.iter().all(|key| key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit())));
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "two different runs share a key");
    assert_eq!(base.key(), with("cae", 0.1).key());
}

/// What was recorded before there were corruptions, noise drawn once and a frozen bias is found as before.
#[test]
fn settings_that_came_later_change_no_identity_at_their_defaults() {
    const RECORDED: &str = r#"{"activation":"sigmoid","batch":10,"constraint":{"kind":"unit_norm"},"data_sha256":"test",
        "decoder_bias":false,"epochs":3,"hidden":9,"inputs":7,"learning_rate":0.01,"momentum":0.9,"numerics":2,
        "regularizer":~,"samples":43,"seed":3,"shuffle":true,"sigma_squared":0.1,"standardize":{"scope":"none"},
        "threshold":0.1,"warm_start":null}"#;
    let identity = |regularizer| RECORDED.replace("\n        ", "").replace('~', regularizer);
    for (spec, regularizer) in [
        (with("dae", 0.1), r#"{"kind":"dae"}"#),
        (dae(&[("corruption", "gaussian"), ("noise", "fresh")], 0.1), r#"{"kind":"dae"}"#),
        (with("edae", 0.1), r#"{"kind":"edae"}"#),
        (with("corollary1", 0.1), r#"{"f":"identity","kind":"corollary1"}"#),
        (with("kl_sae", 0.1), r#"{"kind":"kl_sae","rho":0.0,"rho_max":0.99,"rho_min":0.001}"#),
    ] {
        assert_eq!(spec.identity().to_string(), identity(regularizer));
        assert_eq!(settings_of(&spec.identity())["encoder_bias"], "trained");
    }
    let fixed = dae(&[("noise", "fixed")], 0.1);
    let frozen = RunSpec { encoder_bias: EncoderBias::Frozen, ..fixed.clone() };
    assert_eq!(fixed.identity()["regularizer"].to_string(), r#"{"kind":"dae","noise":"fixed"}"#);
    assert_eq!(frozen.identity()["encoder_bias"], "frozen");
    assert_eq!(settings_of(&frozen.identity())["encoder_bias"], "frozen");
    assert_eq!(key_of(&frozen.identity()), frozen.key());
}
