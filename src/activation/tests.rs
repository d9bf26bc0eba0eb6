//! Every activation of the catalogue against textbook formulas, finite differences, and double precision.

use super::*;
use crate::parameter::Value;

/// Pre-activations on both sides of 0, none at a kink.
fn points() -> impl Iterator<Item = f64> + Clone {
    (-60..=60).map(|k| f64::from(k) * 0.2 + 0.013)
}

#[test]
fn slope_and_curvature_are_the_derivatives_of_value_and_slope() {
    let h = f64::EPSILON.cbrt();
    for kind in activations() {
        for a in points() {
            let (below, at, above) = (kind.jet(a - h), kind.jet(a), kind.jet(a + h));
            let slope = (above.value - below.value) / (2.0 * h);
            let curvature = (above.slope - below.slope) / (2.0 * h);
            assert!((at.slope - slope).abs() < 1e-9 * (1.0 + a.abs()), "{kind:?} at {a}");
            assert!((at.curvature - curvature).abs() < 1e-9 * (1.0 + a.abs()), "{kind:?} at {a}");
        }
    }
}

/// Φ by the series ½ + φ(a) Σ a^(2k+1) / (2k + 1)!!. Its terms have one sign, so it is exact except where it cancels the ½.
pub(crate) fn normal_distribution(a: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (a, 0.0, 1.0);
    while term.abs() > 1e-18 * f64::abs(sum) {
        sum += term;
        odd += 2.0;
        term *= a * a / odd;
    }
    0.5 + (-0.5 * a * a).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum
}

/// Test data of an activation: parameters, textbook formulas and limits.
pub(in crate::activation) trait TestedActivation: Activation {
    /// Values of its parameters for the tests.
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        vec![vec![]]
    }

    /// s_e(a) and s_e'(a) by textbook formulas.
    fn textbook(values: &Values, a: f64) -> [f64; 2];

    /// s_e, s_e' and s_e'' at −`far` and `far`, or their limits to the last bit.
    fn limits(values: &Values, far: f64) -> [[f64; 3]; 2];
}

/// Every activation of the catalogue with each of its examples.
pub(crate) fn activations() -> impl Iterator<Item = ActivationSpec> {
    ActivationKind::ALL
        .iter()
        .flat_map(|kind| kind.examples().into_iter().map(|given| ActivationSpec::new(*kind, &given).unwrap()))
}

/// s_e(a) and s_e'(a) by textbook formulas, also for the oracles of other modules.
pub(crate) fn textbook(spec: &ActivationSpec, a: f64) -> [f64; 2] {
    spec.kind().textbook(spec.values(), a)
}

#[test]
fn values_are_the_textbook_formulas() {
    for kind in activations() {
        for a in points() {
            // The tolerance is absolute, because the textbook softplus itself cancels far to the left.
            let (jet, [value, slope]) = (kind.jet(a), textbook(&kind, a));
            let close = |found: f64, expected: f64| (found - expected).abs() < 1e-14 * (1.0 + a.abs());
            assert!(close(jet.value, value) && close(jet.slope, slope), "{kind:?} at {a}");
        }
    }
}

/// The textbook formulas cancel in the left tails, so the expected numbers were computed with more digits and rounded.
#[test]
fn the_left_tails_of_gelu_and_silu_are_relatively_accurate() {
    let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-13;
    // −a Φ(−a).
    assert!(close(
        ActivationSpec::from(ActivationKind::Gelu).jet(-5.0).value,
        -5.0 * 2.866_515_718_791_939e-7
    ));
    assert!(close(
        ActivationSpec::from(ActivationKind::Gelu).jet(-10.0).value,
        -10.0 * 7.619_853_024_160_526e-24
    ));
    // σ(−50) is e⁻⁵⁰ to the last digit.
    assert!(close(ActivationSpec::from(ActivationKind::Silu).jet(-50.0).value, -50.0 * (-50.0_f64).exp()));
    // Their minima, where the slope crosses 0.
    for (kind, at, least) in [
        (ActivationKind::Gelu, -0.751_791_524_693_564, -0.169_971_207_479_903_7),
        (ActivationKind::Silu, -1.278_464_542_761_074, -0.278_464_542_761_073_8),
    ] {
        let Jet { value, slope, .. } = ActivationSpec::from(kind).jet::<f64>(at);
        assert!(close(value, least) && slope.abs() < 1e-14, "{kind:?}: {value} {slope}");
    }
}

/// s_e far from 0 and at ±∞ equals its limit to the last bit.
#[test]
fn far_from_zero_every_activation_is_its_limit() {
    fn at<F: Real>(kind: &ActivationSpec, a: f64) -> [f64; 3] {
        let Jet { value, slope, curvature } = kind.jet(F::from_f64(a));
        [value, slope, curvature].map(F::as_f64)
    }
    for kind in activations() {
        for far in [1e4, f64::INFINITY] {
            let [left, right] = kind.kind().limits(kind.values(), far);
            assert_eq!((at::<f64>(&kind, -far), at::<f64>(&kind, far)), (left, right), "{kind:?}");
            let rounded = |expected: [f64; 3]| expected.map(|x| f64::from(x as f32));
            let expected = (rounded(left), rounded(right));
            assert_eq!((at::<f32>(&kind, -far), at::<f32>(&kind, far)), expected, "{kind:?}");
        }
        assert!(at::<f64>(&kind, f64::NAN)[0].is_nan() && at::<f32>(&kind, f64::NAN)[0].is_nan(), "{kind:?}");
    }
}

#[test]
fn at_a_kink_the_left_side_counts() {
    for zero in [0.0_f32, -0.0] {
        let at_zero = |kind: ActivationKind| {
            let Jet { value, slope, curvature } = ActivationSpec::from(kind).jet(zero);
            [value, slope, curvature]
        };
        assert_eq!(at_zero(ActivationKind::Relu), [0.0; 3]);
        assert_eq!(at_zero(ActivationKind::LeakyRelu), [0.0, 0.01, 0.0]);
        assert_eq!(at_zero(ActivationKind::Elu), [0.0, 1.0, 1.0]);
    }
}

/// Every 4001st bit pattern of `f32`, NaN and ±∞ among them.
fn scan() -> Vec<f32> {
    let edges = [f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0];
    (0..=u32::MAX).step_by(4001).map(f32::from_bits).chain(edges).collect()
}

#[test]
fn vanishing_activations_are_zero_exactly_for_nonpositive_pre_activations() {
    for kind in activations().filter(ActivationSpec::vanishes) {
        for a in scan() {
            let Jet { value, slope, curvature } = kind.jet(a);
            // NaN counts as active, so that a divergence stays visible.
            let is_inactive = a <= 0.0;
            assert_eq!(value == 0.0, is_inactive, "{kind:?} at {a}");
            assert!(!is_inactive || (slope == 0.0 && curvature == 0.0), "{kind:?} at {a}");
        }
    }
    assert!(ActivationKind::Relu.vanishes());
}

/// Whether the activation is non-monotone, so that its slope crosses 0.
fn falls(kind: &ActivationSpec) -> bool {
    points().any(|a| kind.jet(a).slope < 0.0)
}

#[test]
fn single_precision_is_accurate_everywhere_and_nan_stays_nan() {
    /// Compares relative to `scale`, but at least to the smallest normal number, below which relative accuracy is impossible.
    fn close(single: f32, double: f64, scale: f64) -> bool {
        let scale = scale.abs().max(f64::from(f32::MIN_POSITIVE));
        f64::from(single) == double || (f64::from(single) - double).abs() <= 1e-6 * scale
    }
    for kind in activations() {
        let falls = falls(&kind);
        for a in scan() {
            let (single, double) = (kind.jet(a), kind.jet(f64::from(a)));
            if a.is_nan() {
                assert!(single.value.is_nan(), "{kind:?} hides a divergence");
                continue;
            }
            // The scale of a slope or curvature that crosses 0 is another quantity, which doesn't.
            let (slope_scale, curvature_scale, slopes) = if falls {
                let left = kind.jet(-f64::from(a).abs()).value;
                let slope = double.slope.abs();
                (slope.max(left.abs()), slope.max(double.curvature.abs()), -0.13..=1.13)
            } else {
                // Lemma 1 needs a slope in [0, 1].
                (double.slope, double.slope, 0.0..=1.0)
            };
            assert!(close(single.value, double.value, double.value), "{kind:?} at {a}: {single:?}");
            assert!(close(single.slope, double.slope, slope_scale), "{kind:?} at {a}: {single:?}");
            assert!(
                close(single.curvature, double.curvature, curvature_scale),
                "{kind:?} at {a}: {single:?}"
            );
            assert!(slopes.contains(&single.slope), "{kind:?} at {a}: {single:?}");
        }
    }
    let falling: Vec<_> = activations().filter(falls).map(|spec| spec.kind()).collect();
    assert_eq!(falling, [ActivationKind::Gelu, ActivationKind::Silu]);
}

#[test]
fn vector_and_scalar_code_give_the_same_bits() {
    let bits = |x: f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
    for kind in activations() {
        let mut a = scan();
        let [mut h, mut s, mut c] = [(); 3].map(|()| vec![9.0; a.len()]);
        let batch = Batch { pre_activation: &mut a, hidden: &mut h, slope: &mut s, curvature: &mut c };
        kind.apply(&vec![0.0; batch.hidden.len()], batch);
        for i in 0..a.len() {
            let Jet { value, slope, curvature } = kind.jet(a[i]);
            let (dispatched, scalar) = ([h[i], s[i], c[i]], [value, slope, curvature]);
            assert_eq!(dispatched.map(bits), scalar.map(bits), "{kind:?} at {}", a[i]);
        }
    }
}

#[test]
fn batches_agree_with_single_values_for_every_choice_of_outputs() {
    let (rows, m) = (3, 37);
    let input: Vec<f64> = points().cycle().take(rows * m).collect();
    let bias: Vec<f64> = (0..m).map(|j| j as f64 * 0.01).collect();
    for kind in activations() {
        for (slopes, curvatures) in [(false, false), (true, false), (false, true), (true, true)] {
            let buffer = |used| if used { vec![9.0; rows * m] } else { Vec::new() };
            let (mut a, mut h) = (input.clone(), buffer(true));
            let (mut s, mut c) = (buffer(slopes), buffer(curvatures));
            let batch = Batch { pre_activation: &mut a, hidden: &mut h, slope: &mut s, curvature: &mut c };
            kind.apply(&bias, batch);
            for i in 0..rows * m {
                assert_eq!(a[i], input[i] + bias[i % m]);
                let jet = kind.jet(a[i]);
                assert_eq!(h[i], jet.value);
                assert!(!slopes || s[i] == jet.slope);
                assert!(!curvatures || c[i] == jet.curvature);
            }
        }
    }
}

#[test]
fn names_are_found_again_and_thresholds_are_the_papers() {
    for kind in ActivationKind::ALL {
        assert_eq!(ActivationKind::from_name(kind.name()), Some(*kind));
    }
    let thresholds = ActivationKind::ALL.iter().map(|kind| kind.threshold());
    let papers = [Some(0.0), Some(0.1), Some(0.1)];
    assert!(thresholds.eq(papers.into_iter().chain([None; 6])));
}

#[test]
fn a_slope_is_part_of_label_and_identity_only_off_its_default() {
    let slope = |slope: f64| ActivationSpec::new(ActivationKind::LeakyRelu, &[("slope", Value::Real(slope))]);
    let (default, steep) = (ActivationSpec::from(ActivationKind::LeakyRelu), slope(0.2).unwrap());
    assert_eq!(slope(0.01).unwrap(), default);
    assert_eq!((default.label(), default.identity()), ("leaky_relu".to_owned(), "leaky_relu".into()));
    assert_eq!(default.to_json(), "leaky_relu");
    assert_eq!(steep.label(), "leaky_relu(slope=0.2)");
    assert_eq!(steep.identity().to_string(), r#"{"kind":"leaky_relu","slope":0.2}"#);
    assert_eq!(steep.to_json(), steep.identity());
    for spec in activations() {
        assert_eq!(ActivationSpec::from_identity(&spec.identity()), Ok(spec.clone()));
        assert_eq!(ActivationSpec::from_label(&spec.label()), Some(spec));
    }
    for bad in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(slope(bad).unwrap_err().contains("accepted: a number in (0, 1)"), "{bad}");
    }
    assert!(ActivationSpec::new(ActivationKind::Relu, &[("slope", Value::Real(0.1))]).is_err());
}

#[test]
fn every_parameter_of_an_activation_has_a_default() {
    for kind in ActivationKind::ALL {
        assert!(kind.parameters().iter().all(|parameter| parameter.default.is_some()), "{kind:?}");
    }
}
