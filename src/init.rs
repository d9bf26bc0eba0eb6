//! Initial parameters: normalized initialization (Glorot & Bengio, 2010) or given parameters, projected on the constraint.

use crate::constraint::Constraint;
use crate::random::init_stream;
use crate::real::Real;
use crate::state::Parameters;
use ndarray::{Array2, ArrayView2};
use ndarray_rand::RandomExt;
use rand_distr::Uniform;

/// W_ji ~ U(−√(6 / (n + m)), √(6 / (n + m))) and biases 0; the rows are then projected on the constraint.
///
/// The weights are drawn in double precision row by row, so that both precisions start from the same weights.
///
/// # Panics
/// If there are neither inputs nor hidden units.
pub fn glorot<F: Real>(
    seed: u64,
    hidden: usize,
    inputs: usize,
    decoder_bias: bool,
    constraint: Constraint,
) -> Parameters<F> {
    let bound = (6.0 / (inputs + hidden) as f64).sqrt();
    let uniform = Uniform::new(-bound, bound).expect("the bound is positive and finite");
    let weights = Array2::random_using((hidden, inputs), uniform, &mut init_stream(seed)).mapv(F::from_f64);
    let decoder_bias = if decoder_bias { vec![F::zero(); inputs] } else { Vec::new() };
    project(weights.view(), vec![F::zero(); hidden], decoder_bias, constraint)
}

/// The given parameters with the rows of the weights \[m, n\] projected on the constraint.
///
/// # Panics
/// If the shapes don't fit.
pub fn project<F: Real>(
    weights: ArrayView2<'_, F>,
    bias: Vec<F>,
    decoder_bias: Vec<F>,
    constraint: Constraint,
) -> Parameters<F> {
    let mut weights = weights.to_owned();
    for mut row in weights.rows_mut() {
        // In f64, so that a row that already has its length changes by rounding alone.
        let norm = row.iter().map(|w| w.as_f64().powi(2)).sum::<f64>().sqrt();
        let scale = constraint.row_scale(norm);
        if scale != 1.0 {
            row.mapv_inplace(|w| F::from_f64(w.as_f64() * scale));
        }
    }
    Parameters::new(weights.view(), bias, decoder_bias)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glorot_fills_its_bound_evenly() {
        let parameters = glorot::<f64>(3, 200, 100, true, Constraint::None);
        let bound = (6.0_f64 / 300.0).sqrt();
        let weights = parameters.weights();
        let count = weights.len() as f64;
        assert!(weights.iter().all(|w| w.abs() <= bound));
        assert!(weights.iter().any(|w| w.abs() > 0.999 * bound), "20,000 draws come close to the bound");
        // Five standard errors of mean and variance of a uniform sample.
        assert!(weights.mean().unwrap().abs() < 5.0 * bound / (3.0 * count).sqrt());
        let variance = weights.iter().map(|w| w * w).sum::<f64>() / count;
        assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 5.0 * (0.8 / count).sqrt());
        assert!(parameters.bias().iter().chain(parameters.decoder_bias()).all(|b| *b == 0.0));
    }

    #[test]
    fn both_precisions_and_every_constraint_start_from_the_same_draw() {
        let double = glorot::<f64>(3, 20, 10, false, Constraint::None);
        let single = glorot::<f32>(3, 20, 10, false, Constraint::None);
        for (d, s) in double.weights().iter().zip(single.weights()) {
            assert_eq!(*d as f32, *s);
        }
        let unit = glorot::<f64>(3, 20, 10, false, Constraint::UnitNorm);
        for (row, unit) in double.weights().rows().into_iter().zip(unit.weights().rows()) {
            let norm = row.dot(&row).sqrt();
            assert!(row.iter().zip(unit).all(|(w, u)| (w / norm - u).abs() < 1e-15));
        }
        assert!(unit.squared_norms().iter().all(|n| (n - 1.0).abs() < 1e-14));
    }

    #[test]
    fn a_warm_start_is_projected_and_its_zero_row_stays_zero() {
        let weights = ndarray::array![[3.0_f32, 4.0], [0.0, 0.0], [0.6, 0.8]];
        let parameters = project(weights.view(), vec![1.0, 2.0, 3.0], Vec::new(), Constraint::UnitNorm);
        assert_eq!(parameters.weights(), ndarray::array![[0.6_f32, 0.8], [0.0, 0.0], [0.6, 0.8]]);
        assert_eq!(parameters.bias(), [1.0, 2.0, 3.0]);
        assert_eq!(parameters.squared_norms()[1], 0.0);
    }

    /// Golden values, like those of the streams in `random.rs`.
    #[test]
    fn the_first_weights_are_what_they_always_were() {
        let parameters = glorot::<f32>(1, 3, 2, false, Constraint::None);
        let first: Vec<u32> = parameters.weights().iter().map(|w| w.to_bits()).collect();
        let golden = [-0.213_643_21_f32, -0.919_333_2, 0.211_552_75, -0.614_929, -0.473_910_18, 0.461_423_87];
        assert_eq!(first, golden.map(f32::to_bits));
    }
}
