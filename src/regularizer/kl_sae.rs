//! Sparse auto-encoder with a KL penalty (KL-SAE, the paper's SAE), Eq. 12 and 13.
//!
//! R = Σ_j KL(ρ ‖ ρ_j) = Σ_j ρ ln(ρ / ρ_j) + (1 − ρ) ln((1 − ρ) / (1 − ρ_j)),   ρ_j = E_x\[h_j\] over the mini-batch
//!
//! ρ = 0 (default) gives Eq. 13, R = −Σ_j ln(1 − ρ_j). The penalty is undefined for ρ_j ≥ 1, which all activations but
//! sigmoid and tanh can reach, and for ρ > 0 at ρ_j ≤ 0. So above `rho_max` and, for ρ > 0, below `rho_min` it continues
//! along its tangent. It stays increasing (decreasing below ρ), and Corollary 1 still applies at ρ = 0. Mean activations
//! outside of the range are counted.

use super::corollary1::{MeanActivationPenalty, MeanFunction};
use super::{Model, RangeHits, Regularizer, Shape};
use crate::parameter::{Domain, Parameter, Value, Values};
use crate::real::Real;

pub(super) struct KlSae;

impl Model for KlSae {
    const NAME: &'static str = "kl_sae";
    const LEGEND: &'static str = "SAE";
    const SOURCE: &'static str = "Eq. 12, Eq. 13";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "rho",
            doc: "The desired mean activation ρ; 0 gives Eq. 13.",
            domain: Domain::half_open(0.0, 1.0),
            default: Some(Value::Real(0.0)),
            later: false,
        },
        Parameter {
            name: "rho_max",
            doc: "Mean activations above it are penalised along the tangent there.",
            domain: Domain::open(0.0, 1.0),
            default: Some(Value::Real(0.99)),
            later: false,
        },
        Parameter {
            name: "rho_min",
            doc: "For ρ > 0, mean activations below it are penalised along the tangent there.",
            domain: Domain::open(0.0, 1.0),
            default: Some(Value::Real(1e-3)),
            later: false,
        },
    ];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        let divergence = KlDivergence {
            rho: values.real("rho"),
            rho_max: values.real("rho_max"),
            rho_min: values.real("rho_min"),
            above: 0,
            below: 0,
        };
        Box::new(MeanActivationPenalty::new(divergence, sigma_squared, shape))
    }

    fn check(values: &Values) -> Result<(), String> {
        let (rho, max, min) = (values.real("rho"), values.real("rho_max"), values.real("rho_min"));
        if rho >= max {
            return Err(format!("`rho` is {rho}; accepted: less than `rho_max`, which is {max}"));
        }
        if rho > 0.0 && rho <= min {
            return Err(format!("`rho` is {rho}; accepted: 0, or more than `rho_min`, which is {min}"));
        }
        Ok(())
    }
}

#[cfg(test)]
impl super::tests::TestedModel for KlSae {
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        let real = |name, x| (name, Value::Real(x));
        vec![
            vec![],
            vec![real("rho", 0.05)],
            // Many mean activations of the test networks leave these ranges on either side.
            vec![real("rho_max", 0.3)],
            vec![real("rho", 0.3), real("rho_min", 0.25), real("rho_max", 0.35)],
        ]
    }

    fn oracle(network: &super::tests::Network, values: &Values, sigma_squared: f64) -> f64 {
        let (rho, max, min) = (values.real("rho"), values.real("rho_max"), values.real("rho_min"));
        let inside = |p: f64| {
            let first = if rho == 0.0 { 0.0 } else { rho * (rho / p).ln() };
            first + (1.0 - rho) * ((1.0 - rho) / (1.0 - p)).ln()
        };
        let tangent = |at: f64, p: f64| inside(at) + (p - at) * ((1.0 - rho) / (1.0 - at) - rho / at);
        let divergence = |p: f64| match () {
            () if p > max => tangent(max, p),
            () if rho > 0.0 && p < min => tangent(min, p),
            () => inside(p),
        };
        network.reconstruction()
            + sigma_squared * network.mean_hidden().into_iter().map(divergence).sum::<f64>()
    }
}

/// KL(ρ ‖ ρ_j) as a function of ρ_j, and how often ρ_j left its range.
struct KlDivergence {
    rho: f64,
    rho_max: f64,
    rho_min: f64,
    above: u64,
    below: u64,
}

impl MeanFunction for KlDivergence {
    fn jet(&self, rho_j: f64) -> (f64, f64) {
        let rho = self.rho;
        let low = if rho > 0.0 { self.rho_min } else { f64::NEG_INFINITY };
        // NaN must stay NaN, so that a divergence stays visible.
        let clamped = if rho_j > self.rho_max {
            self.rho_max
        } else if rho_j < low {
            low
        } else {
            rho_j
        };
        let mut value = (1.0 - rho) * ((1.0 - rho).ln() - (-clamped).ln_1p());
        let mut derivative = (1.0 - rho) / (1.0 - clamped);
        if rho > 0.0 {
            value += rho * (rho / clamped).ln();
            derivative -= rho / clamped;
        }
        (value + (rho_j - clamped) * derivative, derivative)
    }

    fn count(&mut self, rho_j: f64) {
        self.above += u64::from(rho_j > self.rho_max);
        self.below += u64::from(rho_j < self.rho_min);
    }

    fn range_hits(&self) -> Option<RangeHits> {
        Some(RangeHits { above: self.above, below: (self.rho > 0.0).then_some(self.below) })
    }

    fn state(&self) -> Vec<u64> {
        vec![self.above, self.below]
    }

    fn restore(&mut self, state: &[u64]) {
        (self.above, self.below) = (state[0], state[1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divergence(rho: f64) -> KlDivergence {
        KlDivergence { rho, rho_max: 0.99, rho_min: 1e-3, above: 0, below: 0 }
    }

    #[test]
    fn it_is_zero_at_its_target_and_always_increases_at_rho_zero() {
        assert_eq!(divergence(0.0).jet(0.0), (0.0, 1.0));
        let (value, slope) = divergence(0.05).jet(0.05);
        assert!(value.abs() < 1e-16 && slope.abs() < 1e-15);
        for rho_j in [-3.0, 0.0, 0.5, 0.99, 1.0, 1.5, 1e6] {
            let (value, slope) = divergence(0.0).jet(rho_j);
            assert!(value.is_finite() && slope > 0.0, "{rho_j}");
        }
    }

    #[test]
    fn value_and_slope_are_continuous_at_both_ends_of_the_range() {
        for (rho, at) in [(0.0, 0.99), (0.05, 0.99), (0.05, 1e-3)] {
            let (below, above) = (divergence(rho).jet(at - 1e-12), divergence(rho).jet(at + 1e-12));
            assert!((below.0 - above.0).abs() < 1e-8, "value at {at}");
            assert!((below.1 - above.1).abs() < 1e-4, "slope at {at}");
        }
    }

    #[test]
    fn mean_activations_outside_the_range_are_counted() {
        let mut at_zero = divergence(0.0);
        let mut above_zero = divergence(0.05);
        for rho_j in [-0.1, 0.0, 0.5, 0.99, 0.991, 2.0] {
            at_zero.count(rho_j);
            above_zero.count(rho_j);
        }
        assert_eq!(at_zero.range_hits(), Some(RangeHits { above: 2, below: None }));
        assert_eq!(above_zero.range_hits(), Some(RangeHits { above: 2, below: Some(2) }));
    }

    #[test]
    fn nan_is_not_hidden() {
        let (value, _) = divergence(0.05).jet(f64::NAN);
        assert!(value.is_nan());
    }
}
