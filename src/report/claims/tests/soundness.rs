//! Error rates of each rule at its threshold, and its power for effects of a stated size.

use super::super::contrast::Contrast;
use super::super::direction::{Directions, directions};
use super::super::equality::equal;
use super::super::finding::{ContradictionLevel, Finding};
use super::super::level::{floor, lower, onset_of_death};
use super::super::margins::{
    CONTRADICTION_LEVEL, DEATH_ONSET, DEATH_ONSET_TOLERANCE, EXPLAINED_SHARE, FLOOR, FLOOR_TOLERANCE, MARGIN,
    UNEXPLAINED_SHARE,
};
use super::super::share::share;
use super::super::trend::falls;
use super::lab::{SAMPLES, UNITS};
use super::*;
use crate::regularizer::RegularizerKind::Dae;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use std::cell::RefCell;

const SIMULATIONS: usize = 10_000;

/// Standard deviation of the seeds about a curve, independent at each σ².
const NOISE: f64 = 0.005;

/// The σ² of the paper's sweep.
const SIGMAS: [f64; 12] = [0.0, 0.001, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0];

const TWO_PARTS: ContradictionLevel = ContradictionLevel { parts: 2 };
const FOUR_PARTS: ContradictionLevel = ContradictionLevel { parts: 4 };
const EIGHT_PARTS: ContradictionLevel = ContradictionLevel { parts: 8 };

/// A true curve: the activation fraction and the dead fraction at each σ².
type Truth<'t> = &'t dyn Fn(f64) -> (f64, f64);

/// The shares of simulations in which `judge` supports and contradicts, with three seeds about the curves `truths`.
fn rates(truths: &[Truth<'_>], noise: f64, judge: impl Fn(&Contrast) -> Finding) -> (f64, f64) {
    rates_at(&SIGMAS, truths, noise, judge)
}

/// [`rates`] at other σ² than the paper's.
fn rates_at(
    sigmas: &[f64],
    truths: &[Truth<'_>],
    noise: f64,
    judge: impl Fn(&Contrast) -> Finding,
) -> (f64, f64) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut supported, mut contradicted) = (0, 0);
    for _ in 0..SIMULATIONS {
        let mut reading = |truth: &Truth<'_>, sigma| {
            let (fraction, dead) = truth(sigma);
            let z: f64 = StandardNormal.sample(&mut random);
            (fraction + noise * z, dead)
        };
        let mut replicate = || -> Vec<Vec<(f64, f64)>> {
            truths.iter().map(|truth| sigmas.iter().map(|sigma| reading(truth, *sigma)).collect()).collect()
        };
        let seeds = [replicate(), replicate(), replicate()];
        let verdict = judge(&Contrast::simulated(sigmas, &seeds)).verdict;
        supported += usize::from(verdict == Supported);
        contradicted += usize::from(verdict == Contradicted);
    }
    let share = |count: usize| count as f64 / SIMULATIONS as f64;
    (share(supported), share(contradicted))
}

/// At most 5 % divided by `parts`, plus three standard errors of the simulation.
fn is_rare(rate: f64, parts: usize) -> bool {
    let level = CONTRADICTION_LEVEL / parts as f64;
    rate <= level + 3.0 * (level * (1.0 - level) / SIMULATIONS as f64).sqrt()
}

/// Support by mistake is as rare as for a claim of one part, contradiction so rare that all `parts` together have 5 %.
fn assert_rarely_wrong(
    rule: &str,
    ContradictionLevel { parts }: ContradictionLevel,
    (supported, contradicted): (f64, f64),
) {
    assert!(
        is_rare(supported, 1) && is_rare(contradicted, parts),
        "{rule}: {supported} {contradicted} of {parts}"
    );
}

fn alive(fraction: impl Fn(f64) -> f64) -> impl Fn(f64) -> (f64, f64) {
    move |sigma| (fraction(sigma), 0.0)
}

/// At its threshold a claim may be called true or false, so both verdicts must be rare. Where all σ² are at the threshold contradiction by
/// mistake is most probable, where one alone is, support.
#[test]
fn verdicts_at_the_threshold_are_rare() {
    let unchanged = |contrast: &Contrast| equal(contrast, FOUR_PARTS);
    let between = |contrast: &Contrast| equal(contrast, TWO_PARTS);
    let fall = |contrast: &Contrast| falls(contrast, TWO_PARTS);
    let keeps = |contrast: &Contrast| floor(contrast, EIGHT_PARTS);
    let onset = |contrast: &Contrast| onset_of_death(contrast, TWO_PARTS);
    let lower = |contrast: &Contrast| lower(contrast, ["free", "unit-length"], TWO_PARTS);
    let flat = alive(|_| 0.5);
    let step = alive(|sigma| if sigma > 0.0 { 0.5 - MARGIN } else { 0.5 });
    let zigzag = |sigma: f64| {
        let place = SIGMAS.iter().position(|other| *other == sigma).unwrap();
        let sign = if place % 2 == 0 { 1.0 } else { -1.0 };
        if place == 0 { 0.5 } else { 0.5 + sign * MARGIN }
    };
    let zigzag = alive(zigzag);
    let at_the_end = |other: f64, last: f64| alive(move |sigma| if sigma == 1.0 { last } else { other });
    let lower_at_the_end = at_the_end(0.5, 0.5 - MARGIN);
    let back_up = alive(|sigma| if sigma == 1.0 { 0.3 + MARGIN } else { 0.9 - 0.6 * sigma.min(0.5) * 2.0 });
    let half_back_up = alive(|sigma| match sigma {
        0.0 => 0.9,
        _ if sigma < 0.2 => 0.3,
        _ => 0.3 + MARGIN,
    });
    let level = FLOOR - FLOOR_TOLERANCE;
    let at_the_floor = alive(|sigma| if sigma > 0.0 { level } else { 0.5 });
    let at_the_floor_at_the_end = at_the_end(0.5, level);
    let around = DEATH_ONSET + DEATH_ONSET_TOLERANCE;
    let dying = |sigma: f64| (if sigma < 0.25 { 0.07 } else { around }, if sigma < 0.25 { 0.0 } else { 0.1 });
    let (free, unit) = (at_the_end(0.5, 0.1 + MARGIN), at_the_end(0.5, 0.1));
    let above = alive(|_| 0.5 + MARGIN);
    type Rule<'r> = &'r dyn Fn(&Contrast) -> Finding;
    let cases: [(&str, ContradictionLevel, &[Truth<'_>], Rule<'_>); 13] = [
        ("unchanged, all lower by the margin", FOUR_PARTS, &[&step], &unchanged),
        ("unchanged, higher and lower by the margin", FOUR_PARTS, &[&zigzag], &unchanged),
        ("unchanged, one lower by the margin", FOUR_PARTS, &[&lower_at_the_end], &unchanged),
        ("equal, all lower by the margin", TWO_PARTS, &[&step, &flat], &between),
        ("equal, one lower by the margin", TWO_PARTS, &[&lower_at_the_end, &flat], &between),
        ("falls by the margin", TWO_PARTS, &[&step], &fall),
        ("falls, with a rise by the margin", TWO_PARTS, &[&back_up], &fall),
        ("falls, with many pairs that rise by the margin", TWO_PARTS, &[&half_back_up], &fall),
        ("floor, all at it", EIGHT_PARTS, &[&at_the_floor], &keeps),
        ("floor, one at it", EIGHT_PARTS, &[&at_the_floor_at_the_end], &keeps),
        ("onset", TWO_PARTS, &[&dying], &onset),
        ("lower by the margin at one σ²", TWO_PARTS, &[&free, &unit], &lower),
        ("lower by the margin at every σ²", TWO_PARTS, &[&above, &flat], &lower),
    ];
    for (rule, level, truths, judge) in cases {
        assert_rarely_wrong(rule, level, rates(truths, NOISE, judge));
    }
}

/// Drops of both curves at and between the bounds of the three directions; a wrong answer must be rare.
#[test]
fn directions_at_their_bounds_are_rarely_taken_for_what_they_are_not() {
    let drops = [-2.0 * MARGIN, -MARGIN, 0.0, MARGIN, 2.0 * MARGIN];
    let direction = |drop: f64| drop / MARGIN;
    for (index, first) in drops.into_iter().enumerate() {
        for second in drops[index..].iter().copied() {
            let curve = |drop: f64| alive(move |sigma| if sigma == 1.0 { 0.5 - drop } else { 0.5 });
            let (a, b) = (curve(first), curve(second));
            let judge = |claimed| {
                rates(&[&a, &b], NOISE, |contrast| {
                    directions(contrast, ["first", "second"], claimed, TWO_PARTS)
                })
            };
            let (other, same) = judge(Directions::Different);
            let (same_again, other_again) = judge(Directions::Same);
            // A bound belongs to both of its directions.
            let of = |drop: f64| match direction(drop) {
                x if x < -1.0 => vec![-1],
                -1.0 => vec![-1, 0],
                x if x < 1.0 => vec![0],
                1.0 => vec![0, 1],
                _ => vec![1],
            };
            let can_be_same = of(first).iter().any(|one| of(second).contains(one));
            let can_be_other = of(first).iter().any(|one| of(second).iter().any(|two| one != two));
            let case = format!("{first} {second}: {other} {same} {same_again} {other_again}");
            let ContradictionLevel { parts } = TWO_PARTS;
            assert!(!can_be_same || (is_rare(other, 1) && is_rare(other_again, parts)), "{case}");
            assert!(!can_be_other || (is_rare(same, parts) && is_rare(same_again, 1)), "{case}");
        }
    }
}

/// Two curves that fall have one direction, however differently they fall.
#[test]
fn curves_that_all_fall_are_not_other_trends() {
    let early = alive(|sigma| if sigma > 0.0 { 0.1 } else { 0.9 });
    let late = alive(|sigma| if sigma == 1.0 { 0.44 } else { 0.5 });
    let dying = |sigma: f64| (0.3 - 0.3 * sigma, 0.9 * sigma);
    for truths in [[&early as Truth<'_>, &late], [&late, &dying], [&dying, &early]] {
        let judge =
            |contrast: &Contrast| directions(contrast, ["first", "second"], Directions::Different, TWO_PARTS);
        let (other, same) = rates(&truths, NOISE, judge);
        assert!(other == 0.0 && same > 0.8, "{other} {same}");
    }
}

/// The rates of claim 13 at its three σ² > 0, for falls with independent pairs and shares of them with antithetic pairs.
fn share_rates(falls: [f64; 3], shares: [f64; 3], noise: f64) -> (f64, f64) {
    const SIGMAS: [f64; 4] = [0.0, 0.04, 0.25, 1.0];
    let place = |sigma: f64| SIGMAS.iter().position(|other| *other == sigma).unwrap().checked_sub(1);
    let independent = alive(|sigma| 0.5 - place(sigma).map_or(0.0, |place| falls[place]));
    let antithetic = alive(|sigma| 0.5 - place(sigma).map_or(0.0, |place| shares[place] * falls[place]));
    rates_at(&SIGMAS, &[&antithetic, &independent], noise, |contrast| {
        share(contrast, ["antithetic pairs", "independent pairs"], TWO_PARTS)
    })
}

/// Shares at either bound, of large and of small falls: support is wrong from the lower bound on, contradiction up to the upper
/// one.
#[test]
fn shares_at_their_bounds_are_rarely_taken_for_what_they_are_not() {
    for falls in [[0.3; 3], [0.05, 0.2, 0.4], [0.05; 3], [MARGIN, 0.05, 0.1], [MARGIN; 3]] {
        for noise in [NOISE, 0.002] {
            let case = |other: f64| format!("falls of {falls:?}, other shares {other}, noise {noise}");
            for other in [0.0, EXPLAINED_SHARE] {
                let (supported, _) = share_rates(falls, [other, other, EXPLAINED_SHARE], noise);
                assert!(is_rare(supported, 1), "supported: {}: {supported}", case(other));
            }
            for other in [0.0, UNEXPLAINED_SHARE] {
                let (_, contradicted) = share_rates(falls, [UNEXPLAINED_SHARE, other, other], noise);
                assert!(
                    is_rare(contradicted, TWO_PARTS.parts),
                    "contradicted: {}: {contradicted}",
                    case(other)
                );
            }
        }
    }
}

/// With three seeds and noise of 0.002: falls of 0.4 of which a fifth or all is left.
#[test]
fn shares_of_a_stated_size_are_found() {
    let found = [share_rates([0.4; 3], [0.2; 3], 0.002).0, share_rates([0.4; 3], [1.0; 3], 0.002).1];
    assert!(found.iter().all(|power| *power > 0.8), "{found:?}");
}

/// With three seeds and noise of 0.002: differences of 0, a drop of 0.06, a floor kept or missed by 0.05, units that die at
/// 0.05 or 0.12, and directions that differ by a drop of 0.06.
#[test]
fn effects_of_a_stated_size_are_found() {
    let noise = 0.002;
    let flat = alive(|_| 0.5);
    let drop = alive(|sigma| 0.5 - 0.06 * sigma.powf(0.2));
    let supported =
        |truths: &[Truth<'_>], judge: &dyn Fn(&Contrast) -> Finding| rates(truths, noise, judge).0;
    let contradicted =
        |truths: &[Truth<'_>], judge: &dyn Fn(&Contrast) -> Finding| rates(truths, noise, judge).1;
    let unchanged = |contrast: &Contrast| equal(contrast, FOUR_PARTS);
    let fall = |contrast: &Contrast| falls(contrast, TWO_PARTS);
    let keeps = |contrast: &Contrast| floor(contrast, TWO_PARTS);
    let onset = |contrast: &Contrast| onset_of_death(contrast, TWO_PARTS);
    let other =
        |contrast: &Contrast| directions(contrast, ["first", "second"], Directions::Different, TWO_PARTS);
    let same = |contrast: &Contrast| directions(contrast, ["first", "second"], Directions::Same, TWO_PARTS);
    let gets_lower = |contrast: &Contrast| lower(contrast, ["free", "unit-length"], TWO_PARTS);
    let dying =
        |at: f64| move |sigma: f64| (if sigma < 0.25 { 0.06 } else { at }, f64::from(sigma >= 0.25) / 10.0);
    let (early, late) = (dying(0.12), dying(0.05));
    let (above, below) = (alive(|_| 0.14), alive(|_| 0.04));
    let found = [
        ("unchanged", supported(&[&flat], &unchanged)),
        ("falls", supported(&[&drop], &fall)),
        ("keeps a floor", supported(&[&above], &keeps)),
        ("does not keep a floor", contradicted(&[&below], &keeps)),
        ("units die late", supported(&[&late], &onset)),
        ("units die early", contradicted(&[&early], &onset)),
        ("other directions", supported(&[&flat, &drop], &other)),
        ("the same direction", supported(&[&drop, &drop], &same)),
        ("lower", supported(&[&flat, &drop], &gets_lower)),
    ];
    for (rule, power) in found {
        assert!(power > 0.8, "{rule}: {found:?}");
    }
}

/// One seed, whose units change by the margin on average, each by a different amount.
#[test]
fn an_interval_over_units_rarely_misses_either() {
    let noise = RefCell::new(ChaCha8Rng::seed_from_u64(2));
    let simulations = 200;
    let supported = (0..simulations).filter(|_| {
        let mut lab = Lab::default();
        lab.add(Line::new(Dae), &[0.0, 1.0], &[1], |sigma, _| {
            let mean = if sigma > 0.0 { 0.48 } else { 0.5 };
            let count = |_| {
                let z: f64 = StandardNormal.sample(&mut *noise.borrow_mut());
                ((mean + 0.1 * z).clamp(0.0, 1.0) * SAMPLES as f64).round() as u64
            };
            Some((0..UNITS).map(count).collect())
        });
        lab.part("3", "MNIST, DAE").would == Some(Supported)
    });
    let supported = supported.count();
    assert!(supported <= simulations * 7 / 100, "{supported} of {simulations}");
}
