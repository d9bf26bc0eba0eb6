//! Theorem 2: a lower bound p_j of Pr(h_j ≤ δ_min), which rises while E\[a_j\] falls.
//!
//! The paper states that p_j exists but does not print the proof with its form. This crate derives one: s_e is non-decreasing,
//! so h_j ≤ δ_min if and only if a_j ≤ α, the [`edge`]. By the one-sided Chebyshev (Cantelli) inequality, for
//! t = α − E\[a_j\] > 0, Pr(a_j − E\[a_j\] ≥ t) ≤ v / (v + t²) with v = Var\[a_j\], hence
//!
//! p_j = t² / (v + t²) for t > 0,   p_j = 0 for t ≤ 0
//!
//! the best bound from mean and variance alone. Under Assumption 1, v = ‖W_j‖². The bound rises as E\[a_j\] falls if ‖W_j‖
//! stays bounded, as the theorem states. With the samples' own variance the bound holds for samples of any distribution. With
//! ‖W_j‖² it may be violated if Assumption 1 is, and these violations are counted.
//!
//! GELU and SiLU fall up to a point left of 0 and rise after it. For δ_min ≥ 0 nothing changes: left of 0 they are negative, so
//! h_j ≤ δ_min is still a_j ≤ α. For δ_min < 0 no such α exists, because far to the left they are near 0; then p_j = 0.

use super::theorem1::Theorem1;
use crate::activation::ActivationSpec;

/// The largest α with s(a) ≤ `threshold` for all a ≤ α, to the last bit; −∞ if no α has this property, ∞ if every α has it.
pub fn edge(activation: &ActivationSpec, threshold: f64) -> f64 {
    let below = |a: f64| activation.jet(a).value <= threshold;
    // A non-monotone activation above the threshold at the far left may fall below it further right, but has no edge.
    if !below(f64::MIN) {
        return f64::NEG_INFINITY;
    }
    // Bisection starts from powers of 2 in both directions, up to 2¹⁰²³.
    let first_power = |sign: f64, found: &dyn Fn(f64) -> bool| {
        (0..1024).map(|k| sign * 2.0_f64.powi(k)).find(|a| found(*a))
    };
    let Some(mut low) = first_power(-1.0, &below) else { return f64::NEG_INFINITY };
    let Some(mut high) = first_power(1.0, &|a| !below(a)) else { return f64::INFINITY };
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return low;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Cantelli's lower bound of Pr(a ≤ edge) for a variable a with this mean and variance.
pub fn cantelli(edge: f64, mean: f64, variance: f64) -> f64 {
    let t = edge - mean;
    if t <= 0.0 {
        0.0
    } else if t.is_infinite() {
        1.0
    } else {
        t * t / (variance + t * t)
    }
}

/// The bounds p_j and the true probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Theorem2 {
    /// p_j \[m\] with Var\[a_j\] = ‖W_j‖², as under Assumption 1.
    pub bound: Vec<f64>,
    /// p_j \[m\] with the samples' own variance: never above `inactive` except by rounding.
    pub variance_bound: Vec<f64>,
    /// The share of samples with h_j ≤ δ_min \[m\].
    pub inactive: Vec<f64>,
    /// Number of units with `bound` above `inactive`.
    pub violations: u64,
}

impl Theorem2 {
    pub(super) fn new(edge: f64, theorem1: &Theorem1, lengths: &[f64], inactive: Vec<f64>) -> Self {
        let bounds = |variances: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
            theorem1
                .mean
                .iter()
                .zip(variances)
                .map(|(mean, variance)| cantelli(edge, *mean, variance))
                .collect()
        };
        let bound = bounds(&mut lengths.iter().map(|length| length * length));
        let violations = bound.iter().zip(&inactive).filter(|(bound, truth)| bound > truth).count() as u64;
        let variance_bound = bounds(&mut theorem1.variance.iter().copied());
        Self { bound, variance_bound, inactive, violations }
    }
}

/// A part of a series that doesn't fall: T_min to T_max of Theorem 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// T_min: the first index t with p^{t+1} ≥ p^t.
    pub first: usize,
    /// T_max: the last such index; p^{T_max + 1} still belongs to the rise.
    pub last: usize,
    /// p^{T_max + 1} − p^{T_min}.
    pub by: f64,
}

/// The longest range T_min ≤ t ≤ T_max with p^{t+1} ≥ p^t, the first if several are equally long. `None` if the series always falls or
/// has fewer than two values. T_min and T_max are indices of `series`, whose values may be any number of epochs apart.
///
/// A constant series has a rise, too, with [`Rise::by`] = 0.
pub fn longest_rise(series: &[f64]) -> Option<Rise> {
    let mut longest: Option<(usize, usize)> = None;
    let mut start = 0;
    for t in 0..series.len().saturating_sub(1) {
        // NaN ends a rise.
        let rises = series[t + 1] >= series[t];
        if !rises {
            start = t + 1;
        } else if longest.is_none_or(|(first, last)| t - start > last - first) {
            longest = Some((start, t));
        }
    }
    longest.map(|(first, last)| Rise { first, last, by: series[last + 1] - series[first] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::ActivationKind;
    use crate::activation::tests::activations;

    fn edge_of(kind: ActivationKind, threshold: f64) -> f64 {
        edge(&kind.into(), threshold)
    }

    #[test]
    fn the_edge_is_the_inverse_of_the_activation() {
        let logit = (0.1_f64 / 0.9).ln();
        assert_eq!(edge_of(ActivationKind::Relu, 0.0), 0.0);
        assert!((edge_of(ActivationKind::Sigmoid, 0.1) - logit).abs() < 1e-14);
        assert!((edge_of(ActivationKind::Softplus, 0.1) - 0.1_f64.exp_m1().ln()).abs() < 1e-14);
        assert!((edge_of(ActivationKind::Tanh, -0.5) + 0.5_f64.atanh()).abs() < 1e-14);
        assert!((edge_of(ActivationKind::Identity, -3.0e5) + 3.0e5).abs() < 1e-9);
        assert!((edge_of(ActivationKind::Elu, -0.5) - 0.5_f64.ln()).abs() < 1e-14);
        assert!((edge_of(ActivationKind::LeakyRelu, -0.1) + 10.0).abs() < 1e-14);
        assert_eq!([ActivationKind::Gelu, ActivationKind::Silu].map(|kind| edge_of(kind, 0.0)), [0.0; 2]);
        for kind in activations() {
            let edge = edge(&kind, 0.25);
            assert!(kind.jet(edge).value <= 0.25 && kind.jet(edge.next_up()).value > 0.25, "{kind:?}");
        }
    }

    #[test]
    fn thresholds_beyond_the_range_have_no_edge() {
        assert_eq!(edge_of(ActivationKind::Relu, -0.1), f64::NEG_INFINITY);
        assert_eq!(edge_of(ActivationKind::Tanh, -1.5), f64::NEG_INFINITY);
        assert_eq!(edge_of(ActivationKind::Elu, -1.5), f64::NEG_INFINITY);
        assert_eq!(edge_of(ActivationKind::Sigmoid, 1.0), f64::INFINITY);
        // GELU and SiLU are below −0.1 at a = −1 and above it on both sides.
        for kind in [ActivationKind::Gelu, ActivationKind::Silu] {
            assert!(ActivationSpec::from(kind).jet(-1.0_f64).value < -0.1);
            assert_eq!(edge_of(kind, -0.1), f64::NEG_INFINITY);
        }
        assert_eq!(cantelli(f64::INFINITY, 0.0, 1.0), 1.0);
        assert_eq!(cantelli(f64::NEG_INFINITY, 0.0, 1.0), 0.0);
    }

    /// Cantelli's inequality is sharp: a two-point distribution attains it.
    #[test]
    fn no_larger_bound_would_hold() {
        // a = −1/t with probability t²/(1+t²), t with 1/(1+t²): mean 0, variance 1, and Pr(a < t) is the bound.
        for t in [0.3, 1.0, 4.0] {
            assert!((cantelli(t, 0.0, 1.0) - t * t / (1.0 + t * t)).abs() < 1e-15);
        }
        assert_eq!(cantelli(1.0, 2.0, 0.5), 0.0);
        assert_eq!(cantelli(1.0, 0.0, 0.0), 1.0);
    }

    #[test]
    fn the_bound_rises_as_the_mean_falls() {
        let bounds: Vec<f64> = (0..40).map(|k| cantelli(0.0, 1.0 - 0.1 * f64::from(k), 2.0)).collect();
        assert!(bounds.is_sorted() && bounds[0] == 0.0 && bounds[39] > 0.7);
    }

    #[test]
    fn the_longest_rise_is_the_first_of_the_longest() {
        let series = [0.5, 0.4, 0.6, 0.6, 0.2, 0.3, 0.35, 0.1];
        assert_eq!(longest_rise(&series), Some(Rise { first: 1, last: 2, by: 0.6 - 0.4 }));
        assert_eq!(longest_rise(&[3.0, 2.0, 1.0]), None);
        assert_eq!(longest_rise(&[1.0]), None);
        let broken = [0.0, f64::NAN, 1.0, 2.0];
        assert_eq!(longest_rise(&broken), Some(Rise { first: 2, last: 2, by: 1.0 }));
    }
}
