//! Undoes standardisation: samples and reconstructions in the units of their source, for pictures.

use ndarray::{Array2, ArrayView2, Zip};

use super::{Standardize, Statistics, standardize};
use crate::real::Real;

/// Mean and scale of K samples \[K, n\], which undo their standardisation.
///
/// Under sample scope every sample has its own mean and standard deviation. So [`Units::restore`] takes these very samples, or
/// their reconstructions, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// \[K, n\].
    mean: Array2<f64>,
    /// sd + epsilon \[K, n\], ≥ 0.
    scale: Array2<f64>,
}

impl Units {
    /// The units of the samples `original` \[K, n\] before they are standardised as `how` says; `statistics` is the result of
    /// [`super::standardize()`].
    ///
    /// # Panics
    /// Under feature and global scope, without statistics or with statistics of another number of inputs.
    pub fn of<F: Real>(
        how: Standardize,
        original: &ArrayView2<'_, F>,
        statistics: Option<&Statistics>,
    ) -> Self {
        let mut mean = Array2::zeros(original.dim());
        let mut scale = Array2::ones(original.dim());
        match how {
            Standardize::None => {}
            Standardize::Feature { epsilon } | Standardize::Global { epsilon } => {
                let Statistics { mean: means, sd } =
                    statistics.expect("the scope has the statistics of the training samples");
                for (mut mean, mut scale) in mean.rows_mut().into_iter().zip(scale.rows_mut()) {
                    mean.assign(means);
                    scale.assign(&(sd + epsilon));
                }
            }
            Standardize::Sample { epsilon } => {
                let rows = mean.rows_mut().into_iter().zip(scale.rows_mut()).zip(original.rows());
                for ((mut mean, mut scale), sample) in rows {
                    if let Some((center, sd)) = standardize::moments(&sample) {
                        mean.fill(center);
                        scale.fill(sd + epsilon);
                    }
                }
            }
        }
        Self { mean, scale }
    }

    /// x · (sd + epsilon) + mean for the standardised values x in `samples` \[K, n\]; the mean itself for an input without spread.
    ///
    /// # Panics
    /// If `samples` has another shape than the original samples.
    pub fn restore(&self, samples: &ArrayView2<'_, f32>) -> Array2<f64> {
        let value = |x: &f32, scale: &f64, mean: &f64| f64::from(*x) * scale + mean;
        Zip::from(samples).and(&self.scale).and(&self.mean).map_collect(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn every_scope_is_undone() {
        let original = array![[0.0_f32, 1.0, 0.25], [0.5, 0.5, 0.25], [1.0, 0.75, 0.25]];
        for how in [
            Standardize::None,
            Standardize::Feature { epsilon: 0.0 },
            Standardize::Feature { epsilon: 0.1 },
            Standardize::Sample { epsilon: 0.0 },
            Standardize::Sample { epsilon: 0.1 },
            Standardize::Global { epsilon: 0.0 },
            Standardize::Global { epsilon: 0.1 },
        ] {
            let mut samples = original.clone();
            let statistics = super::super::standardize(how, samples.view_mut());
            let units = Units::of(how, &original.view(), statistics.as_ref());
            let restored = units.restore(&samples.view());
            for (found, expected) in restored.iter().zip(&original) {
                assert!((found - f64::from(*expected)).abs() < 1e-6, "{how:?}: {restored}");
            }
        }
    }

    #[test]
    fn a_reconstruction_is_scaled_like_its_sample() {
        let original = array![[1.0_f32, 3.0]];
        // Mean 2, sd 1.
        let units = Units::of(Standardize::Sample { epsilon: 0.5 }, &original.view(), None);
        assert_eq!(units.restore(&array![[2.0_f32, -1.0]].view()), array![[5.0, 0.5]]);
        // An input without spread always becomes its mean.
        let statistics = Statistics { mean: array![7.0, 1.0], sd: array![0.0, 2.0] };
        let how = Standardize::Feature { epsilon: 0.0 };
        let units = Units::of(how, &original.view(), Some(&statistics));
        assert_eq!(units.restore(&array![[9.0_f32, 1.0]].view()), array![[7.0, 3.0]]);
    }
}
