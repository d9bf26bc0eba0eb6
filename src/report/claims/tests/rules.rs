//! Intervals, thresholds and seeds, for any claim.

use super::super::{ClaimThreshold, Side, Spread, VerdictsJson, judge};
use super::lab::{SAMPLES, UNITS, Units};
use super::*;
use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind::{Cae, Dae, Mdae};
use crate::report::statistics::{Interval, mean_interval};

#[test]
fn an_interval_is_on_one_side_of_a_threshold_or_on_neither() {
    let judged = |side, value, low, high| ClaimThreshold { side, value }.judge(Some(Interval { low, high }));
    for (side, low, high, expected) in [
        (Side::Above, 0.3, 0.4, Supported),
        (Side::Above, 0.1, 0.15, Contradicted),
        (Side::Above, 0.1, 0.3, Undecided),
        (Side::Above, 0.2, 0.3, Undecided),
        (Side::Below, 0.1, 0.15, Supported),
        (Side::Below, 0.25, 0.3, Contradicted),
        (Side::Within, -0.1, 0.1, Supported),
        (Side::Within, -0.4, -0.3, Contradicted),
        (Side::Within, 0.3, 0.4, Contradicted),
        (Side::Within, -0.4, 0.4, Undecided),
    ] {
        assert_eq!(judged(side, 0.2, low, high), expected, "{side:?} [{low}, {high}]");
        assert_eq!(ClaimThreshold { side, value: 0.2 }.judge(None), Undecided);
    }
    // A trend that is the same for every seed has an interval of no length.
    assert_eq!(judged(Side::Below, -0.5, -1.0, -1.0), Supported);
}

#[test]
fn all_parts_support_a_claim_and_one_contradicts_it() {
    for (parts, expected) in [
        (&[][..], Undecided),
        (&[Supported, Supported], Supported),
        (&[Supported, Undecided], Undecided),
        (&[Undecided, Contradicted, Supported], Contradicted),
    ] {
        assert_eq!(Verdict::of_all(parts.iter().copied()), expected);
    }
}

/// Seeds that differ by 0.06 among each other, and by 0.001 over σ².
#[test]
fn contrasts_are_paired_by_seed() {
    let level = |seed: u64| 0.3 + 0.03 * seed as f64;
    let mut lab = Lab::default();
    lab.add(Line::new(Cae), &[0.0, 1.0], &SEEDS, |sigma, seed| {
        units(level(seed) + wobble(sigma, seed, 0.001), 0.0)
    });
    let part = lab.part("1", "MNIST, CAE");
    assert_eq!((part.verdict, seeds_of(&part)), (Supported, &SEEDS[..]));
    // With the seeds exchanged, the same numbers show what a comparison without pairs would see.
    let exchanged = SEEDS.map(|seed| level(seed % 3 + 1) - level(seed));
    let unpaired = mean_interval(&exchanged, 0.95);
    assert_eq!(ClaimThreshold { side: Side::Within, value: 0.02 }.judge(unpaired), Undecided);
}

/// Differences with sd 0.005 over three seeds: 90 % within ± 0.0084, however many σ² there are; a contradiction takes more
/// the more there are.
#[test]
fn equality_has_no_correction_and_contradiction_has() {
    let lab = |sweep: &[f64], difference: f64| {
        let mut lab = Lab::default();
        lab.add(Line::new(Cae), sweep, &SEEDS, |sigma, seed| {
            units(0.5 + if sigma > 0.0 { difference + 0.005 * (seed as f64 - 2.0) } else { 0.0 }, 0.0)
        });
        lab.part("1", "MNIST, CAE")
    };
    let confidences = |part: &ClaimPart| (part.measures[0].confidence, part.measures[0].corrected_confidence);
    let (alone, one_of_four) = (lab(&[0.0, 1.0], 0.0), lab(&SWEEP, 0.0));
    assert_eq!((alone.verdict, one_of_four.verdict), (Supported, Supported));
    // Four parts: CAE and mDAE on two data sets.
    assert_eq!(confidences(&alone), (0.9, Some(1.0 - 0.05 / 4.0)));
    assert_eq!(confidences(&one_of_four), (0.9, Some(1.0 - 0.05 / 16.0)));
    // ± 0.0256 with one σ², ± 0.0515 with four.
    let (alone, one_of_four) = (lab(&[0.0, 1.0], 0.05), lab(&SWEEP, 0.05));
    assert_eq!((alone.verdict, one_of_four.verdict), (Contradicted, Undecided));
    assert!(
        one_of_four.note.contains("reaches beyond ±0.02 at σ² = 0.01, 0.25, 0.5 and 1"),
        "{one_of_four:?}"
    );
    let outlook = one_of_four.outlook.unwrap();
    assert!((outlook.standard_deviation - 0.005).abs() < 1e-6, "{outlook:?}");
    // 0.03 = t(S − 1, 1 − 0.05 / 32) · 0.005 / √S lies between S = 3, 0.0515, and S = 4, 0.0204.
    assert_eq!(outlook.seeds, Some(4));
    assert!(one_of_four.remarks().starts_with(
        "standard deviation between seeds at most 0.0050: about 4 seeds would decide; the interval reaches"
    ));
    assert_eq!(
        lab(&SWEEP, 0.0199).outlook.unwrap().seeds,
        None,
        "a difference next to the margin takes many"
    );
    assert_eq!(alone.outlook, None);
}

/// With k = 4 values of σ² > 0: 1 + k (k + 1) / 2 tests of a fall, k + 1 of a floor and one of each other rule.
#[test]
fn contradictions_are_corrected_for_all_tests_of_all_parts() {
    use ActivationKind::{Sigmoid, Softplus};
    let mut lab = Lab::default();
    lab.add(Line::new(Dae), &SWEEP, &SEEDS, |sigma, seed| {
        let fraction = falling(0.9, 0.03)(sigma) + wobble(sigma, seed, 1e-4);
        units(fraction, if sigma == 1.0 { 0.1 } else { 0.0 })
    });
    // Below the floor, where its second measure is the one that contradicts.
    lab.both(Line::new(Dae).free(), falling(0.9, 0.05));
    for line in [
        Line::new(Cae).free(),
        Line::new(Dae).with(Sigmoid),
        Line::new(Cae).free().with(Sigmoid),
        Line::new(Dae).with(Softplus),
    ] {
        lab.both(line, falling(0.9, 0.2));
    }
    for (claim, tests, parts) in [
        ("3", 11, 2),
        ("4", 1, 2),
        ("5", 5, 2),
        ("5a", 5, 8),
        ("6", 1, 2),
        ("8", 11, 8),
        ("9", 1, 2),
        ("10", 1, 8),
        ("11", 1, 2),
    ] {
        let claim = lab.claim(claim);
        let measures = claim.parts.iter().flat_map(|part| &part.measures);
        let found: Vec<f64> = measures.filter_map(|measure| measure.corrected_confidence).collect();
        let expected = 1.0 - 0.05 / f64::from(tests * parts);
        assert!(
            !found.is_empty() && found.iter().all(|confidence| *confidence == expected),
            "{}: {found:?}",
            claim.id
        );
    }
}

#[test]
fn an_interval_ends_where_fractions_do() {
    let mut lab = Lab::default();
    lab.add(Line::new(Dae), &SWEEP, &SEEDS, |sigma, seed| {
        units(falling(0.9, if seed == 1 { 0.4 } else { 0.02 })(sigma), 0.0)
    });
    let drop = &lab.part("3", "MNIST, DAE").measures[0];
    let (interval, corrected) = (drop.interval.unwrap(), drop.corrected.unwrap());
    assert!(interval.high == 1.0 && interval.low > 0.0, "{drop:?}");
    assert!(corrected.low == -1.0 && corrected.high == 1.0, "{drop:?}");
    // A fraction and the largest rise are never below 0.
    let mut lab = Lab::default();
    let lowest = |seed| if seed == 1 { 0.03 } else { 0.001 };
    lab.add(Line::new(Dae).free(), &SWEEP, &SEEDS, |sigma, seed| {
        units(falling(0.9, lowest(seed))(sigma), 0.0)
    });
    lab.add(Line::new(Dae), &SWEEP, &SEEDS, |sigma, seed| {
        units(if sigma == 0.0 { 0.9 } else { 0.5 + sigma * lowest(seed) }, 0.0)
    });
    for (claim, measure) in [("5", 0), ("3", 1)] {
        let measure = &lab.part(claim, "MNIST, DAE").measures[measure];
        let interval = measure.interval.unwrap();
        assert!(interval.low == 0.0 && interval.high > measure.value, "{measure:?}");
    }
}

/// More or other seeds than the rules fix make a verdict exploratory; one seed gives no verdict.
#[test]
fn a_verdict_from_other_seeds_than_planned_is_exploratory() {
    let part = |claim: &str, label: &str, model, seeds: &[u64]| {
        let mut lab = Lab::default();
        let fraction = |sigma: f64| if model == Dae { falling(0.9, 0.1)(sigma) } else { 0.5 };
        lab.add(Line::new(model), &SWEEP, seeds, |sigma, _| units(fraction(sigma), 0.0));
        let part = lab.part(claim, label);
        (part.verdict, part.would, part.exploratory)
    };
    let ten: Vec<u64> = (1..=10).collect();
    assert_eq!(part("3", "MNIST, DAE", Dae, &SEEDS), (Supported, None, false));
    assert_eq!(part("3", "MNIST, DAE", Dae, &ten), (Supported, None, true));
    assert_eq!(part("3", "MNIST, DAE", Dae, &[1, 2]), (Supported, None, true));
    assert_eq!(part("1", "MNIST, CAE", Cae, &ten), (Supported, None, false));
    assert_eq!(part("1", "MNIST, CAE", Cae, &SEEDS), (Supported, None, true));
    assert_eq!(part("3", "MNIST, DAE", Dae, &[1]), (Undecided, Some(Supported), false));
    let claim = |seeds: &[u64]| {
        let mut lab = Lab::default();
        for line in [Line::new(Dae), Line::new(Dae).cifar10()] {
            lab.add(line, &SWEEP, seeds, |sigma, _| units(falling(0.9, 0.1)(sigma), 0.0));
        }
        lab.claim("3").aside()
    };
    assert_eq!(
        [claim(&SEEDS), claim(&ten), claim(&[1])],
        ["", "exploratory", "one seed: would be supported"]
    );
}

#[test]
fn one_seed_has_an_interval_over_its_units_if_they_were_counted() {
    let lab = |counted| {
        let mut lab = Lab::default();
        let line = Line { counted, ..Line::new(Cae) };
        lab.add(line, &SWEEP, &[1], |sigma, seed| units(0.5 + wobble(sigma, seed, 0.001), 0.0));
        lab.part("1", "MNIST, CAE")
    };
    let (counted, not) = (lab(true), lab(false));
    let spread = |part: &ClaimPart| part.measures[0].basis.spread;
    assert_eq!((counted.verdict, counted.would), (Undecided, Some(Supported)));
    assert_eq!(spread(&counted), Some(Spread::Units));
    let said = |part: &ClaimPart| (part.measures[0].rests_on(), part.aside());
    assert_eq!(said(&counted), ("one seed, over its units".to_owned(), "would be supported".to_owned()));
    assert_eq!((not.verdict, not.would, spread(&not), not.measures.len()), (Undecided, None, None, 1));
    assert_eq!(said(&not), (String::new(), String::new()));
    assert!(not.measures[0].interval.is_none() && not.outlook.is_none());
    assert!(not.note.starts_with("one seed, and its records have no counts by unit"), "{}", not.note);
}

#[test]
fn a_claim_of_parts_with_one_seed_says_what_it_would_be() {
    let claim = |seeds_on_cifar10: &[u64], last: f64| {
        let mut lab = Lab::default();
        lab.curve(Line::new(Dae), falling(0.9, 0.1));
        lab.add(Line::new(Dae).cifar10(), &SWEEP, seeds_on_cifar10, |sigma, _| {
            units(falling(0.9, last)(sigma), 0.0)
        });
        let claim = lab.claim("3");
        (claim.verdict, claim.would)
    };
    assert_eq!(claim(&SEEDS, 0.1), (Supported, None));
    assert_eq!(claim(&[2], 0.1), (Undecided, Some(Supported)));
    assert_eq!(claim(&[2], 0.95), (Undecided, Some(Contradicted)));
}

/// A seed counts if both curves have it.
#[test]
fn two_curves_are_judged_by_the_seeds_that_both_have() {
    let with_softplus = |seeds: &[u64]| {
        let mut lab = Lab::default();
        let line = |activation| Line::new(Dae).with(activation);
        lab.curve(line(ActivationKind::Sigmoid), falling(0.9, 0.1));
        lab.add(line(ActivationKind::Softplus), &SWEEP, seeds, |sigma, _| {
            units(falling(0.9, 0.1)(sigma), 0.0)
        });
        lab.part("10", "MNIST, DAE")
    };
    let (alike, two, one) = (with_softplus(&SEEDS), with_softplus(&[2, 3]), with_softplus(&[2]));
    let said = |part: &ClaimPart| (part.verdict, part.measures[0].rests_on(), part.aside());
    let expected = |verdict, basis: &str, aside: &str| (verdict, basis.to_owned(), aside.to_owned());
    assert_eq!(said(&alike), expected(Supported, "3 seeds", ""));
    assert_eq!(said(&two), expected(Supported, "2 seeds", "exploratory"));
    assert!(two.note.contains("left out: seed 1, which not every curve has"), "{}", two.note);
    assert_eq!(said(&one), expected(Undecided, "one seed, over its units", "would be supported"));
    let drops = ["Sigmoid: drop from σ² = 0 to 1", "Softplus: drop from σ² = 0 to 1"];
    assert_eq!([0, 1].map(|index| alike.measures[index].quantity.as_str()), drops);
    assert!(alike.measures[..2].iter().all(|measure| (measure.value - 0.8).abs() < 0.1));
}

/// Units differ far more among each other than each of them does over σ².
#[test]
fn one_seed_is_compared_unit_by_unit() {
    // Units change by 0 or by 0.1, halves of them.
    let changing = |sigma: f64, _: u64| -> Units {
        let count = |unit: usize| {
            let base = SAMPLES * (unit + 1) / (2 * UNITS);
            (base + if sigma > 0.0 && unit.is_multiple_of(2) { SAMPLES / 10 } else { 0 }) as u64
        };
        Some((0..UNITS).map(count).collect())
    };
    let mut lab = Lab::default();
    for line in [Line::new(Cae), Line::new(Mdae), Line::new(Dae), Line::new(Dae).free()] {
        lab.add(line, &[0.0, 1.0], &[1], changing);
    }
    let interval = |name, label: &str| lab.part(name, label).measures[0].interval.unwrap();
    // CAE and mDAE have the same units, so they are equal in every resample.
    assert_eq!(interval("2", "MNIST"), Interval { low: 0.0, high: 0.0 });
    // A mean of 200 units that change by 0 or 0.1: sd 0.05 / √200.
    let half = 1.645 * 0.05 / (UNITS as f64).sqrt();
    let alone = interval("1", "MNIST, CAE");
    assert!(
        (alone.low - (0.05 - half)).abs() < 0.0005 && (alone.high - (0.05 + half)).abs() < 0.0005,
        "{alone:?}"
    );
    // So are free and unit-length weights.
    assert_eq!(interval("11", "MNIST, DAE"), Interval { low: 0.0, high: 0.0 });
}

#[test]
fn a_claim_about_two_data_sets_needs_both_unless_one_contradicts_it() {
    let on_mnist = |fraction: &dyn Fn(f64) -> f64| Lab::default().curve(Line::new(Dae), fraction).claim("3");
    let falls = on_mnist(&falling(0.9, 0.1));
    let verdicts: Vec<Verdict> = falls.parts.iter().map(|part| part.verdict).collect();
    assert_eq!((falls.verdict, verdicts), (Undecided, vec![Supported, Undecided]));
    assert_eq!(falls.parts[1].note, "there are no runs of dae on cifar10 (relu, unit_norm)");
    assert_eq!(on_mnist(&|_| 0.9).verdict, Contradicted);
}

#[test]
fn the_same_results_give_the_same_document() {
    let mut lab = Lab::default();
    lab.add(Line::new(Cae), &SWEEP, &[1], |sigma, seed| units(0.5 + wobble(sigma, seed, 0.01), 0.0));
    lab.both(Line::new(Dae), falling(0.5, 0.1));
    let document =
        |lab: &Lab| serde_json::to_string(&VerdictsJson::new(&judge(&[lab.results()]), None)).unwrap();
    let first = document(&lab);
    assert_eq!(first, document(&lab));
    // The order of the runs does not matter.
    let mut reversed = lab.clone();
    reversed.0.reverse();
    assert_eq!(first, document(&reversed));
    let read: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(read["format"], "aesparse verdicts 2");
    let part = &read["claims"][2]["parts"][0];
    assert_eq!(part["verdict"], "supported");
    let basis = serde_json::json!({"seeds": SEEDS, "sigma_squared": SWEEP, "cells": 15, "spread": "seeds"});
    assert_eq!(part["measures"][0]["basis"], basis);
    assert_eq!(part["measures"][0]["threshold"], serde_json::json!({"side": "above", "value": 0.02}));
    assert_eq!((&read["level"], &part["exploratory"]), (&0.05.into(), &false.into()));
    assert!(part["measures"][0]["corrected"]["low"].is_number() && part["would"].is_null());
    assert_eq!(read["claims"][0]["parts"][0]["would"], "supported");
}
