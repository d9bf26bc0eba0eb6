//! Leaky rectified linear unit, a control: s(a) = a for a > 0, slope · a elsewhere.
//!
//! s' = 1 for a > 0 and `slope` elsewhere, **`slope` at a = 0**; s'' = 0, as for ReLU. Convex, s' in \[0, 1\], but it goes to
//! −∞ on the left. A slope of 0 would be ReLU, a slope of 1 the identity. The paper gives no δ_min: a configuration must.

use super::{Activation, Jet};
use crate::parameter::{Domain, Parameter, Value, Values};
use crate::real::Real;

pub(super) struct LeakyRelu {
    /// s' for a ≤ 0.
    slope: f64,
}

impl Activation for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const THRESHOLD: Option<f64> = None;
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "slope",
        doc: "The slope for a ≤ 0.",
        domain: Domain::open(0.0, 1.0),
        default: Some(Value::Real(0.01)),
        later: true,
    }];

    fn build(values: &Values) -> Self {
        Self { slope: values.real("slope") }
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let slope = if a > F::zero() { F::one() } else { F::from_f64(self.slope) };
        Jet { value: slope * a, slope, curvature: F::zero() }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for LeakyRelu {
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        vec![vec![], vec![("slope", Value::Real(0.25))]]
    }

    fn textbook(values: &Values, a: f64) -> [f64; 2] {
        let slope = values.real("slope");
        [a.max(slope * a), if a > 0.0 { 1.0 } else { slope }]
    }

    fn limits(values: &Values, far: f64) -> [[f64; 3]; 2] {
        let slope = values.real("slope");
        [[-slope * far, slope, 0.0], [far, 1.0, 0.0]]
    }
}
