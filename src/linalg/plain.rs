//! The sparse products in plain loops, for double precision and as the oracle of the kernels' tests.

use super::active::ActivePairs;
use super::elementwise::dot;
use crate::real::Real;

/// out ← W_j · lhs_b at the active pairs, in the order by unit.
pub(super) fn project<F: Real>(pairs: &ActivePairs, lhs: &[F], weights: &[F], columns: usize, out: &mut [F]) {
    for (row, range) in weights.chunks_exact(columns).zip(pairs.unit_starts().windows(2)) {
        let range = range[0] as usize..range[1] as usize;
        for (out, sample) in out[range.clone()].iter_mut().zip(&pairs.sample_of()[range]) {
            *out = dot(row, &lhs[*sample as usize * columns..][..columns]);
        }
    }
}

/// out_b ← Σ_j coefficient_bj W_j over the active pairs; the coefficients are in the order by sample.
pub(super) fn combine<F: Real>(
    pairs: &ActivePairs,
    coefficients: &[F],
    weights: &[F],
    columns: usize,
    out: &mut [F],
) {
    out.fill(F::zero());
    let blocks = pairs.blocks();
    for (out, starts) in
        out.chunks_exact_mut(columns).zip(pairs.block_starts().windows(blocks + 1).step_by(blocks))
    {
        let range = starts[0] as usize..starts[blocks] as usize;
        for (coefficient, unit) in coefficients[range.clone()].iter().zip(&pairs.unit_of()[range]) {
            let row = &weights[*unit as usize * columns..][..columns];
            out.iter_mut().zip(row).for_each(|(out, w)| *out += *coefficient * *w);
        }
    }
}

/// gradient_j ← gradient_j + Σ_b coefficient_bj x_b over the pairs of unit j; the coefficients are in the order by unit.
pub(super) fn add_outer<F: Real>(
    pairs: &ActivePairs,
    coefficients: &[F],
    samples: &[F],
    columns: usize,
    gradient: &mut [F],
) {
    for (row, range) in gradient.chunks_exact_mut(columns).zip(pairs.unit_starts().windows(2)) {
        let range = range[0] as usize..range[1] as usize;
        for (coefficient, sample) in coefficients[range.clone()].iter().zip(&pairs.sample_of()[range]) {
            let sample = &samples[*sample as usize * columns..][..columns];
            row.iter_mut().zip(sample).for_each(|(out, x)| *out += *coefficient * *x);
        }
    }
}
