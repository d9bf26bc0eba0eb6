//! Screening: computes only the dot products that may be positive once the bias is added, and proves the others negative.
//!
//! If the activation is 0 below 0, most pre-activations of a sparse network only have to be known to be negative. On some
//! processors products of bfloat16 pairs run at twice the rate of `f32`, and their error has a bound: if the approximation
//! plus its bound plus the bias is below 0, the unit is inactive. Every other pair is computed again in the order of
//! operations of [`super::dots()`]. So the activation's outputs are the same bit for bit, whether or not a batch is screened.
//!
//! The bound, with x̂ and ŵ rounded to 8 bits (relative error at most u = 2⁻⁸) and δ = x̂ − x:
//! |x̂·ŵ − x·w| ≤ ‖δ‖ ‖ŵ‖ + ‖x‖ ‖ŵ − w‖ ≤ ‖w‖ (‖δ‖ (1 + u) + ‖x‖ u), plus less than n 2⁻²² ‖x‖ ‖w‖ for the rounding of
//! all sums, including those of the exact product.

#![allow(unsafe_code)]

use super::dots::UNITS;
use super::team::{Division, Share};
use ndarray::{ArrayViewMut2, Axis};
use std::ops::Range;

/// Values in a register of bfloat16.
const HALVES: usize = 32;
/// Units of a block: after screening it, its exact products follow while its rows are still in the second-level cache.
const BLOCK: usize = u64::BITS as usize;

/// Whether this processor has the instructions for screening.
pub(super) fn is_available() -> bool {
    #[cfg(target_arch = "x86_64")]
    let found = super::lanes::InstructionSet::best().is_some_and(super::lanes::InstructionSet::is_avx512)
        && is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    let found = false;
    found
}

/// Whether screening is faster than the exact products. AMD's processors multiply bfloat16 pairs at twice the rate of `f32`,
/// Intel's at half the rate (measured on Zen 4 and on a Xeon with AMX).
pub(super) fn is_faster() -> bool {
    #[cfg(target_arch = "x86_64")]
    let is_amd = {
        let leaf = std::arch::x86_64::__cpuid(0);
        [leaf.ebx, leaf.edx, leaf.ecx].map(u32::to_le_bytes).as_flattened() == b"AuthenticAMD"
    };
    #[cfg(not(target_arch = "x86_64"))]
    let is_amd = false;
    is_amd
}

/// Buffers for screening. Only [`Screen::new`] makes them, after detection, so a `Screen` proves that the processor has the
/// instructions. n' is n rounded up to a multiple of [`HALVES`].
#[derive(Debug)]
pub(super) struct Screen {
    /// The samples in bfloat16, padded with zeros \[B, n'\].
    samples: Vec<u16>,
    /// [`UNITS`] rows of W in bfloat16 for each thread \[T, [`UNITS`], n'\].
    rows: Vec<u16>,
    /// Error bound of the approximation divided by ‖W_j‖ \[B\].
    margins: Vec<f32>,
    /// −b_j, lowered by its rounding error, padded to whole blocks.
    thresholds: Vec<f32>,
    /// ‖W_j‖, padded to whole blocks.
    norms: Vec<f32>,
}

/// The matrices and vectors that are screened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factors<'a> {
    /// \[B, n\].
    pub(super) lhs: &'a [f32],
    /// W \[m, n\].
    pub(super) rows: &'a [f32],
    /// b \[m\].
    pub(super) bias: &'a [f32],
    /// ‖W_j‖² \[m\].
    pub(super) squared_norms: &'a [f32],
    /// n.
    pub(super) columns: usize,
}

impl Screen {
    /// Buffers for batches of up to `batch` samples and for one thread; `None` if this processor can't screen.
    pub(super) fn new(batch: usize, inputs: usize, hidden: usize) -> Option<Self> {
        let (padded, units) = (inputs.next_multiple_of(HALVES), hidden.next_multiple_of(BLOCK));
        is_available().then(|| Self {
            samples: vec![0; batch * padded],
            rows: vec![0; UNITS * padded],
            margins: vec![0.0; batch],
            thresholds: vec![0.0; units],
            norms: vec![0.0; units],
        })
    }

    /// The same buffers for so many threads.
    pub(super) fn with_threads(mut self, threads: usize) -> Self {
        self.rows.resize(self.rows.len() * threads, 0);
        self
    }

    /// out ← lhs rowsᵀ \[B, m\] wherever its sum with the bias is positive; elsewhere a value whose sum with the bias is not
    /// positive.
    ///
    /// # Panics
    /// If the factors don't fit each other or the buffers.
    pub(super) fn dots(&mut self, share: Share<'_>, factors: Factors<'_>, out: ArrayViewMut2<'_, f32>) {
        let Factors { lhs, rows, bias, squared_norms, columns } = factors;
        let (samples, units) = (lhs.len() / columns.max(1), bias.len());
        let padded = columns.next_multiple_of(HALVES);
        let fits = columns > 0
            && lhs.len() == samples * columns
            && rows.len() == units * columns
            && squared_norms.len() == units
            && out.dim() == (samples, units)
            && self.samples.len() >= samples * padded
            && self.rows.len().is_multiple_of(UNITS * padded)
            && self.norms.len() == units.next_multiple_of(BLOCK);
        assert!(fits, "the factors don't fit each other or the buffers");
        // The squares of smaller lengths underflow, and bfloat16 flushes denormal values to 0.
        let floor = 1e-18;
        for (unit, (bias, squared)) in bias.iter().zip(squared_norms).enumerate() {
            self.thresholds[unit] = -bias - bias.abs() * 2.0_f32.powi(-22);
            let norm = squared.sqrt();
            // `max` would replace NaN.
            self.norms[unit] = if norm < floor { floor } else { norm };
        }
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `self` proves that the processor has the instructions; the lengths were just checked.
        unsafe {
            x86::round_samples(self, lhs, columns, floor);
        }
        let Self { samples, rows, margins, thresholds, norms } = self;
        let rounded = Rounded { samples, margins, thresholds, norms };
        rounded.dots(share, factors, rows, 0..units, out);
    }
}

/// What a [`Screen`] knows of a batch and of W. Like the screen, it proves that the processor has the instructions.
#[derive(Clone, Copy)]
struct Rounded<'a> {
    samples: &'a [u16],
    margins: &'a [f32],
    thresholds: &'a [f32],
    norms: &'a [f32],
}

impl Rounded<'_> {
    /// The columns `units` of [`Screen::dots`]; `rows` is the work space of the share's threads.
    fn dots(
        self,
        share: Share<'_>,
        factors: Factors<'_>,
        rows: &mut [u16],
        units: Range<usize>,
        out: ArrayViewMut2<'_, f32>,
    ) {
        let Some(division) = share.divide(units.len(), BLOCK) else {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `self` proves that the processor has the instructions; `Screen::dots` has checked the lengths.
            unsafe {
                x86::dots(self, factors, rows, units, out);
            }
            return;
        };
        let Division { end, first, second, .. } = division;
        let middle = units.start + end;
        let (left, right) = out.split_at(Axis(1), end);
        let (rows_left, rows_right) = rows.split_at_mut(rows.len() / share.threads() * first.threads());
        division.join(
            || self.dots(first, factors, rows_left, units.start..middle, left),
            || self.dots(second, factors, rows_right, middle..units.end, right),
        );
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::dots::accumulate;
    use super::super::lanes::{Lanes, x86::Avx512};
    use super::super::matrix::row_stride;
    use super::{BLOCK, Factors, HALVES, Rounded, Screen, UNITS};
    use ndarray::ArrayViewMut2;
    use std::arch::x86_64::{
        __m512, __m512bh, __m512i, _CMP_NLT_UQ, _mm512_castsi512_ps, _mm512_cmp_ps_mask,
        _mm512_cvtepu16_epi32, _mm512_cvtne2ps_pbh, _mm512_dpbf16_ps, _mm512_extracti64x4_epi64,
        _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_loadu_si512, _mm512_reduce_add_ps, _mm512_setzero_ps,
        _mm512_slli_epi32, _mm512_storeu_si512, _mm512_sub_ps,
    };
    use std::mem::transmute;
    use std::ops::Range;

    /// Samples of a tile.
    const TILE: usize = 5;

    /// Rounds the samples and computes their margins.
    ///
    /// # Safety
    /// The processor has the instructions; `lhs` consists of whole rows that fit the screen's buffers.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bf16,avx2,fma")]
    pub(super) unsafe fn round_samples(screen: &mut Screen, lhs: &[f32], columns: usize, floor: f32) {
        let padded = columns.next_multiple_of(HALVES);
        let rows = lhs.chunks_exact(columns).zip(screen.samples.chunks_exact_mut(padded));
        for ((row, rounded), margin) in rows.zip(&mut screen.margins) {
            let (mut squares, mut errors) = (_mm512_setzero_ps(), _mm512_setzero_ps());
            // SAFETY: this function's condition; `rounded` is as long as the row with its padding.
            unsafe {
                round_row(row, rounded, |exact, rounded| {
                    let error = _mm512_sub_ps(rounded, exact);
                    squares = _mm512_fmadd_ps(exact, exact, squares);
                    errors = _mm512_fmadd_ps(error, error, errors);
                });
            }
            let length = _mm512_reduce_add_ps(squares).sqrt().max(floor);
            let error = _mm512_reduce_add_ps(errors).sqrt();
            // The factor 1.02 covers 1 + u and the rounding of this computation.
            *margin = 1.02 * (error + length / 256.0) + length * columns as f32 * 2.0_f32.powi(-22) + floor;
        }
    }

    /// Rounds one row to bfloat16, padded with zeros, and passes each register before and after rounding to `inspect`.
    ///
    /// # Safety
    /// The processor has the instructions; `rounded` has the row's length rounded up to a multiple of [`HALVES`].
    #[inline(always)]
    unsafe fn round_row(row: &[f32], rounded: &mut [u16], mut inspect: impl FnMut(__m512, __m512)) {
        let (whole, tail) = row.as_chunks::<HALVES>();
        let (rounded, _) = rounded.as_chunks_mut::<HALVES>();
        let mut round = |low, high, halves: &mut [u16; HALVES]| {
            // SAFETY: the processor has the instructions.
            unsafe {
                let both: __m512i = transmute(_mm512_cvtne2ps_pbh(high, low));
                _mm512_storeu_si512(halves.as_mut_ptr().cast(), both);
                let widen = |half| _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(half)));
                inspect(low, widen(_mm512_extracti64x4_epi64::<0>(both)));
                inspect(high, widen(_mm512_extracti64x4_epi64::<1>(both)));
            }
        };
        let width = Avx512::WIDTH;
        // SAFETY: the slices bound what is read.
        unsafe {
            for (values, halves) in whole.iter().zip(&mut *rounded) {
                let source = values.as_ptr();
                round(Avx512::load(source), Avx512::load(source.add(width)), halves);
            }
            if let (false, Some(halves)) = (tail.is_empty(), rounded.get_mut(whole.len())) {
                let (low, high) = tail.split_at(tail.len().min(width));
                let low = Avx512::load_part(low.as_ptr(), low.len());
                round(low, Avx512::load_part(high.as_ptr(), high.len()), halves);
            }
        }
    }

    /// Approximates the dot products with `range` of the units, the columns of `out`, and replaces those that may be positive by exact ones.
    ///
    /// # Safety
    /// The processor has the instructions; the factors and `out` fit each other, the range and what is known of them; `work` has room for
    /// [`UNITS`] rows; the range begins with a block.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bf16,avx2,fma")]
    pub(super) unsafe fn dots(
        known: Rounded<'_>,
        factors: Factors<'_>,
        work: &mut [u16],
        range: Range<usize>,
        mut out: ArrayViewMut2<'_, f32>,
    ) {
        let Factors { lhs, rows, columns, .. } = factors;
        let (samples, stride) = (out.nrows(), row_stride(&out));
        let padded = columns.next_multiple_of(HALVES);
        for block in range.clone().step_by(BLOCK) {
            let end = range.end.min(block + BLOCK);
            for unit in (block..end).step_by(UNITS) {
                let here = UNITS.min(end - unit);
                for (row, rounded) in work.chunks_exact_mut(padded).take(UNITS).enumerate() {
                    let row = &rows[(unit + row.min(here - 1)) * columns..][..columns];
                    // SAFETY: this function's condition.
                    unsafe { round_row(row, rounded, |_, _| ()) }
                }
                let mut first = 0;
                while first < samples {
                    let halves = known.samples[first * padded..].as_ptr();
                    // SAFETY: this function's condition; `first` and the tile's samples are below `samples`.
                    unsafe {
                        let out = out.as_mut_ptr().add(first * stride + unit - range.start);
                        if samples - first >= TILE {
                            tile::<TILE>(halves, work.as_ptr(), padded, out, stride, here);
                            first += TILE;
                        } else {
                            tile::<1>(halves, work.as_ptr(), padded, out, stride, here);
                            first += 1;
                        }
                    }
                }
            }
            let (thresholds, norms) = (&known.thresholds[block..][..BLOCK], &known.norms[block..][..BLOCK]);
            for sample in 0..samples {
                let mut row = out.row_mut(sample);
                let row = row.as_slice_mut().expect("the values of a row are side by side");
                let out = &mut row[block - range.start..end - range.start];
                // SAFETY: this function's condition; rows and samples are in the factors.
                unsafe {
                    let mut open = unproved(out, thresholds, norms, known.margins[sample]);
                    while open != 0 {
                        let mut group = [open.trailing_zeros() as usize; UNITS];
                        for i in 0..UNITS {
                            // If fewer units are left, the last one is repeated.
                            group[i] = if open == 0 { group[i - 1] } else { open.trailing_zeros() as usize };
                            open &= open.wrapping_sub(1);
                        }
                        let rows = group.map(|unit| rows.as_ptr().add((block + unit) * columns));
                        let sample = [lhs.as_ptr().add(sample * columns)];
                        let [accumulators] = accumulate::<Avx512, 1>(sample, rows, columns, rows[0]);
                        for (unit, sum) in group.into_iter().zip(Avx512::sums(accumulators)) {
                            out[unit] = sum;
                        }
                    }
                }
            }
        }
    }

    /// Bit j is set if the approximation `values`\[j\] doesn't prove the unit inactive.
    ///
    /// # Safety
    /// The processor has the instructions.
    #[inline(always)]
    unsafe fn unproved(values: &[f32], thresholds: &[f32], norms: &[f32], margin: f32) -> u64 {
        let width = Avx512::WIDTH;
        let mut bits = 0;
        let limits = thresholds.chunks_exact(width).zip(norms.chunks_exact(width));
        for (at, (values, (thresholds, norms))) in (0..).step_by(width).zip(values.chunks(width).zip(limits))
        {
            // SAFETY: the slices bound what is read.
            unsafe {
                let (thresholds, norms) = (Avx512::load(thresholds.as_ptr()), Avx512::load(norms.as_ptr()));
                let limits = _mm512_fnmadd_ps(norms, Avx512::splat(margin), thresholds);
                let values = Avx512::load_part(values.as_ptr(), values.len());
                bits |= u64::from(_mm512_cmp_ps_mask::<_CMP_NLT_UQ>(values, limits)) << at;
            }
        }
        // If the margin is NaN, no lane is below its limit, so the lanes after the last unit are masked.
        bits & (u64::MAX >> (BLOCK - values.len()))
    }

    /// The dot products of `R` samples and [`UNITS`] rows in bfloat16. The first `units` of them are written; the samples' rows in
    /// `out` are `stride` apart.
    ///
    /// # Safety
    /// The processor has the instructions; `padded` is a multiple of [`HALVES`], each row is valid for `padded` values, and `out` for `units`
    /// values of `R` samples.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bf16,avx2,fma")]
    unsafe fn tile<const R: usize>(
        samples: *const u16,
        rows: *const u16,
        padded: usize,
        out: *mut f32,
        stride: usize,
        units: usize,
    ) {
        // SAFETY: this function's condition.
        unsafe {
            let load = |source: *const u16| -> __m512bh { transmute(_mm512_loadu_si512(source.cast())) };
            let mut accumulators = [[_mm512_setzero_ps(); UNITS]; R];
            let mut at = 0;
            // By index, as in `dots`.
            #[allow(clippy::needless_range_loop)]
            while at < padded {
                let mut values = [load(samples); R];
                for (sample, value) in values.iter_mut().enumerate() {
                    *value = load(samples.add(sample * padded + at));
                }
                for unit in 0..UNITS {
                    let row = load(rows.add(unit * padded + at));
                    for sample in 0..R {
                        accumulators[sample][unit] =
                            _mm512_dpbf16_ps(accumulators[sample][unit], values[sample], row);
                    }
                }
                at += HALVES;
            }
            #[allow(clippy::needless_range_loop)]
            for sample in 0..R {
                let [a, b, c, d] = accumulators[sample];
                let sums = Avx512::sums([a, b, c, d]);
                let place = out.add(sample * stride);
                if units == UNITS {
                    place.cast::<[f32; UNITS]>().write(sums);
                } else {
                    place.copy_from_nonoverlapping(sums.as_ptr(), units);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense::Write;
    use super::super::dots::dots;
    use super::super::team::{Team, tests::by_teams};
    use super::*;
    use ndarray::{Array2, ArrayView2};
    use proptest::prelude::*;

    /// Whether this processor can screen; otherwise prints that the test is skipped.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    fn can_screen() -> bool {
        let can = is_available();
        if !can {
            eprintln!("skipped: this processor can't screen");
        }
        can
    }

    fn normal(seed: u64, len: usize, scale: f32) -> Vec<f32> {
        crate::linalg::tests::normal(seed, len).into_iter().map(|x| scale * x).collect()
    }

    /// Checks that a ReLU gives the same bits for screened and exact products; returns the share of pairs that stayed approximate.
    fn compare(lhs: &[f32], rows: &[f32], bias: &[f32], columns: usize) -> f64 {
        let (samples, units) = (lhs.len() / columns, bias.len());
        let squared_norms: Vec<f32> =
            rows.chunks(columns).map(|row| row.iter().map(|w| w * w).sum()).collect();
        let mut screened = Array2::from_elem((samples, units), f32::NAN);
        // The buffers have room for one more sample.
        let mut screen = Screen::new(samples + 1, columns, units).expect("the test asked before");
        let factors = Factors { lhs, rows, bias, squared_norms: &squared_norms, columns };
        screen.dots(Share::alone(), factors, screened.view_mut());
        let exact = exact_dots(lhs, rows, columns);
        let mut approximate = 0;
        for (i, (screened, exact)) in screened.iter().zip(&exact).enumerate() {
            let bias = bias[i % units];
            approximate += usize::from(screened.to_bits() != exact.to_bits());
            if exact + bias <= 0.0 {
                assert!(screened + bias <= 0.0, "{screened} for {exact}, bias {bias}");
            } else {
                assert_eq!(screened.to_bits(), exact.to_bits(), "{screened} for {exact}, bias {bias}");
            }
        }
        approximate as f64 / screened.len() as f64
    }

    fn exact_dots(lhs: &[f32], rows: &[f32], columns: usize) -> Vec<f32> {
        let (samples, units) = (lhs.len() / columns, rows.len() / columns);
        let mut out = Array2::zeros((samples, units));
        let view = |values, rows| ArrayView2::from_shape((rows, columns), values).unwrap();
        dots(&Team::alone(), out.view_mut(), Write::Replace, view(lhs, samples), view(rows, units));
        out.into_raw_vec_and_offset().0
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(80))]

        #[test]
        fn a_relu_sees_no_difference(
            samples in 1_usize..17,
            units in 1_usize..19,
            columns in 1_usize..200,
            scale in prop_oneof![Just(1.0_f32), Just(1e-20), Just(1e12), Just(1e-30)],
            offset in -2.0_f32..2.0,
            seed in 0_u64..1000,
        ) {
            if can_screen() {
                let lhs = normal(seed, samples * columns, scale);
                let rows = normal(seed + 1, units * columns, 1.0 / (columns as f32).sqrt());
                let bias: Vec<f32> = normal(seed + 2, units, scale).iter().map(|b| b + offset * scale).collect();
                compare(&lhs, &rows, &bias, columns);
            }
        }

        /// The biases make some pre-activations exactly 0 or as close to 0 as `f32` gets.
        #[test]
        fn a_relu_sees_no_difference_at_its_kink(
            samples in 1_usize..9,
            columns in 1_usize..100,
            ulps in -2_i32..3,
            seed in 0_u64..1000,
        ) {
            if can_screen() {
                let (units, lhs) = (6, normal(seed, samples * columns, 3.0));
                let rows = normal(seed + 1, units * columns, 0.1);
                let exact = exact_dots(&lhs, &rows, columns);
                let near = |a: f32| f32::from_bits((a.to_bits() as i32 + ulps) as u32);
                let bias: Vec<f32> =
                    (0..units).map(|unit| -near(exact[(unit % samples) * units + unit])).collect();
                compare(&lhs, &rows, &bias, columns);
            }
        }
    }

    #[test]
    fn most_pairs_far_below_zero_stay_approximations() {
        if can_screen() {
            let (lhs, rows) = (normal(1, 50 * 784, 1.0), normal(2, 100 * 784, 1.0 / 28.0));
            let share = compare(&lhs, &rows, &[-2.0; 100], 784);
            assert!(share > 0.9, "only {share} were left out");
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        if can_screen() {
            let (lhs, rows) = (normal(1, 13 * 200, 1.0), normal(2, 300 * 200, 1.0 / 14.0));
            let (bias, squared_norms) = ([-1.0; 300], [1.0; 300]);
            let factors =
                Factors { lhs: &lhs, rows: &rows, bias: &bias, squared_norms: &squared_norms, columns: 200 };
            let [alone, two, three] = by_teams(|team| {
                let mut out = Array2::zeros((13, 300));
                let mut screen =
                    Screen::new(13, 200, 300).expect("asked before").with_threads(team.threads());
                screen.dots(team.share(usize::MAX), factors, out.view_mut());
                out
            });
            assert!(alone == two && alone == three);
        }
    }

    #[test]
    fn pairs_that_are_not_finite_are_computed() {
        if can_screen() {
            for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
                for place in 0..3 {
                    let (mut lhs, mut rows) = (normal(1, 3 * 40, 1.0), normal(2, 5 * 40, 1.0));
                    let mut bias = vec![-1e3; 5];
                    match place {
                        0 => lhs[45] = special,
                        1 => rows[85] = special,
                        _ => bias[3] = special,
                    }
                    compare(&lhs, &rows, &bias, 40);
                }
            }
        }
    }
}
