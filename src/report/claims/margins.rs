//! What counts as an effect, and at which level: docs/verdicts.md, second edition, which is dated and was written before its
//! new seeds were trained.
//!
//! The thresholds are those of the first edition. One seed of Figure 1's MNIST half had been seen when they were chosen, nothing
//! else of the figures at full protocol. They are not to be changed because of a verdict.

/// The confidence of intervals that support a claim, and of all that are shown without a claim.
pub const CONFIDENCE: f64 = 0.95;

/// The confidence of an interval that supports an equality: within the margin it is two one-sided tests at 5 %.
pub const EQUALITY_CONFIDENCE: f64 = 0.90;

/// The probability of a false contradiction of a whole claim: divided among its parts and the tests of each (Bonferroni).
pub const CONTRADICTION_LEVEL: f64 = 0.05;

/// Numbers of seeds above this are not worth guessing from the spread of a few.
pub const MOST_SEEDS: usize = 20;

/// The smallest difference of average activation fractions that counts, for claims of change and of no change alike.
///
/// The paper shows curves on axes from 0 to 1 or less, on which a fiftieth is about the least that a reader can see,
/// and speaks of levels like 0.05 and 0.1, which a smaller margin would not tell apart from their neighbours any
/// better. It is eight times what a different order of rounding alone was seen to move a fraction by (0.0026), so
/// that no verdict hangs on arithmetic.
pub const MARGIN: f64 = 0.02;

/// Dead units have begun to rise where they are more than this share of all units: 10 of 1000, more than single units
/// that chance or the initial weights may silence.
pub const DEAD_FRACTION: f64 = 0.01;

/// "Around 0.05" (section 3.1): the activation fraction below which DAE's dead units rise, and what "around" allows:
/// half as much again.
pub const DEATH_ONSET: f64 = 0.05;
/// See [`DEATH_ONSET`].
pub const DEATH_ONSET_TOLERANCE: f64 = 0.025;

/// "Does not go below 0.1" (section 3.1), and how exactly that can be read from Figure 2.
pub const FLOOR: f64 = 0.1;
/// See [`FLOOR`].
pub const FLOOR_TOLERANCE: f64 = 0.01;
