//! The pairs of sample and unit whose activation is not zero, in the two orders that sparse products need.

use super::lanes::{PlainLoop, vectorize};
use super::passes::LARGE;
use super::team::{Division, Share};
use crate::real::Real;
use std::ops::Range;

/// Units of a block: a sum over a sample's units works block by block, because 7 registers of 64 bytes of each unit's row
/// then fill most of a first-level cache of 32 KiB.
pub(super) const UNIT_BLOCK: usize = u64::BITS as usize;

/// Samples of a block in batches from [`LARGE`] on: 7 registers of 64 bytes of each fill two thirds of such a cache.
const SAMPLE_BLOCK: usize = 48;

/// The active pairs of one batch: pairs of sample and unit with h ≠ 0.
#[derive(Debug, Clone, Default)]
pub(super) struct ActivePairs {
    samples: usize,
    units: usize,
    /// One word for each sample and block of units, sample by sample; bit j is set if the block's unit j is active.
    bits: Vec<u64>,
    /// Index of the first pair of each sample and block of units, sample by sample, and the number of pairs.
    block_starts: Vec<u32>,
    /// Unit of each pair, in the order by sample and then by unit.
    unit_of: Vec<u32>,
    /// Index of each unit's first pair in the order by unit, and the number of pairs \[m + 1\].
    unit_starts: Vec<u32>,
    /// For each block of samples, the index of each unit's first pair in it, and at the end the indices behind the last block
    /// \[blocks + 1, m\].
    sample_block_starts: Vec<u32>,
    /// Sample of each pair, in the order by unit and then by sample.
    sample_of: Vec<u32>,
    /// For each pair in the order by sample, its index in the order by unit.
    place: Vec<u32>,
    /// The next free index of each unit while the pairs are sorted.
    next: Vec<u32>,
}

impl ActivePairs {
    /// Memory for batches of up to `samples` samples.
    ///
    /// # Panics
    /// If there are 2³² pairs or more.
    pub(super) fn with_capacity(samples: usize, units: usize) -> Self {
        let pairs = samples * units;
        assert!(u32::try_from(pairs).is_ok(), "at most 2³² pairs of a sample and a unit");
        Self {
            samples,
            units,
            bits: vec![0; samples * units.div_ceil(UNIT_BLOCK)],
            block_starts: vec![0; samples * units.div_ceil(UNIT_BLOCK) + 1],
            unit_of: vec![0; pairs],
            unit_starts: vec![0; units + 1],
            sample_block_starts: vec![0; (sample_blocks(samples) + 1) * units],
            sample_of: vec![0; pairs],
            place: vec![0; pairs],
            next: vec![0; units],
        }
    }

    /// Marks the pairs with h ≠ 0 in `hidden` \[B, m\] and returns their number. NaN counts as active, so that a divergence
    /// stays visible. The lists still hold the previous batch's pairs until [`ActivePairs::list`] is called.
    pub(super) fn mark<F: Real>(&mut self, hidden: &[F]) -> usize {
        self.samples = hidden.len() / self.units.max(1);
        vectorize(MarkBits { hidden, units: self.units, bits: &mut self.bits });
        self.bits[..self.samples * self.blocks()].iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Lists the marked pairs in both orders.
    pub(super) fn list(&mut self) {
        self.next.fill(0);
        let (mut pairs, blocks) = (0, self.blocks());
        for block in 0..self.samples * blocks {
            self.block_starts[block] = pairs as u32;
            let first = (block % blocks * UNIT_BLOCK) as u32;
            let mut bits = self.bits[block];
            while bits != 0 {
                let unit = first + bits.trailing_zeros();
                bits &= bits - 1;
                self.unit_of[pairs] = unit;
                self.next[unit as usize] += 1;
                pairs += 1;
            }
        }
        self.block_starts[self.samples * blocks] = pairs as u32;
        let mut start = 0;
        for (unit_start, next) in self.unit_starts.iter_mut().zip(&mut self.next) {
            *unit_start = start;
            start += *next;
            *next = *unit_start;
        }
        self.unit_starts[self.units] = start;
        let mut start = 0..self.units;
        for sample in 0..self.samples {
            if sample == 0 || (self.samples >= LARGE && sample.is_multiple_of(SAMPLE_BLOCK)) {
                self.sample_block_starts[start.clone()].copy_from_slice(&self.next);
                start = start.end..start.end + self.units;
            }
            for pair in self.sample_range(sample) {
                let next = &mut self.next[self.unit_of[pair] as usize];
                self.place[pair] = *next;
                self.sample_of[*next as usize] = sample as u32;
                *next += 1;
            }
        }
        self.sample_block_starts[start].copy_from_slice(&self.next);
    }

    /// Number of pairs.
    pub(super) fn len(&self) -> usize {
        self.unit_starts[self.units] as usize
    }

    /// Number of samples of the batch.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    /// m.
    pub(super) fn units(&self) -> usize {
        self.units
    }

    /// Number of blocks of units.
    pub(super) fn blocks(&self) -> usize {
        self.units.div_ceil(UNIT_BLOCK)
    }

    /// The first pair of (sample, block), at index sample · blocks + block.
    pub(super) fn block_starts(&self) -> &[u32] {
        &self.block_starts[..=self.samples * self.blocks()]
    }

    /// The unit of each pair, in the order by sample.
    pub(super) fn unit_of(&self) -> &[u32] {
        &self.unit_of[..self.len()]
    }

    /// The first pair of each unit in the order by unit, and the number of pairs \[m + 1\].
    pub(super) fn unit_starts(&self) -> &[u32] {
        &self.unit_starts
    }

    /// The blocks of samples: for each, the index of each unit's first pair in it, and behind its last pair \[m\].
    pub(super) fn sample_blocks(&self) -> impl Iterator<Item = [&[u32]; 2]> {
        let (mut rows, count) =
            (self.sample_block_starts.chunks_exact(self.units.max(1)), sample_blocks(self.samples));
        let mut start = rows.next();
        rows.take(count).map(move |end| [start.replace(end).expect("a row for each block"), end])
    }

    /// The sample of each pair, in the order by unit.
    pub(super) fn sample_of(&self) -> &[u32] {
        &self.sample_of[..self.len()]
    }

    /// The pairs of `units`, in the order by unit.
    pub(super) fn range(&self, units: Range<usize>) -> Range<usize> {
        self.unit_starts[units.start] as usize..self.unit_starts[units.end] as usize
    }

    /// Divides `units` between two parts of `share`, so that pairs and rows, each of which takes as long as `row` pairs, are in proportion
    /// to the threads. Returns the first unit of the second part too. `None`: one thread computes all.
    pub(super) fn divide<'s>(
        &self,
        share: Share<'s>,
        units: Range<usize>,
        row: usize,
    ) -> Option<(usize, Division<'s>)> {
        let cost = |unit: usize| self.unit_starts[unit] as usize + unit * row;
        let start = cost(units.start);
        let division = share.divide(cost(units.end) - start, 1)?;
        let is_before = |unit: &usize| cost(*unit) - start < division.end;
        let middle = units.start + units.clone().take_while(is_before).count();
        (units.start < middle && middle < units.end).then_some((middle, division))
    }

    /// The pairs of one sample in the order by sample.
    fn sample_range(&self, sample: usize) -> Range<usize> {
        let blocks = self.blocks();
        self.block_starts[sample * blocks] as usize..self.block_starts[(sample + 1) * blocks] as usize
    }

    /// out ← the values of `matrix` \[B, m\] at the pairs, in the order by sample.
    pub(super) fn by_sample<F: Real>(&self, matrix: &[F], out: &mut [F]) {
        for (sample, row) in matrix.chunks_exact(self.units).enumerate() {
            let range = self.sample_range(sample);
            for (out, unit) in out[range.clone()].iter_mut().zip(&self.unit_of[range]) {
                *out = row[*unit as usize];
            }
        }
    }

    /// out ← scale · the values of `matrix` \[B, m\] at the pairs, in the order by unit.
    pub(super) fn by_unit<F: Real>(&self, matrix: &[F], scale: F, out: &mut [F]) {
        for (sample, row) in matrix.chunks_exact(self.units).enumerate() {
            let range = self.sample_range(sample);
            for (place, unit) in self.place[range.clone()].iter().zip(&self.unit_of[range]) {
                out[*place as usize] = scale * row[*unit as usize];
            }
        }
    }

    /// Writes `values`, in the order by unit, to the pairs of `matrix` \[B, m\], or with `add` adds them.
    pub(super) fn scatter<F: Real>(&self, values: &[F], add: bool, matrix: &mut [F]) {
        for (sample, row) in matrix.chunks_exact_mut(self.units).enumerate() {
            let range = self.sample_range(sample);
            for (place, unit) in self.place[range.clone()].iter().zip(&self.unit_of[range]) {
                let (value, out) = (values[*place as usize], &mut row[*unit as usize]);
                *out = if add { *out + value } else { value };
            }
        }
    }
}

/// Number of blocks of `samples` samples.
fn sample_blocks(samples: usize) -> usize {
    if samples < LARGE { samples.min(1) } else { samples.div_ceil(SAMPLE_BLOCK) }
}

/// Computes `ActivePairs::bits` of `hidden` \[B, m\].
struct MarkBits<'a, F> {
    hidden: &'a [F],
    units: usize,
    bits: &'a mut [u64],
}

impl<F: Real> PlainLoop for MarkBits<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.hidden.chunks_exact(self.units.max(1));
        for (block, bits) in rows.flat_map(|row| row.chunks(UNIT_BLOCK)).zip(self.bits) {
            *bits = (0..).zip(block).fold(0, |bits, (unit, h)| bits | u64::from(*h != F::zero()) << unit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_hold_the_same_pairs() {
        for (samples, units) in [(1, 1), (3, 64), (4, 65), (5, 200), (2, 3), (LARGE + 50, 7)] {
            let active = |b: usize, j: usize| (b * 31 + j * 17) % 5 < 2 && j % 7 != 3;
            let hidden: Vec<f64> = (0..samples * units)
                .map(|i| if active(i / units, i % units) { i as f64 + 1.0 } else { 0.0 })
                .collect();
            let mut pairs = ActivePairs::with_capacity(samples + 1, units);
            // A larger batch comes first, because nothing of it may remain.
            assert_eq!(pairs.mark(&vec![1.0; (samples + 1) * units]), (samples + 1) * units);
            pairs.list();
            assert_eq!(pairs.len(), (samples + 1) * units);
            let marked = pairs.mark(&hidden);
            pairs.list();
            let expected: Vec<f64> = hidden.iter().copied().filter(|h| *h != 0.0).collect();
            assert_eq!(pairs.len(), expected.len());
            assert_eq!(marked, expected.len());

            let mut by_sample = vec![0.0; pairs.len()];
            pairs.by_sample(&hidden, &mut by_sample);
            assert_eq!(by_sample, expected);

            let mut counts = vec![0; units];
            for [starts, ends] in pairs.sample_blocks() {
                for (j, (start, end)) in starts.iter().zip(ends).enumerate() {
                    assert_eq!(*start, pairs.unit_starts()[j] + counts[j]);
                    counts[j] += end - start;
                }
            }
            assert!(
                counts
                    .iter()
                    .zip(pairs.unit_starts().windows(2))
                    .all(|(count, range)| *count == range[1] - range[0])
            );

            let mut by_unit = vec![0.0; pairs.len()];
            pairs.by_unit(&hidden, 2.0, &mut by_unit);
            for j in 0..units {
                let range = pairs.unit_starts()[j] as usize..pairs.unit_starts()[j + 1] as usize;
                let samples_of_j: Vec<u32> = (0..samples as u32).filter(|b| active(*b as usize, j)).collect();
                assert_eq!(pairs.sample_of()[range.clone()], samples_of_j);
                for (value, b) in by_unit[range].iter().zip(samples_of_j) {
                    assert_eq!(*value, 2.0 * hidden[b as usize * units + j]);
                }
            }

            let mut scattered = vec![1.0; samples * units];
            pairs.scatter(&by_unit, true, &mut scattered);
            assert!(scattered.iter().zip(&hidden).all(|(s, h)| *s == 1.0 + 2.0 * h));
            pairs.scatter(&by_unit, false, &mut scattered);
            let replaced = |(s, h): (&f64, &f64)| *s == if *h == 0.0 { 1.0 } else { 2.0 * h };
            assert!(scattered.iter().zip(&hidden).all(replaced));
        }
    }
}
