//! §2.1.2: the properties of an activation that the theory requires, checked numerically. They decide which corollary applies.
//!
//! | property | needed by | check, on [`GRID`] |
//! |---|---|---|
//! | non-decreasing | Corollaries 1 and 2, Theorem 2 | no step falls by more than `ROUNDING` (1 + abs(s)) |
//! | convex | Corollary 2 | no second difference is below −`ROUNDING` (1 + abs(s)) |
//! | s' in \[0, 1\] | Lemma 1 | every difference quotient is in \[−1e-9, 1 + 1e-9\] |
//! | s(a) → 0 for a → −∞ | sparsity | abs(s(−10⁶)) ≤ 1e-5 |
//!
//! A check on a grid can miss changes between its points, beyond its ends, or slower than its tolerance. It is reliable here,
//! because these functions are smooth except for a kink at 0, which is a grid point.

use crate::activation::{ActivationKind, ActivationSpec};

/// First point, last point and steps per unit of the grid. The number of steps is a power of 2, so that every point is exact.
pub const GRID: (i32, i32, i32) = (-40, 40, 64);

/// Rounding of values and of their second differences, relative to 1 + |s|.
const ROUNDING: f64 = 1e-12;
/// Rounding of a difference quotient.
const SLOPE_ROUNDING: f64 = 1e-9;
/// The point at which saturation is checked, and the largest |s| there that counts as 0.
const FAR: (f64, f64) = (-1e6, 1e-5);

/// The properties of an activation that the theory requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties {
    /// s is non-decreasing.
    pub non_decreasing: bool,
    /// s is convex.
    pub convex: bool,
    /// s' is in \[0, 1\], checked on chords: Lemma 1's condition.
    pub unit_slope: bool,
    /// s(a) → 0 for a → −∞.
    pub saturates_at_zero: bool,
}

impl Properties {
    /// The properties of `activation` on the grid.
    ///
    /// ```
    /// use aesparse::activation::{ActivationKind, ActivationSpec};
    /// use aesparse::theory::Properties;
    ///
    /// let sigmoid = ActivationSpec::from(ActivationKind::Sigmoid);
    /// let sigmoid = Properties::of(|a| sigmoid.jet(a).value);
    /// assert!(sigmoid.corollary1() && !sigmoid.corollary2(), "it isn't convex");
    /// ```
    pub fn of(activation: impl Fn(f64) -> f64) -> Self {
        let (first, last, steps) = GRID;
        let values: Vec<f64> =
            (first * steps..=last * steps).map(|k| activation(f64::from(k) / f64::from(steps))).collect();
        let tolerance = |value: f64| ROUNDING * (1.0 + value.abs());
        let slope = |pair: &[f64]| (pair[1] - pair[0]) * f64::from(steps);
        let slopes = -SLOPE_ROUNDING..=1.0 + SLOPE_ROUNDING;
        let convex = |three: &[f64]| three[0] - 2.0 * three[1] + three[2] >= -tolerance(three[1]);
        let (far, near_zero) = FAR;
        Self {
            non_decreasing: values.windows(2).all(|pair| pair[1] >= pair[0] - tolerance(pair[0])),
            convex: values.windows(3).all(convex),
            unit_slope: values.windows(2).all(|pair| slopes.contains(&slope(pair))),
            saturates_at_zero: activation(far).abs() <= near_zero,
        }
    }

    /// Whether Corollary 1 applies: penalties on mean activations have no negative bias gradient.
    pub fn corollary1(self) -> bool {
        self.non_decreasing && self.unit_slope
    }

    /// Whether Corollary 2 applies: penalties on slopes have no negative bias gradient.
    pub fn corollary2(self) -> bool {
        self.corollary1() && self.convex
    }

    /// Whether Corollary 1 applies and low pre-activations mean inactive units: the paper's condition for sparsity.
    pub fn encourages_sparsity(self) -> bool {
        self.corollary1() && self.saturates_at_zero
    }
}

/// An activation by name.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// Its name.
    pub name: &'static str,
    /// s.
    pub value: fn(f64) -> f64,
}

/// s(a) of an activation of the catalogue with its parameters at their defaults.
fn value(kind: ActivationKind, a: f64) -> f64 {
    ActivationSpec::from(kind).jet(a).value
}

/// The activations in the paper, the controls, and some later activations. Maxout is not a function of one pre-activation; the
/// candidate is its special case max(a, −a), two pieces with opposite weights and no bias.
pub const CANDIDATES: &[Candidate] = &[
    Candidate { name: "relu", value: |a| value(ActivationKind::Relu, a) },
    Candidate { name: "softplus", value: |a| value(ActivationKind::Softplus, a) },
    Candidate { name: "sigmoid", value: |a| value(ActivationKind::Sigmoid, a) },
    Candidate { name: "tanh", value: |a| value(ActivationKind::Tanh, a) },
    Candidate { name: "identity", value: |a| value(ActivationKind::Identity, a) },
    Candidate { name: "maxout", value: f64::abs },
    Candidate { name: "elu", value: |a| value(ActivationKind::Elu, a) },
    Candidate { name: "leaky_relu", value: |a| value(ActivationKind::LeakyRelu, a) },
    Candidate { name: "gelu", value: |a| value(ActivationKind::Gelu, a) },
    Candidate { name: "silu", value: |a| value(ActivationKind::Silu, a) },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Derived by hand, not by running the check: non-decreasing, convex, slope in \[0, 1\], → 0.
    const TRUTH: &[(&str, [bool; 4])] = &[
        ("relu", [true, true, true, true]),
        ("softplus", [true, true, true, true]),
        // An inflection at 0.
        ("sigmoid", [true, false, true, true]),
        // An inflection at 0, and −1 at the left.
        ("tanh", [true, false, true, false]),
        ("identity", [true, true, true, false]),
        // |a|: convex, slope −1 on the left, where it grows without bound.
        ("maxout", [false, true, false, false]),
        // e^a − 1 for a ≤ 0, then a: the slope e^a rises to 1 and stays. −1 at the left.
        ("elu", [true, true, true, false]),
        // Slope 0.01 for a ≤ 0 and 1 for a > 0.
        ("leaky_relu", [true, true, true, false]),
        // A minimum at a = −0.75, inflections at ±√2, slopes up to 1.13 and down to −0.13.
        ("gelu", [false, false, false, true]),
        // A minimum at a = −1.28, slopes up to 1.1 and down to −0.1.
        ("silu", [false, false, false, true]),
    ];

    #[test]
    fn every_candidate_has_the_properties_derived_by_hand() {
        assert_eq!(CANDIDATES.len(), TRUTH.len());
        for (candidate, (name, truth)) in CANDIDATES.iter().zip(TRUTH) {
            assert_eq!(candidate.name, *name);
            let found = Properties::of(candidate.value);
            let found_list = [found.non_decreasing, found.convex, found.unit_slope, found.saturates_at_zero];
            assert_eq!(found_list, *truth, "{name}");
        }
    }

    /// The statements of §2.1.2.
    #[test]
    fn only_the_papers_three_activations_encourage_sparsity() {
        let properties = |name: &str| {
            let candidate = CANDIDATES.iter().find(|candidate| candidate.name == name).unwrap();
            Properties::of(candidate.value)
        };
        for name in ["relu", "softplus", "sigmoid"] {
            assert!(properties(name).encourages_sparsity(), "{name}");
        }
        for name in ["maxout", "tanh", "identity", "elu", "leaky_relu", "gelu", "silu"] {
            assert!(!properties(name).encourages_sparsity(), "{name}");
        }
        assert!(properties("relu").corollary2() && properties("softplus").corollary2());
        assert!(properties("sigmoid").corollary1() && !properties("sigmoid").corollary2());
    }

    #[test]
    fn every_activation_is_a_candidate() {
        for kind in ActivationKind::ALL {
            let is_listed = CANDIDATES.iter().any(|candidate| candidate.name == kind.name());
            assert!(is_listed, "{} is missing", kind.name());
        }
    }
}
