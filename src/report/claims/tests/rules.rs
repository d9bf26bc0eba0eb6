//! What an interval is made of and which side it is on, whatever the claim.

use super::super::{Document, Side, Spread, Threshold, judge};
use super::lab::{SAMPLES, UNITS, Units};
use super::*;
use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind::{Cae, Dae, Mdae};
use crate::report::statistics::{Interval, mean_interval};

#[test]
fn an_interval_is_on_one_side_of_a_threshold_or_on_neither() {
    let judged = |side, value, low, high| Threshold { side, value }.judge(Some(Interval { low, high }));
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
        (Side::Outside, -0.4, -0.3, Supported),
        (Side::Outside, -0.1, 0.1, Contradicted),
        (Side::Outside, 0.1, 0.3, Undecided),
    ] {
        assert_eq!(judged(side, 0.2, low, high), expected, "{side:?} [{low}, {high}]");
        assert_eq!(Threshold { side, value: 0.2 }.judge(None), Undecided);
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
    // The same numbers with their seeds exchanged: what a comparison without pairs would see.
    let exchanged = SEEDS.map(|seed| level(seed % 3 + 1) - level(seed));
    let unpaired = mean_interval(&exchanged, 0.95);
    assert_eq!(Threshold { side: Side::Within, value: 0.02 }.judge(unpaired), Undecided);
}

/// Differences with sd 0.005 over three seeds: ± 0.0124 alone, ± 0.0256 as one of four.
#[test]
fn simultaneous_differences_have_wider_intervals() {
    let lab = |sweep: &[f64]| {
        let mut lab = Lab::default();
        lab.add(Line::new(Cae), sweep, &SEEDS, |sigma, seed| {
            units(0.5 + if sigma > 0.0 { 0.005 * (seed as f64 - 2.0) } else { 0.0 }, 0.0)
        });
        lab.part("1", "MNIST, CAE")
    };
    let (alone, one_of_four) = (lab(&[0.0, 1.0]), lab(&SWEEP));
    assert_eq!((alone.verdict, one_of_four.verdict), (Supported, Undecided));
    let confidence = |part: &Part| part.measures[0].confidence;
    assert!((confidence(&alone) - 0.95).abs() < 1e-12 && (confidence(&one_of_four) - 0.9875).abs() < 1e-12);
    assert!(
        one_of_four.note.contains("reaches beyond ±0.02 at σ² = 0.01, 0.25, 0.5 and 1"),
        "{one_of_four:?}"
    );
    assert!(one_of_four.power.unwrap() < alone.power.unwrap());
}

/// One of three seeds has two neighbours the other way round: tau is −0.93 ± 0.29.
#[test]
fn an_interval_ends_where_its_quantity_does() {
    let fall = falling(0.9, 0.1);
    let mut lab = Lab::default();
    lab.add(Line::new(Dae), &SWEEP, &SEEDS, |sigma, seed| {
        let exchanged = [(0.25, 0.5), (0.5, 0.25)].iter().find(|(own, _)| seed == 2 && *own == sigma);
        units(fall(exchanged.map_or(sigma, |(_, other)| *other)), 0.0)
    });
    let part = lab.part("3", "MNIST, DAE");
    let interval = part.measures[1].interval.unwrap();
    assert_eq!((part.verdict, part.measures[1].unit, interval.low), (Supported, "Kendall's tau", -1.0));
    assert!((interval.high + 0.646).abs() < 0.001, "{interval:?}");
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
    let spread = |part: &Part| part.measures[0].basis.spread;
    assert_eq!((counted.verdict, spread(&counted)), (Undecided, Some(Spread::Units)));
    assert!(counted.note.starts_with("one seed supports no equality"), "{}", counted.note);
    assert!(counted.basis().starts_with("one seed, 98.75 % over its units"), "{}", counted.basis());
    assert_eq!((not.verdict, spread(&not), not.measures.len()), (Undecided, None, 1));
    assert_eq!(not.basis(), "");
    assert!(not.measures[0].interval.is_none() && not.power.is_none());
    assert!(not.note.starts_with("one seed, and its records have no counts by unit"), "{}", not.note);
}

/// Neither that one curve stays, nor that two are equal, nor that two stay alike; a difference it can show.
#[test]
fn one_seed_supports_no_equality() {
    let lab = |seeds: &[u64], last: f64| {
        let mut lab = Lab::default();
        let free = Line::new(Cae).free();
        let smooth = Line::new(Cae).with(ActivationKind::Softplus);
        let sigmoid = Line::new(Cae).with(ActivationKind::Sigmoid);
        for line in [Line::new(Cae), Line::new(Mdae), free, free.cifar10(), smooth] {
            lab.add(line, &SWEEP, seeds, |sigma, seed| units(0.5 + wobble(sigma, seed, 0.001), 0.0));
        }
        lab.add(sigmoid, &SWEEP, seeds, |sigma, _| units(if sigma == 1.0 { last } else { 0.5 }, 0.0));
        lab
    };
    let parts = [("1", "MNIST, CAE"), ("2", "MNIST"), ("6", "CAE"), ("10", "MNIST, CAE")];
    let verdicts = |lab: Lab| parts.map(|(claim, label)| lab.part(claim, label).verdict);
    assert_eq!(verdicts(lab(&SEEDS, 0.5)), [Supported, Supported, Contradicted, Supported]);
    assert_eq!(verdicts(lab(&[2], 0.5)), [Undecided; 4]);
    let mut moved = Lab::default();
    moved.add(Line::new(Cae), &SWEEP, &[2], |sigma, _| units(falling(0.5, 0.3)(sigma), 0.0));
    assert_eq!(moved.part("1", "MNIST, CAE").verdict, Contradicted);
}

/// As claim 10 does, where Sigmoid has three seeds and Softplus one.
#[test]
fn each_number_of_a_part_says_what_it_rests_on() {
    let with_softplus = |seeds: &[u64]| {
        let mut lab = Lab::default();
        let line = |activation| Line::new(Dae).with(activation);
        lab.curve(line(ActivationKind::Sigmoid), falling(0.9, 0.1));
        lab.add(line(ActivationKind::Softplus), &SWEEP, seeds, |sigma, _| {
            units(falling(0.9, 0.1)(sigma), 0.0)
        });
        lab.part("10", "MNIST, DAE")
    };
    let (alike, not) = (with_softplus(&SEEDS), with_softplus(&[2]));
    assert_eq!((alike.verdict, alike.basis().as_str()), (Supported, "3 seeds, 95 %"));
    assert!(alike.effects().iter().all(|effect| effect.ends_with("claimed above 0.02")), "{alike:?}");
    assert_eq!((not.verdict, not.basis().as_str()), (Supported, ""));
    let bases: Vec<_> =
        not.measures.iter().map(|measure| (measure.basis.seeds.as_slice(), measure.basis.spread)).collect();
    assert_eq!(bases, [(&SEEDS[..], Some(Spread::Seeds)), (&[2][..], Some(Spread::Units))]);
    let effects = not.effects();
    assert!(
        effects[0].starts_with("Sigmoid: ") && effects[0].ends_with("above 0.02 (3 seeds, 95 %)"),
        "{effects:?}"
    );
    assert!(
        effects[1].starts_with("Softplus: ")
            && effects[1].ends_with("above 0.02 (one seed, 95 % over its units)"),
        "{effects:?}"
    );
}

/// Units differ far more among each other than each of them does over σ².
#[test]
fn one_seed_is_compared_unit_by_unit_on_one_data_set_and_not_across_two() {
    // Units change by 0 or by 0.1, halves of them.
    let changing = |sigma: f64, _: u64| -> Units {
        let count = |unit: usize| {
            let base = SAMPLES * (unit + 1) / (2 * UNITS);
            (base + if sigma > 0.0 && unit.is_multiple_of(2) { SAMPLES / 10 } else { 0 }) as u64
        };
        Some((0..UNITS).map(count).collect())
    };
    let mut lab = Lab::default();
    for line in [Line::new(Cae), Line::new(Mdae), Line::new(Cae).free(), Line::new(Cae).free().cifar10()] {
        lab.add(line, &[0.0, 1.0], &[1], changing);
    }
    let interval = |name, label: &str| lab.part(name, label).measures[0].interval.unwrap();
    // CAE and mDAE have the same units: no resample tells them apart.
    assert_eq!(interval("2", "MNIST"), Interval { low: 0.0, high: 0.0 });
    // A mean of 200 units that change by 0 or 0.1: sd 0.05 / √200.
    let half = 1.96 * 0.05 / (UNITS as f64).sqrt();
    let alone = interval("1", "MNIST, CAE");
    assert!(
        (alone.low - (0.05 - half)).abs() < 0.0005 && (alone.high - (0.05 + half)).abs() < 0.0005,
        "{alone:?}"
    );
    // The same units on two data sets are different units.
    let across = interval("6", "CAE");
    let half = half * 2.0_f64.sqrt();
    assert!((across.low + half).abs() < 0.0007 && (across.high - half).abs() < 0.0007, "{across:?}");
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
    let document = |lab: &Lab| serde_json::to_string(&Document::new(&judge(&[lab.results()]))).unwrap();
    let first = document(&lab);
    assert_eq!(first, document(&lab));
    // Nor does the order of the runs matter.
    let mut reversed = lab.clone();
    reversed.0.reverse();
    assert_eq!(first, document(&reversed));
    let read: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(read["format"], "aesparse verdicts 1");
    let part = &read["claims"][2]["parts"][0];
    assert_eq!(part["verdict"], "supported");
    let basis = serde_json::json!({"seeds": SEEDS, "sigma_squared": SWEEP, "spread": "seeds"});
    assert_eq!(part["measures"][0]["basis"], basis);
    assert_eq!(part["measures"][0]["threshold"], serde_json::json!({"side": "above", "value": 0.02}));
    assert!(read["claims"][3]["parts"][0]["power"].is_null());
}
