//! What corruptions and penalties make of a training, and identities between models.

use super::{ANTITHETIC, CORRUPTIONS, DRAWS, assert_same, dae, dae_with, normals, spec, train, with};
use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::parameter::Value;
use aesparse::regularizer::RegularizerKind;
use aesparse::state::Parameters;
use aesparse::training::{Run, RunSpec, Samples};

#[test]
fn under_relu_and_unit_norm_cae_and_mdae_go_the_same_way() {
    let relu = |spec: RunSpec| RunSpec { activation: ActivationKind::Relu.into(), threshold: 0.0, ..spec };
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
    for given in [&[DRAWS][..], &[DRAWS, ANTITHETIC]] {
        assert_same(&plain, &train(&dae_with(given, 0.0)), 0.0);
    }
}

/// The losses of three epochs with W all but fixed: they differ by nothing but the corruption. The loss of several draws is their
/// mean, also in the last batch of an epoch.
#[test]
fn noise_drawn_once_is_the_same_in_every_epoch_order_and_batch() {
    let one = CORRUPTIONS.map(|corruption| vec![("corruption", Value::Choice(corruption))]);
    let models = one.into_iter().chain([vec![DRAWS], vec![DRAWS, ANTITHETIC]]);
    for corruption in models {
        let losses = |noise, batch, shuffle| {
            let given = [&corruption[..], &[("noise", Value::Choice(noise))]].concat();
            let spec = dae_with(&given, 0.3);
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
            assert!((loss / expected - 1.0).abs() < 1e-9, "{corruption:?}: {loss} is not {expected}");
        }
        let fresh = losses("fresh", 10, true);
        assert!(
            fresh.windows(2).all(|pair| (pair[0] / pair[1] - 1.0).abs() > 1e-3),
            "{corruption:?}: {fresh:?}"
        );
    }
}

#[test]
fn a_corrupted_run_reconstructs_the_clean_sample() {
    // With W fixed by a tiny rate, E‖x − f(x̃)‖² over many draws: f(x̃) = WᵀW(x + σε) under identity units.
    let spec = RunSpec {
        activation: ActivationKind::Identity.into(),
        constraint: Constraint::None,
        learning_rate: 1e-12,
        epochs: 400,
        ..with("dae", 0.25)
    };
    let samples = normals(10, 43, 7);
    let data = Samples { train: samples.view(), held_out: None };
    let weights = normals(13, 9, 7) * 0.3;
    let start = Parameters::new(weights.view(), vec![0.0; 9], Vec::new());
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
