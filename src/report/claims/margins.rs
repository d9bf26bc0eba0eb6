//! What counts as an effect, fixed before this project's own results were computed, but for a part.
//!
//! One seed of Figure 1's MNIST half had been seen when these numbers were chosen, nothing else of the figures at full
//! protocol. They are not to be changed because of a verdict. Since then none has been; two rules were added: claim 4 isn't
//! supported by a sweep so coarse that units may have died above its level between two σ², and a verdict on every σ² that a
//! missing run could overturn is undecided.
//!
//! An interval at [`CONFIDENCE`] is compared with a threshold: all of it on the claim's side supports the claim, all of
//! it on the other side contradicts it, anything else leaves it undecided. A claim about several models or data sets
//! is supported where each of its parts is, and contradicted where one of them is.

/// The confidence of every interval. Where a part looks at k differences at once, each has 1 − (1 − 0.95) / k
/// (Bonferroni).
pub const CONFIDENCE: f64 = 0.95;

/// The smallest difference of average activation fractions that counts, for claims of change and of no change alike.
///
/// The paper shows curves on axes from 0 to 1 or less, on which a fiftieth is about the least that a reader can see,
/// and speaks of levels like 0.05 and 0.1, which a smaller margin would not tell apart from their neighbours any
/// better. It is eight times what a different order of rounding alone was seen to move a fraction by (0.0026), so
/// that no verdict hangs on arithmetic.
pub const MARGIN: f64 = 0.02;

/// A curve falls only if Kendall's τ between σ² and activation fraction is below this: three of four pairs of points
/// are in falling order. One high first point does not make a trend.
pub const FALLING_TREND: f64 = -0.5;

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

/// "Lower" (claim 11) names no size: any difference above this counts.
pub const LOWER: f64 = 0.0;
