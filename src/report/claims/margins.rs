//! The size of an effect that counts, and the confidence of each test, as fixed in docs/verdicts.md. Its second edition is dated,
//! and was written before its new seeds were trained.
//!
//! The thresholds are those of the first edition, and for claim 13 of the second. When the first edition's were chosen, one seed of
//! Figure 1's MNIST half had been seen, and no other run of the figures at full protocol; when claim 13's were, none of its runs.
//! They must not be changed because of a verdict.

/// The confidence of intervals that support a claim, and of intervals outside of claims.
pub const CONFIDENCE: f64 = 0.95;

/// The confidence of an interval that supports an equality: a 90 % interval within the margin is two one-sided tests at 5 %.
pub const EQUALITY_CONFIDENCE: f64 = 0.90;

/// The probability of a false contradiction of a whole claim, divided among its parts and their tests (Bonferroni).
pub const CONTRADICTION_LEVEL: f64 = 0.05;

/// The largest number of seeds that is predicted from the spread of a few.
pub const MOST_SEEDS: usize = 20;

/// The smallest difference of average activation fractions that counts, both for claims of change and for claims of no change.
///
/// The paper shows curves on axes from 0 to 1 or less, on which 0.02 is about the smallest visible difference. It names levels
/// such as 0.05 and 0.1, which a smaller margin would not separate any better. The margin is eight times the largest change of a
/// fraction that was seen from a different order of rounding alone (0.0026), so no verdict depends on rounding.
pub const MARGIN: f64 = 0.02;

/// Units have begun to die where more than this share of them is dead: 10 of 1000, which is more than chance or the initial
/// weights may silence.
pub const DEAD_FRACTION: f64 = 0.01;

/// "Around 0.05" (section 3.1): the activation fraction below which DAE's units die. The tolerance, half of it, stands for
/// "around".
pub const DEATH_ONSET: f64 = 0.05;
/// See [`DEATH_ONSET`].
pub const DEATH_ONSET_TOLERANCE: f64 = 0.025;

/// The first-order term explains the DAE's fall (section 3.1.1) where less than this share of the fall is left without the term.
pub const EXPLAINED_SHARE: f64 = 0.5;

/// The first-order term does not explain the DAE's fall where more than this share of the fall is left without the term.
pub const UNEXPLAINED_SHARE: f64 = 0.9;

/// "Does not go below 0.1" (section 3.1). The tolerance is the precision to which Figure 2 can be read.
pub const FLOOR: f64 = 0.1;
/// See [`FLOOR`].
pub const FLOOR_TOLERANCE: f64 = 0.01;
