//! Assumption 1 and Lemma 1.

use super::{TestNetwork, assert_close, derivative, spec};
use crate::activation::ActivationKind;
use crate::activation::tests::activations;
use crate::linalg::Matrix;
use crate::objective::Objective;
use crate::random::Noise;
use crate::regularizer::{RegularizerKind, RegularizerSpec, Shape, Step};
use crate::state::{GradientBuffer, Parameters};
use crate::theory::{CORRELATED_SAMPLES, DataMoments, Quantiles, Theory, TheoryMeasurement};
use ndarray::{Array2, array, s};

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn data_moments_equal_plain_loops() {
    let samples = TestNetwork::new(ActivationKind::Relu, 1, [230, 5, 2]).samples;
    let moments = DataMoments::of(samples.view());
    let means: Vec<f64> = (0..5).map(|i| mean(samples.column(i).iter().copied())).collect();
    let covariance =
        |i: usize, k: usize| mean(samples.rows().into_iter().map(|x| (x[i] - means[i]) * (x[k] - means[k])));
    let (mut distance, mut largest) = (0.0, 0.0_f64);
    for (i, mean) in means.iter().enumerate() {
        assert_close(moments.mean[i], *mean, 1e-13, "mean");
        for k in 0..5 {
            let target = if i == k { 1.0 } else { 0.0 };
            distance += (covariance(i, k) - target).powi(2);
            largest = if i == k { largest } else { largest.max(covariance(i, k).abs()) };
        }
    }
    assert_close(moments.mean_length, means.iter().map(|x| x * x).sum::<f64>().sqrt(), 1e-13, "length");
    assert_close(moments.largest_mean, means.iter().fold(0.0, |a, b| a.max(b.abs())), 1e-13, "largest mean");
    assert_close(moments.covariance_distance, (distance / 5.0).sqrt(), 1e-12, "distance");
    assert_close(moments.largest_covariance, largest, 1e-12, "largest covariance");
    let variances = moments.variances;
    assert_close(variances.mean.unwrap(), mean((0..5).map(|i| covariance(i, i))), 1e-12, "variance");
}

#[test]
fn white_data_meet_assumption_1_exactly_and_gaussian_samples_up_to_chance() {
    let white = DataMoments::of(TestNetwork::new(ActivationKind::Relu, 1, [1, 6, 2]).white().samples.view());
    assert!(
        white.mean_length < 1e-15 && white.covariance_distance < 1e-14 && white.largest_covariance < 1e-15
    );
    let (count, n) = (4000, 12);
    let mut drawn = Matrix::<f32>::zeros(count, n);
    Noise::new(3).fill(0, drawn.values_mut());
    let chance = ((n + 1) as f64 / count as f64).sqrt();
    let distance = DataMoments::of(drawn.view()).covariance_distance;
    // A sum of n² squares of about this size has a spread of about a tenth of it.
    assert!((distance / chance - 1.0).abs() < 0.3, "{distance} by chance {chance}");
    let constant = DataMoments::of(Array2::from_elem((7, 3), 2.0_f32).view());
    assert_eq!((constant.covariance_distance, constant.largest_mean), (1.0, 2.0));
}

/// Moments, deviations and correlations; correlations only on the first thousand samples.
#[test]
fn the_residual_moments_equal_plain_loops() {
    for samples in [130, CORRELATED_SAMPLES + 250] {
        let lab = TestNetwork::new(ActivationKind::Sigmoid, 5, [samples, 4, 3]);
        let residual = lab.measure(&RegularizerSpec::none(), 0.0).residual;
        let r = lab.residuals();
        let of = |i: usize| r.iter().map(move |r| r[i]);
        let means: Vec<f64> = (0..4).map(|i| mean(of(i))).collect();
        let grand = mean(r.iter().flatten().copied());
        let central = |i: usize, k: i32| mean(of(i).map(|r| (r - means[i]).powi(k)));
        let expected = [
            (residual.mean_length, means.iter().map(|x| x * x).sum::<f64>().sqrt()),
            (residual.mean, grand),
            (residual.deviation, mean(r.iter().flatten().map(|r| (r - grand).powi(2))).sqrt()),
            (residual.deviation_within, mean((0..4).map(|i| central(i, 2))).sqrt()),
            (residual.root_mean_square, mean(r.iter().flatten().map(|r| r * r)).sqrt()),
            (residual.skewness.unwrap(), mean((0..4).map(|i| central(i, 3) / central(i, 2).powf(1.5)))),
            (
                residual.excess_kurtosis.unwrap(),
                mean((0..4).map(|i| central(i, 4) / central(i, 2).powi(2))) - 3.0,
            ),
            (
                residual.dimension_deviations.max.unwrap(),
                (0..4).map(|i| central(i, 2).sqrt()).fold(0.0, f64::max),
            ),
        ];
        for (place, (found, expected)) in expected.into_iter().enumerate() {
            assert_close(found, expected, 1e-11, &format!("number {place}"));
        }
        assert!(
            residual.deviation_within < residual.deviation && residual.deviation < residual.root_mean_square
        );

        let first = &r[..samples.min(CORRELATED_SAMPLES)];
        let covariance = |i: usize, k: usize| {
            let (a, b) = (mean(first.iter().map(|r| r[i])), mean(first.iter().map(|r| r[k])));
            mean(first.iter().map(|r| (r[i] - a) * (r[k] - b)))
        };
        let pairs = (0..4).flat_map(|i| (0..i).map(move |k| (i, k)));
        let correlation = |(i, k)| (covariance(i, k) / (covariance(i, i) * covariance(k, k)).sqrt()).abs();
        assert_close(
            residual.mean_absolute_correlation.unwrap(),
            mean(pairs.map(correlation)),
            1e-11,
            "correlation",
        );
        let chance = (2.0 / (std::f64::consts::PI * first.len() as f64)).sqrt();
        assert_close(residual.correlation_by_chance.unwrap(), chance, 1e-14, "chance");
    }
}

/// Identity units on white data: r = (I − WᵀW) x − Wᵀ b, so all numbers have a closed form.
#[test]
fn a_linear_auto_encoder_has_the_closed_form() {
    let mut lab = TestNetwork::new(ActivationKind::Identity, 7, [1, 5, 3]).white();
    lab.parameters = Parameters::new(lab.parameters.weights(), lab.parameters.bias().to_vec(), vec![]);
    let TheoryMeasurement { residual, lemma1, theorem1, .. } = lab.measure(&RegularizerSpec::none(), 0.0);
    let w = lab.parameters.weights();
    let left = Array2::<f64>::eye(5) - w.t().dot(&w);
    let back = w.t().dot(&ndarray::Array1::from(lab.parameters.bias().to_vec()));
    assert_close(residual.mean_length, back.dot(&back).sqrt(), 1e-13, "mean");
    let within = left.iter().map(|x| x * x).sum::<f64>() / 5.0;
    assert_close(residual.deviation_within, within.sqrt(), 1e-13, "within");
    assert_close(residual.root_mean_square, (within + back.dot(&back) / 5.0).sqrt(), 1e-13, "rms");
    for j in lab.units() {
        assert_close(lemma1.gradient[j], 2.0 * w.row(j).dot(&back), 1e-13, "gradient");
        assert_close(theorem1.variance[j], lab.length(j).powi(2), 1e-13, "Var = ‖W_j‖²");
    }
    assert_close(theorem1.variance_ratio.min.unwrap(), 1.0, 1e-13, "ratio");
}

#[test]
fn the_bias_gradient_is_the_derivative_of_the_loss() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 11, [120, 5, 4]);
        let lemma1 = lab.measure(&RegularizerSpec::none(), 0.0).lemma1;
        for j in lab.units() {
            let expected = derivative(|h| lab.moved(j, h).loss());
            assert_close(lemma1.gradient[j], expected, 1e-7, &format!("{activation:?} {j}"));
        }
    }
}

#[test]
fn on_a_mini_batch_the_bias_gradient_equals_the_backward_pass() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 13, [90, 6, 5]);
        let none = RegularizerSpec::none();
        let mut theory = Theory::new(lab.subject(&none, 0.0), lab.samples.view());
        // All samples come first in the same buffers, so that the test fails if anything of them stays.
        theory.measure(lab.samples.view(), &lab.parameters);
        let batch = lab.samples.slice(s![20..70, ..]);
        let found = theory.measure(batch, &lab.parameters).lemma1.gradient;
        let shape = Shape { batch: 50, inputs: 6, hidden: 5 };
        let mut objective = Objective::new(&activation, none.build(0.0, shape), shape);
        let mut buffer = GradientBuffer::zeros(&lab.parameters);
        let step = Step { noise: &Noise::new(1), number: 0, samples: &[0; 50] };
        objective.evaluate(&lab.parameters, batch, step, &mut buffer.accumulate(1.0));
        for (found, expected) in found.iter().zip(&buffer.bias) {
            assert_close(*found, *expected, 1e-13, &format!("{activation:?}"));
        }
    }
}

#[test]
fn the_bound_with_the_root_mean_square_is_never_broken() {
    let mut tightest = 0.0_f64;
    for activation in activations() {
        // max |s'|, which the lemma assumes to be 1.
        let steepest = match activation.kind() {
            ActivationKind::Gelu => 1.13,
            ActivationKind::Silu => 1.10,
            _ => 1.0,
        };
        for seed in 0..60 {
            let mut lab = TestNetwork::new(&activation, 100 + seed, [40, 1 + seed as usize % 4, 3]);
            // Weights, biases and data are scaled from tiny to huge.
            let scale = 10.0_f64.powf((seed % 5) as f64 - 2.0);
            let flat: Vec<f64> = lab.parameters.flatten().iter().map(|value| scale * value).collect();
            lab.parameters = lab.parameters.with_values(&flat);
            let lemma1 = lab.measure(&RegularizerSpec::none(), 0.0).lemma1;
            let tightness = lemma1.root_mean_square_tightness.max.unwrap();
            assert!(tightness <= steepest + 1e-12, "{activation:?} {seed}: {tightness}");
            if steepest == 1.0 {
                assert_eq!(lemma1.root_mean_square_violations, 0, "{activation:?} {seed}");
            }
            tightest = tightest.max(tightness);
        }
    }
    // The bound is attained if the residual is constant and along W_j: see the next test.
    assert!(tightest > 0.5, "far below it the test would say little: {tightest}");
}

#[test]
fn the_lemma_s_own_bound_breaks_if_the_residual_has_a_mean() {
    // One constant sample: r = x − y is constant and σ_r = 0, but the gradient is not 0.
    let parameters = Parameters::new(array![[0.5]].view(), vec![0.0], vec![]);
    let samples = Array2::from_elem((10, 1), 1.0);
    let lab = TestNetwork { activation: ActivationKind::Identity.into(), samples, parameters };
    let TheoryMeasurement { residual, lemma1, .. } = lab.measure(&spec(RegularizerKind::None), 0.0);
    assert_eq!(residual.deviation, 0.0);
    assert_close(lemma1.gradient[0], 2.0 * 0.5 * (0.25 - 1.0), 1e-15, "gradient");
    assert_eq!((lemma1.violations, lemma1.root_mean_square_violations), (1, 0));
    assert_close(lemma1.root_mean_square_tightness.max.unwrap(), 1.0, 1e-15, "attained");
    assert_eq!(lemma1.tightness, Quantiles::default());
}

#[test]
fn bounds_and_counts_are_those_of_their_formulas() {
    let mut lab = TestNetwork::new(ActivationKind::Softplus, 17, [200, 6, 5]);
    // The residual has a mean along the all-positive rows, so some units break the bound of independent dimensions.
    lab.samples.mapv_inplace(|x| x + 1.5);
    let weights = lab.parameters.weights().mapv(f64::abs);
    lab.parameters = Parameters::new(weights.view(), lab.parameters.bias().to_vec(), vec![]);
    let TheoryMeasurement { residual, lemma1, .. } = lab.measure(&RegularizerSpec::none(), 0.0);
    let bound = |j: usize| 2.0 * residual.deviation * 6.0_f64.sqrt() * lab.length(j);
    let ratios: Vec<f64> = lab.units().map(|j| lemma1.gradient[j].abs() / bound(j)).collect();
    lab.units().for_each(|j| assert_close(lemma1.bound[j], bound(j), 1e-13, "bound"));
    let above = |limit: f64| ratios.iter().filter(|ratio| **ratio > limit).count() as u64;
    assert_eq!(lemma1.violations, above(1.0));
    assert_eq!(lemma1.independent_violations, above(1.0 / 6.0_f64.sqrt()));
    assert!(lemma1.violations < lemma1.independent_violations, "{ratios:?}");
    let tightness = lemma1.tightness;
    assert_close(tightness.mean.unwrap(), mean(ratios.iter().copied()), 1e-13, "mean");
    assert_close(tightness.max.unwrap(), ratios.iter().copied().fold(0.0, f64::max), 1e-13, "max");
}
