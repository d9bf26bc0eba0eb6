//! Corollaries 1 and 2: the sign of ∂R/∂b_j of each unit.
//!
//! Corollary 1 states ∂R/∂b_j ≥ 0 for non-decreasing activations and R = Σ f(E\[h_j\]) with f increasing. Corollary 2 states
//! the same for convex activations and R = E\[Σ s'^q ‖W_j‖^p\]. [`Properties`](super::Properties) tells which corollary covers
//! an activation.
//!
//! In Corollary 2 the gradient of ReLU and of leaky ReLU is exactly 0, because s'' = 0 wherever it is defined (footnote 1).
//! Training follows this gradient. The penalty's expectation over a continuous distribution does grow with b_j, by the density
//! of a_j at 0.

/// Number of units by the sign of ∂R/∂b_j.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// ∂R/∂b_j > 0.
    pub positive: u64,
    /// ∂R/∂b_j = 0 exactly.
    pub zero: u64,
    /// ∂R/∂b_j < 0.
    pub negative: u64,
    /// |∂R/∂b_j| ≤ [`NEGLIGIBLE`] · max |∂R/∂b|, of any sign, exact zeros included.
    pub negligible: u64,
}

/// A share of the largest |∂R/∂b_j|: smaller gradients can be rounding errors of single precision.
pub const NEGLIGIBLE: f64 = 1e-6;

impl Signs {
    /// The signs of `gradient` \[m\].
    pub fn of(gradient: &[f64]) -> Self {
        let largest = gradient.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
        let count = |which: &dyn Fn(f64) -> bool| gradient.iter().filter(|g| which(**g)).count() as u64;
        Self {
            positive: count(&|g| g > 0.0),
            zero: count(&|g| g == 0.0),
            negative: count(&|g| g < 0.0),
            negligible: count(&|g| g.abs() <= NEGLIGIBLE * largest),
        }
    }
}
