//! Classes of shapes. The share of active pairs below which a batch is sparse is a constant of the class and the instruction set.

use super::lanes::InstructionSet;
use super::passes::LARGE;
use serde::{Deserialize, Serialize};

/// The class of the shapes of a batch and of W \[m, n\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeClass {
    /// Up to 127 samples, and W of less than 2²² values: the paper's shapes are among them.
    #[default]
    Small,
    /// 128 to 1024 samples: sparse products read them from the second-level cache.
    LargeBatch,
    /// More samples, or a larger W with few samples: sparse products wait for the third-level cache or for memory.
    BeyondCaches,
}

impl ShapeClass {
    /// The class of batches of `samples` samples and of W \[m, n\], m = `units`, n = `inputs`.
    pub fn of(samples: usize, units: usize, inputs: usize) -> Self {
        if samples > 1024 || (samples < LARGE && units.saturating_mul(inputs) >= 1 << 22) {
            Self::BeyondCaches
        } else if samples >= LARGE {
            Self::LargeBatch
        } else {
            Self::Small
        }
    }

    /// Share of active pairs, in thousandths, below which sparse products are faster than dense products. Measured with
    /// `cargo bench --bench step -- density` and, for the larger classes, `cargo bench --bench products`; see `benches/README.md`.
    pub(super) fn sparse_below(self, set: InstructionSet) -> usize {
        let [avx512, avx2] = match self {
            Self::Small => [650, 600],
            Self::LargeBatch => [450, 400],
            Self::BeyondCaches => [330, 330],
        };
        if set.width() == 16 { avx512 } else { avx2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_by_shape() {
        // Committed results have these shapes, and evaluations have blocks of 100 samples.
        for (samples, units, inputs) in
            [(50, 1000, 784), (100, 1000, 784), (50, 1000, 192), (50, 96, 48), (127, 2048, 1024)]
        {
            assert_eq!(ShapeClass::of(samples, units, inputs), ShapeClass::Small);
        }
        assert_eq!(ShapeClass::of(128, 10, 10), ShapeClass::LargeBatch);
        assert_eq!(ShapeClass::of(1024, 1 << 20, 1 << 20), ShapeClass::LargeBatch);
        assert_eq!(ShapeClass::of(1025, 10, 10), ShapeClass::BeyondCaches);
        assert_eq!(ShapeClass::of(50, 4096, 1024), ShapeClass::BeyondCaches);
    }
}
