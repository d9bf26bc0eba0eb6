//! The kernels of the sparse products of W, over the active pairs of sample and unit alone.
//!
//! With few active units the speed is limited by loading vectors, not by arithmetic, and the second-level cache has half the
//! rate of the first-level cache. So kernels work on the columns in passes of up to seven registers. The samples of a pass
//! are packed side by side (a panel, see [`mod@passes`]) and stay in the first-level cache; [`combine`] gathers rows of W instead and works on
//! blocks of units for the same reason.

#![allow(unsafe_code)]

use super::active::{ActivePairs, UNIT_BLOCK};
use super::lanes::{InstructionSet, Kernel, Lanes};
use super::matrix::row_stride;
use super::passes::{self, Aligned, LARGE, Pass, WIDEST, load_row, panel_len, passes, store_row};
use super::team::{Division, Share};
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use std::ops::Range;

/// Limit on the registers of a pass: with as many accumulators and two factors they fit the 16 registers of AVX2.
const REGISTERS: usize = 7;
/// Threads get multiples of so many columns: whole registers and cache lines.
const SHARED_COLUMNS: usize = 16;
/// Units whose rows of W stay in the second-level cache while several blocks of samples are multiplied with them.
const PROJECTED_UNITS: usize = 128;
/// Number of pairs whose dot products are summed together.
const GROUP: usize = 4;

/// Packs the rows of `matrix` \[B, n\] as these kernels read them.
pub(super) fn pack(set: InstructionSet, matrix: &[f32], columns: usize, panel: &mut [f32]) {
    passes::pack(set, matrix, columns, REGISTERS, panel);
}

/// Runs the kernel `$kernel::<T>`, where T is the number of registers of `$pass`.
macro_rules! run_pass {
    ($lanes:ty, $pass:expr, $kernel:ident $fields:tt) => {
        match $pass.registers {
            1 => <$lanes>::run($kernel::<1> $fields),
            2 => <$lanes>::run($kernel::<2> $fields),
            3 => <$lanes>::run($kernel::<3> $fields),
            4 => <$lanes>::run($kernel::<4> $fields),
            5 => <$lanes>::run($kernel::<5> $fields),
            6 => <$lanes>::run($kernel::<6> $fields),
            _ => <$lanes>::run($kernel::<7> $fields),
        }
    };
}

/// out ← W_j · lhs_b at the active pairs, in the order by unit; `panel` holds lhs. The threads share the units.
pub(super) fn project(
    with: (InstructionSet, Share<'_>),
    pairs: &ActivePairs,
    panel: &[f32],
    weights: &[f32],
    columns: usize,
    out: &mut [f32],
) {
    let out = &mut out[..pairs.len()];
    out.fill(0.0);
    assert!(weights.len() == pairs.units() * columns && panel.len() >= panel_len(pairs.samples(), columns));
    project_units(with, Project { pairs, units: 0..pairs.units(), panel, weights, columns, out });
}

/// Computes the units of `work`, whose lengths fit.
fn project_units((set, share): (InstructionSet, Share<'_>), work: Project<'_>) {
    let Project { pairs, units, panel, weights, columns, out } = work;
    if let Some((middle, division)) = pairs.divide(share, units.clone(), 0) {
        let Division { first, second, .. } = division;
        let (upper, lower) = out.split_at_mut(pairs.range(units.start..middle).len());
        let part = |units, out| Project { pairs, units, panel, weights, columns, out };
        let (left, right) = (part(units.start..middle, upper), part(middle..units.end, lower));
        division.join(|| project_units((set, first), left), || project_units((set, second), right));
        return;
    }
    // SAFETY: `set` proves that the processor has the instruction set; the caller has checked the lengths, and a pair's sample and unit
    // are below their numbers by construction.
    unsafe { set.run(Project { pairs, units, panel, weights, columns, out }) }
}

/// Safety condition: the lengths fit the pairs and the columns; `out` has the pairs of `units`.
struct Project<'a> {
    pairs: &'a ActivePairs,
    units: Range<usize>,
    panel: &'a [f32],
    /// W, all rows.
    weights: &'a [f32],
    columns: usize,
    out: &'a mut [f32],
}

impl Kernel for Project<'_> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(mut self) {
        let pairs = self.pairs;
        let step = if pairs.samples() < LARGE { self.units.len().max(1) } else { PROJECTED_UNITS };
        for first in self.units.clone().step_by(step) {
            for samples in pairs.sample_blocks() {
                for pass in passes(self.columns, L::WIDTH, REGISTERS) {
                    let units = first..self.units.end.min(first + step);
                    let work = ProjectPass { kernel: &mut self, units, samples, pass };
                    // SAFETY: the caller promises the kernel's condition.
                    unsafe { run_pass!(L, pass, ProjectBlock(work)) }
                }
            }
        }
    }
}

struct ProjectPass<'a, 'b> {
    kernel: &'a mut Project<'b>,
    /// Some units of the kernel.
    units: Range<usize>,
    /// A block of samples, as [`ActivePairs::sample_blocks`] has it.
    samples: [&'a [u32]; 2],
    pass: Pass,
}

struct ProjectBlock<'a, 'b, const T: usize>(ProjectPass<'a, 'b>);

impl<const T: usize> Kernel for ProjectBlock<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let ProjectPass {
            kernel: Project { pairs, units: all, panel, weights, columns, out },
            units,
            samples,
            pass,
        } = self.0;
        let first = pairs.range(all.clone()).start;
        let (out, sample_of) = (out.as_mut_ptr().wrapping_sub(first), pairs.sample_of().as_ptr());
        let [starts, ends] = samples.map(|indices| &indices[units.clone()]);
        // SAFETY: pairs and samples are in range, the pass's panel begins at samples · pass.first, a row of W has the pass's
        // columns, and the last register of a row is read up to its last column only.
        unsafe {
            let panel = panel.as_ptr().add(pairs.samples() * pass.first);
            let mut row = weights.as_ptr().wrapping_add(units.start * *columns + pass.first);
            for (start, end) in starts.iter().zip(ends) {
                let (mut pair, end) = (*start as usize, *end as usize);
                if pair < end {
                    let row: [L::Vector; T] = load_row::<L, T>(row, pass.last);
                    while pair + GROUP <= end {
                        project_group::<L, T, GROUP>(row, panel, sample_of.add(pair), out.add(pair));
                        pair += GROUP;
                    }
                    let (samples, out) = (sample_of.add(pair), out.add(pair));
                    match end - pair {
                        0 => {}
                        1 => project_group::<L, T, 1>(row, panel, samples, out),
                        2 => project_group::<L, T, 2>(row, panel, samples, out),
                        _ => project_group::<L, T, 3>(row, panel, samples, out),
                    }
                }
                row = row.wrapping_add(*columns);
            }
        }
    }
}

/// Adds to `out` the dot products of `row` with `C` ≤ [`GROUP`] samples of the panel.
///
/// # Safety
/// The pointers are valid for `C` values, the samples are rows of the panel, and the processor has the set.
#[inline(always)]
unsafe fn project_group<L: Lanes, const T: usize, const C: usize>(
    row: [L::Vector; T],
    panel: *const f32,
    sample_of: *const u32,
    out: *mut f32,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut samples = [panel; C];
        for (c, sample) in samples.iter_mut().enumerate() {
            *sample = panel.add(*sample_of.add(c) as usize * (T * L::WIDTH));
        }
        let mut accumulators = [L::splat(0.0); GROUP];
        for (t, weights) in row.into_iter().enumerate() {
            for (accumulator, sample) in accumulators.iter_mut().zip(samples) {
                *accumulator = L::multiply_add(weights, L::load(sample.add(t * L::WIDTH)), *accumulator);
            }
        }
        for (c, sum) in L::sums(accumulators).into_iter().enumerate().take(C) {
            *out.add(c) += sum;
        }
    }
}

/// out_b ← Σ_j coefficient_bj W_j over the active pairs; the coefficients are in the order by sample. The threads share the columns.
pub(super) fn combine(
    (set, share): (InstructionSet, Share<'_>),
    pairs: &ActivePairs,
    coefficients: &[f32],
    weights: ArrayView2<'_, f32>,
    mut out: ArrayViewMut2<'_, f32>,
) {
    let columns = out.ncols();
    let fits = coefficients.len() >= pairs.len()
        && weights.dim() == (pairs.units(), columns)
        && out.nrows() == pairs.samples();
    assert!(fits, "the coefficients or matrices don't fit the pairs");
    if out.is_empty() {
        return;
    }
    if let Some(division) = share.divide(columns, SHARED_COLUMNS) {
        let Division { end, first, second, .. } = division;
        let (left, right) = out.split_at(Axis(1), end);
        let (weights_left, weights_right) = weights.split_at(Axis(1), end);
        division.join(
            || combine((set, first), pairs, coefficients, weights_left, left),
            || combine((set, second), pairs, coefficients, weights_right, right),
        );
        return;
    }
    out.fill(0.0);
    let strides = [row_stride(&weights), row_stride(&out)];
    // SAFETY: `set` proves that the processor has the instruction set; the shapes were just checked, and a pair's sample and unit are below
    // their numbers by construction.
    unsafe {
        if pairs.samples() < LARGE {
            set.run(Combine { pairs, coefficients, weights, out, strides, panel: None });
        } else {
            let mut panel = Aligned([0.0; UNIT_BLOCK * REGISTERS * WIDEST]);
            set.run(Combine { pairs, coefficients, weights, out, strides, panel: Some(&mut panel.0) });
        }
    }
}

/// Safety condition: the shapes fit the pairs, and the values of a row are side by side.
struct Combine<'a> {
    pairs: &'a ActivePairs,
    coefficients: &'a [f32],
    weights: ArrayView2<'a, f32>,
    out: ArrayViewMut2<'a, f32>,
    /// The distances between rows of `weights` and of `out`.
    strides: [usize; 2],
    /// Room for the rows of a block of units in one pass, if they are packed.
    panel: Option<&'a mut [f32; UNIT_BLOCK * REGISTERS * WIDEST]>,
}

impl Kernel for Combine<'_> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(mut self) {
        for block in 0..self.pairs.blocks() {
            for pass in passes(self.out.ncols(), L::WIDTH, REGISTERS) {
                let work = CombinePass { kernel: &mut self, block, pass };
                // SAFETY: the caller promises the kernel's condition.
                unsafe {
                    if pass.last == L::WIDTH {
                        run_pass!(L, pass, CombineWhole(work));
                    } else {
                        run_pass!(L, pass, CombineRagged(work));
                    }
                }
            }
        }
    }
}

struct CombinePass<'a, 'b> {
    kernel: &'a mut Combine<'b>,
    block: usize,
    pass: Pass,
}

struct CombineWhole<'a, 'b, const T: usize>(CombinePass<'a, 'b>);
struct CombineRagged<'a, 'b, const T: usize>(CombinePass<'a, 'b>);

impl<const T: usize> Kernel for CombineWhole<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        // SAFETY: the caller promises the kernel's condition.
        unsafe { combine_pass::<L, T>(self.0, L::WIDTH) }
    }
}

impl<const T: usize> Kernel for CombineRagged<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let last = self.0.pass.last;
        // SAFETY: the caller promises the kernel's condition.
        unsafe { combine_pass::<L, T>(self.0, last) }
    }
}

/// Adds one block of units in one pass; `last` is the number of columns in the last register.
///
/// # Safety
/// The condition of [`Combine`], and the processor has the instruction set.
#[inline(always)]
unsafe fn combine_pass<L: Lanes, const T: usize>(work: CombinePass<'_, '_>, last: usize) {
    let CombinePass { kernel: Combine { pairs, coefficients, weights, out, strides, panel }, block, pass } =
        work;
    let [mut row_stride, out_stride] = *strides;
    let (starts, blocks) = (pairs.block_starts(), pairs.blocks());
    let (unit_of, coefficients) = (pairs.unit_of().as_ptr(), coefficients.as_ptr());
    // SAFETY: pairs, units and samples are in range, rows of W and `out` have the pass's columns, and the last register of a
    // row is read and written up to its last column only.
    unsafe {
        let mut weights = weights.as_ptr().add(pass.first);
        if let Some(panel) = panel {
            let (first, panel) = (block * UNIT_BLOCK, panel.as_mut_ptr());
            for unit in 0..UNIT_BLOCK.min(pairs.units() - first) {
                let row = load_row::<L, T>(weights.add((first + unit) * row_stride), last);
                store_row::<L, T>(panel.add(unit * T * L::WIDTH), row, L::WIDTH);
            }
            row_stride = T * L::WIDTH;
            weights = panel.wrapping_sub(first * row_stride);
        }
        let out = out.as_mut_ptr().add(pass.first);
        for sample in 0..pairs.samples() {
            let at = sample * blocks + block;
            let (start, end) = (starts[at] as usize, starts[at + 1] as usize);
            if start == end {
                continue;
            }
            let out = out.add(sample * out_stride);
            let mut sums: [L::Vector; T] = load_row::<L, T>(out, last);
            for pair in start..end {
                let coefficient = L::splat(*coefficients.add(pair));
                let row = weights.wrapping_add(*unit_of.add(pair) as usize * row_stride);
                for (sum, value) in sums.iter_mut().zip(load_row::<L, T>(row, last)) {
                    *sum = L::multiply_add(coefficient, value, *sum);
                }
            }
            store_row::<L, T>(out, sums, last);
        }
    }
}

/// A sum of outer products Σ_b coefficient_bj x_b: coefficients in the order by unit, and packed samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedTerm<'a> {
    pub(super) coefficients: &'a [f32],
    pub(super) panel: &'a [f32],
}

/// gradient_j ← gradient_j + the two terms' sums over the pairs of unit j, for the rows j of `units`.
pub(super) fn add_outer(
    set: InstructionSet,
    (pairs, units): (&ActivePairs, Range<usize>),
    terms: [PackedTerm<'_>; 2],
    gradient: &mut [f32],
    columns: usize,
) {
    check_terms(pairs, &units, &terms, columns);
    assert!(gradient.len() == units.len() * columns, "the gradient doesn't fit the pairs");
    // SAFETY: `set` proves that the processor has the instruction set; the lengths were just checked.
    unsafe { set.run(AddOuter { pairs, units, terms, velocity: gradient, columns, motion: None }) }
}

/// The row update that follows the sums of outer products in one step.
#[derive(Debug)]
pub(super) struct Motion<'a> {
    /// W \[m, n\].
    pub(super) weights: &'a mut [f32],
    /// μ.
    pub(super) momentum: f32,
    /// Velocities below this in magnitude become 0.
    pub(super) rest: f32,
    /// Factor of W_j in the velocity \[m\].
    pub(super) radial: &'a [f32],
    /// Out: ‖W_j‖² after the update \[m\].
    pub(super) squared_norms: &'a mut [f32],
}

/// v ← V_j + radial_j W_j + the terms' sums; W_j ← W_j + v; V_j ← μ v, for the rows j of `units`; writes the squared row lengths.
pub(super) fn add_outer_and_move(
    set: InstructionSet,
    (pairs, units): (&ActivePairs, Range<usize>),
    terms: [PackedTerm<'_>; 2],
    velocity: &mut [f32],
    columns: usize,
    motion: Motion<'_>,
) {
    check_terms(pairs, &units, &terms, columns);
    let len = units.len() * columns;
    let fits = velocity.len() == len
        && motion.weights.len() == len
        && motion.radial.len() == units.len()
        && motion.squared_norms.len() == units.len();
    assert!(fits, "the weights don't fit the pairs");
    motion.squared_norms.fill(0.0);
    // SAFETY: `set` proves that the processor has the instruction set; the lengths were just checked.
    unsafe { set.run(AddOuter { pairs, units, terms, velocity, columns, motion: Some(motion) }) }
}

fn check_terms(pairs: &ActivePairs, units: &Range<usize>, terms: &[PackedTerm<'_>; 2], columns: usize) {
    let are_units = units.start <= units.end && units.end <= pairs.units();
    let fits = are_units
        && terms.iter().all(|term| {
            term.coefficients.len() >= pairs.len() && term.panel.len() >= panel_len(pairs.samples(), columns)
        });
    assert!(fits, "the terms don't fit the pairs");
}

/// Safety condition: the lengths fit the units, the pairs and the columns.
struct AddOuter<'a> {
    pairs: &'a ActivePairs,
    /// The units of the rows of `velocity` and `motion`.
    units: Range<usize>,
    terms: [PackedTerm<'a>; 2],
    velocity: &'a mut [f32],
    columns: usize,
    motion: Option<Motion<'a>>,
}

impl Kernel for AddOuter<'_> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(mut self) {
        for pass in passes(self.columns, L::WIDTH, REGISTERS) {
            // SAFETY: the caller promises the kernel's condition.
            unsafe { run_pass!(L, pass, AddOuterPass(&mut self, pass)) }
        }
    }
}

struct AddOuterPass<'a, 'b, const T: usize>(&'a mut AddOuter<'b>, Pass);

impl<const T: usize> Kernel for AddOuterPass<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let Self(AddOuter { pairs, units, terms, velocity, columns, motion }, pass) = self;
        let sample_of = pairs.sample_of().as_ptr();
        let coefficients = terms.map(|term| term.coefficients.as_ptr());
        // SAFETY: pairs and samples are in range, the pass's panels begin at samples · pass.first, rows of W and V have the
        // pass's columns, and the last register of a row is read and written up to its last column only.
        unsafe {
            let panels = terms.map(|term| term.panel.as_ptr().add(pairs.samples() * pass.first));
            for (unit, range) in pairs.unit_starts()[units.start..=units.end].windows(2).enumerate() {
                let (start, end) = (range[0] as usize, range[1] as usize);
                if start == end && motion.is_none() {
                    continue;
                }
                let velocity = velocity.as_mut_ptr().add(unit * *columns + pass.first);
                let mut sums: [[L::Vector; T]; 2] =
                    [load_row::<L, T>(velocity, pass.last), [L::splat(0.0); T]];
                for pair in start..end {
                    let sample = *sample_of.add(pair) as usize * (T * L::WIDTH);
                    for ((sums, panel), coefficients) in sums.iter_mut().zip(panels).zip(coefficients) {
                        let coefficient = L::splat(*coefficients.add(pair));
                        for (t, sum) in sums.iter_mut().enumerate() {
                            let value = L::load(panel.add(sample + t * L::WIDTH));
                            *sum = L::multiply_add(coefficient, value, *sum);
                        }
                    }
                }
                let [mut step, second] = sums;
                for (step, second) in step.iter_mut().zip(second) {
                    *step = L::add(*step, second);
                }
                if let Some(motion) = motion {
                    let weights = motion.weights.as_mut_ptr().add(unit * *columns + pass.first);
                    let (momentum, rest) = (L::splat(motion.momentum), L::splat(motion.rest));
                    let radial = L::splat(motion.radial[unit]);
                    let mut squares = L::splat(0.0);
                    let mut row: [L::Vector; T] = load_row::<L, T>(weights, pass.last);
                    for (w, step) in row.iter_mut().zip(&mut step) {
                        let moved = L::multiply_add(radial, *w, *step);
                        *w = L::add(*w, moved);
                        squares = L::multiply_add(*w, *w, squares);
                        *step = L::flush(L::multiply(momentum, moved), rest);
                    }
                    store_row::<L, T>(weights, row, pass.last);
                    let zero = L::splat(0.0);
                    motion.squared_norms[unit] += L::sums([squares, zero, zero, zero])[0];
                }
                store_row::<L, T>(velocity, step, pass.last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::plain;
    use crate::linalg::team::Team;
    use crate::linalg::team::tests::by_teams;
    use crate::linalg::tests::normal;
    use proptest::prelude::*;

    /// Outputs of which a fraction of about `density` is not 0; every third unit is dead.
    fn outputs(seed: u64, samples: usize, units: usize, density: f64) -> Vec<f32> {
        let mut values = normal(seed, samples * units);
        // Uniform variate: the logistic approximation of the normal distribution function.
        let uniform = |z: f32| 1.0 / (1.0 + f64::from(-1.702 * z).exp());
        for (i, h) in values.iter_mut().enumerate() {
            let off = i % units % 3 == 2 || (density < 1.0 && uniform(*h) >= density);
            *h = if off { 0.0 } else { h.abs() + 0.1 };
        }
        values
    }

    fn view(values: &[f32], columns: usize) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((values.len() / columns, columns), values).unwrap()
    }

    fn view_mut(values: &mut [f32], columns: usize) -> ArrayViewMut2<'_, f32> {
        ArrayViewMut2::from_shape((values.len() / columns, columns), values).unwrap()
    }

    fn assert_close(found: &[f32], expected: &[f32], what: &str) {
        // The operands are standard normal, so partial sums have this size even if the whole sum is almost 0.
        let scale = expected.iter().fold(4.0_f32, |max, x| max.max(x.abs()));
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            // Sums of a few hundred terms in another order differ by a few dozen ulp of the largest.
            assert!((found - expected).abs() <= 1e-5 * scale, "{what}, value {i}: {found} is not {expected}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn kernels_agree_with_the_plain_loops(
            (samples, units, columns) in prop_oneof![
                (1_usize..14, 1_usize..150, 1_usize..260),
                (LARGE..LARGE + 40, 1_usize..150, 1_usize..40),
            ],
            density in prop_oneof![Just(0.0), Just(1.0), 0.0..1.0],
            seed in 0_u64..1000,
        ) {
            let hidden = outputs(seed, samples, units, density);
            let mut pairs = ActivePairs::with_capacity(samples, units);
            pairs.mark(&hidden);
            pairs.list();
            let weights = normal(seed + 1, units * columns);
            let (lhs, other) = (normal(seed + 2, samples * columns), normal(seed + 3, samples * columns));
            let (mut by_sample, mut by_unit) = (vec![0.0; pairs.len()], vec![0.0; pairs.len()]);
            pairs.by_sample(&hidden, &mut by_sample);
            pairs.by_unit(&hidden, -0.3, &mut by_unit);

            let mut projected = vec![0.0; pairs.len()];
            plain::project(&pairs, &lhs, &weights, columns, &mut projected);
            let mut combined = vec![0.0; samples * columns];
            plain::combine(&pairs, &by_sample, &weights, columns, &mut combined);
            let velocity = normal(seed + 4, units * columns);
            let mut gradient = velocity.clone();
            plain::add_outer(&pairs, &by_unit, &lhs, columns, &mut gradient);
            plain::add_outer(&pairs, &projected, &other, columns, &mut gradient);

            for &set in InstructionSet::available() {
                let alone = (set, Share::alone());
                let pack = |matrix: &[f32]| {
                    let mut panel = vec![f32::NAN; panel_len(samples, columns)];
                    super::pack(set, matrix, columns, &mut panel);
                    panel
                };
                let panels = [pack(&lhs), pack(&other)];
                let mut out = vec![f32::NAN; pairs.len()];
                project(alone, &pairs, &panels[0], &weights, columns, &mut out);
                assert_close(&out, &projected, "project");
                let mut out = vec![f32::NAN; samples * columns];
                combine(alone, &pairs, &by_sample, view(&weights, columns), view_mut(&mut out, columns));
                assert_close(&out, &combined, "combine");

                let terms = [
                    PackedTerm { coefficients: &by_unit, panel: &panels[0] },
                    PackedTerm { coefficients: &projected, panel: &panels[1] },
                ];
                let mut out = velocity.clone();
                add_outer(set, (&pairs, 0..units), terms, &mut out, columns);
                assert_close(&out, &gradient, "add_outer");

                let (mut moved, mut velocity) = (weights.clone(), velocity.clone());
                let (radial, mut squared_norms) = (normal(seed + 5, units), vec![f32::NAN; units]);
                let motion = Motion {
                    weights: &mut moved,
                    momentum: 0.9,
                    rest: 0.05,
                    radial: &radial,
                    squared_norms: &mut squared_norms,
                };
                add_outer_and_move(set, (&pairs, 0..units), terms, &mut velocity, columns, motion);
                let step: Vec<f32> = (0..units * columns)
                    .map(|i| gradient[i] + radial[i / columns] * weights[i])
                    .collect();
                let expected: Vec<f32> = weights.iter().zip(&step).map(|(w, v)| w + v).collect();
                assert_close(&moved, &expected, "weights");
                for (v, step) in velocity.iter().zip(&step) {
                    let decayed = 0.9 * step;
                    let kept = (v - decayed).abs() < 1e-4 * decayed.abs().max(1.0);
                    let rests = *v == 0.0 && decayed.abs() < 0.05 + 1e-4;
                    prop_assert!(rests || (kept && decayed.abs() > 0.05 - 1e-4), "{v} after {decayed}");
                }
                for (unit, squared) in squared_norms.iter().enumerate() {
                    let row = &moved[unit * columns..][..columns];
                    let expected: f32 = row.iter().map(|w| w * w).sum();
                    prop_assert!((squared - expected).abs() <= 1e-5 * expected.max(1.0));
                }
            }
        }
    }

    /// The results of the products that threads share, in one list, as the threads of `team` compute them.
    fn results(
        (set, team): (InstructionSet, &Team),
        pairs: &ActivePairs,
        (samples, columns): (&[f32], usize),
        (weights, coefficients): (&[f32], &[f32]),
    ) -> Vec<f32> {
        let with = (set, team.share(usize::MAX));
        let mut panel = vec![0.0; panel_len(pairs.samples(), columns)];
        pack(set, samples, columns, &mut panel);
        let mut projected = vec![f32::NAN; pairs.len()];
        project(with, pairs, &panel, weights, columns, &mut projected);
        let mut combined = vec![f32::NAN; samples.len()];
        combine(with, pairs, coefficients, view(weights, columns), view_mut(&mut combined, columns));
        [projected, combined].concat()
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        for (samples, units, columns) in
            [11, 150].into_iter().flat_map(|samples| [1, 16, 33, 250].map(|n| (samples, 150, n)))
        {
            for density in [0.1, 1.0] {
                let hidden = outputs(1, samples, units, density);
                let mut pairs = ActivePairs::with_capacity(samples, units);
                pairs.mark(&hidden);
                pairs.list();
                let (lhs, weights) = (normal(2, samples * columns), normal(3, units * columns));
                let coefficients = normal(4, samples * units);
                for &set in InstructionSet::available() {
                    let [alone, two, three] = by_teams(|team| {
                        results((set, team), &pairs, (&lhs, columns), (&weights, &coefficients))
                    });
                    assert!(alone == two && alone == three, "{columns} columns, density {density}, {set:?}");
                }
            }
        }
    }

    /// Large batches are computed in blocks of samples and from packed rows; a value's sum keeps its order.
    #[test]
    fn the_size_of_the_batch_changes_no_bit() {
        let (samples, few, units) = (LARGE + 30, LARGE - 1, 150);
        let hidden = outputs(1, samples, units, 0.4);
        let coefficients = normal(4, samples * units);
        let mut pairs = ActivePairs::with_capacity(samples, units);
        for columns in [1, 16, 33, 250] {
            let (lhs, weights) = (normal(2, samples * columns), normal(3, units * columns));
            for &set in InstructionSet::available() {
                // W_j · lhs_b as a matrix [B, m], and the combinations [B, n].
                let mut of_the_first = |samples: usize| {
                    pairs.mark(&hidden[..samples * units]);
                    pairs.list();
                    let mut by_sample = vec![0.0; pairs.len()];
                    pairs.by_sample(&coefficients[..samples * units], &mut by_sample);
                    let lhs = (&lhs[..samples * columns], columns);
                    let found = results((set, &Team::alone()), &pairs, lhs, (&weights, &by_sample));
                    let (projected, combined) = found.split_at(pairs.len());
                    let mut matrix = vec![0.0; samples * units];
                    pairs.scatter(projected, false, &mut matrix);
                    (matrix[..few * units].to_vec(), combined[..few * columns].to_vec())
                };
                assert!(of_the_first(few) == of_the_first(samples), "{columns} columns, {set:?}");
            }
        }
    }

    #[test]
    fn nan_stays_visible() {
        let mut pairs = ActivePairs::with_capacity(2, 3);
        pairs.mark(&[0.0, f32::NAN, 0.0, 1.0, 0.0, 0.0]);
        pairs.list();
        assert_eq!(pairs.len(), 2);
        for &set in InstructionSet::available() {
            let (weights, mut out) = (vec![1.0; 3 * 5], vec![0.0; 2 * 5]);
            combine(
                (set, Share::alone()),
                &pairs,
                &[f32::NAN, 1.0],
                view(&weights, 5),
                view_mut(&mut out, 5),
            );
            assert!(out[..5].iter().all(|y| y.is_nan()) && out[5..].iter().all(|y| *y == 1.0));
        }
    }
}
