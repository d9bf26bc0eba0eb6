//! Each claim supported, contradicted and undecided.

use super::super::{Side, judge};
use super::*;
use crate::activation::ActivationKind::{Relu, Sigmoid, Softplus};
use crate::parameter::Value;
use crate::regularizer::RegularizerKind::{self, Cae, Dae, Edae, KlSae, Mdae};

const ALL: [RegularizerKind; 4] = [Dae, Cae, Mdae, KlSae];

#[test]
fn claims_1_and_2_ask_for_equal_fractions_within_the_margin() {
    let cae_and = |mdae_at_one: f64, noise: f64| {
        let mut lab = Lab::default();
        lab.both(Line::new(Cae), |_| 0.9);
        let mdae = |sigma, seed| {
            let base = if sigma == 1.0 { mdae_at_one } else { 0.9 };
            units(base + wobble(sigma, seed, noise), 0.0)
        };
        let line = Line::new(Mdae);
        lab.add(line, &SWEEP, &SEEDS, mdae).add(line.cifar10(), &SWEEP, &SEEDS, mdae);
        lab
    };
    for name in ["1", "2"] {
        assert_eq!(cae_and(0.9, 0.001).claim(name).verdict, Supported);
        assert_eq!(cae_and(0.8, 1e-4).claim(name).verdict, Contradicted);
        assert_eq!(cae_and(0.88, 0.01).claim(name).verdict, Undecided);
    }
    let part = cae_and(0.8, 1e-4).part("1", "CIFAR-10, mDAE");
    assert_eq!((part.measures[0].sigma_squared, part.dataset.as_deref()), (Some(1.0), Some("cifar10")));
    assert!((part.measures[0].value + 0.1).abs() < 0.001, "{part:?}");
    assert!(part.note.contains("certainly more than ±0.02 at σ² = 1"), "{}", part.note);
    let part = cae_and(0.9, 0.001).part("2", "MNIST");
    assert!(part.outlook.is_none() && part.regularizer.is_none(), "{part:?}");
}

/// 3, 7, 7u, 8 and 12 are the same rule on other runs.
#[test]
fn falling_claims_ask_for_a_drop_and_no_rise() {
    let relu = |model| Line::new(model);
    let cases: [(&str, Vec<Line>); 5] = [
        ("3", vec![relu(Dae)]),
        ("7", vec![relu(Edae)]),
        ("7u", vec![relu(Edae).free()]),
        ("8", ALL.map(|model| relu(model).with(Sigmoid)).to_vec()),
        ("12", vec![relu(KlSae)]),
    ];
    for (name, lines) in cases {
        let lab = |last: &dyn Fn(f64) -> f64| {
            let mut lab = Lab::default();
            for line in &lines[1..] {
                lab.both(*line, falling(0.9, 0.1));
            }
            lab.both(lines[0], last).claim(name)
        };
        let supported = lab(&falling(0.9, 0.1));
        assert_eq!(supported.verdict, Supported, "{supported:?}");
        assert_eq!(supported.parts.len(), 2 * lines.len());
        assert_eq!(supported.parts[0].measures.len(), 2);
        assert_eq!(lab(&|_| 0.9).verdict, Contradicted, "{name}: it is flat");
        assert_eq!(lab(&falling(0.9, 0.95)).verdict, Contradicted, "{name}: it rises");
        // A high first point alone is no fall if the curve rises after it.
        let back = lab(&|sigma| if sigma == 0.0 { 0.9 } else { 0.5 + sigma / 10.0 });
        assert_eq!(back.verdict, Contradicted);
        assert_eq!(back.parts[0].measures[2].quantity, "rise from σ² = 0.01 to 1");
        assert_eq!(back.parts[0].measures[0].verdict, Some(Supported));
        // A rise within the margin is noted and doesn't count.
        let bump = lab(&|sigma| if sigma == 0.01 { 0.91 } else { falling(0.9, 0.1)(sigma) });
        assert_eq!(bump.verdict, Supported);
        assert!(bump.parts[0].note.starts_with("the mean rises by 0.01"), "{}", bump.parts[0].note);
        assert_eq!(lab(&falling(0.9, 0.8801)).verdict, Undecided, "{name}: a drop near the margin");
    }
}

/// Dying units lower the activation fraction too, so the note must name them.
#[test]
fn a_fall_by_dying_units_is_named() {
    let dying = |line: Line, lab: &mut Lab| {
        lab.add(line, &SWEEP, &SEEDS, |sigma, seed| {
            let dead = if sigma == 1.0 { 0.25 * seed as f64 } else { 0.0 };
            units(falling(0.9, 0.1)(sigma), dead)
        });
    };
    let mut lab = Lab::default();
    dying(Line::new(Dae), &mut lab);
    dying(Line::new(Dae).with(Softplus), &mut lab);
    lab.curve(Line::new(Dae).with(Sigmoid), falling(0.9, 0.1));
    let falls = lab.part("3", "MNIST, DAE");
    assert_eq!(
        (falls.verdict, falls.note.as_str()),
        (Supported, "25 % to 75 % of the units are dead at σ² = 1")
    );
    let alike = lab.part("10", "MNIST, DAE");
    let note = "Sigmoid falls; Softplus falls (25 % to 75 % of the units are dead at σ² = 1)";
    assert_eq!((alike.verdict, alike.note.as_str()), (Supported, note));
}

#[test]
fn claim_4_asks_where_units_begin_to_die() {
    // The fraction falls to `to` at σ² = 0.5 and stays there; from `dying` on 2 % of the units are dead.
    let dae = |to: f64, dying: &dyn Fn(u64) -> f64| {
        let mut lab = Lab::default();
        for line in [Line::new(Dae), Line::new(Dae).cifar10()] {
            lab.add(line, &SWEEP, &SEEDS, |sigma, seed| {
                let dead = if sigma >= dying(seed) { 0.02 } else { 0.0 };
                units(falling(0.9, to)((2.0 * sigma).min(1.0)) + wobble(sigma, seed, 0.0005), dead)
            });
        }
        lab
    };
    let verdict = |lab: &Lab| lab.claim("4").verdict;
    let lab = dae(0.04, &|_| 1.0);
    assert_eq!(verdict(&lab), Supported);
    let part = lab.part("4", "MNIST, DAE");
    assert!((part.measures[0].value - 0.04).abs() < 0.001, "{part:?}");
    assert!(
        part.note.contains("seed 1: more than 1 % dead first at σ² = 1, with a fraction of 0.04"),
        "{part:?}"
    );
    // At σ² = 0.25 the fraction is 0.15.
    assert_eq!(verdict(&dae(0.04, &|_| 0.25)), Contradicted);
    // Somewhere between 0.15 and 0.04.
    let between = dae(0.04, &|_| 0.5).part("4", "MNIST, DAE");
    assert_eq!((between.verdict, between.measures[0].verdict), (Undecided, Some(Supported)));
    assert!(between.note.starts_with("too few σ²: units may have begun to die above 0.075"), "{between:?}");
    assert!(between.note.contains("with a fraction of 0.15"), "{between:?}");
    // One seed is enough, because nobody has seen its onset between two σ².
    assert_eq!(verdict(&dae(0.04, &|seed| if seed == 1 { 0.5 } else { 1.0 })), Undecided);
    assert_eq!(verdict(&dae(0.04, &|seed| if seed == 1 { 0.25 } else { 1.0 })), Undecided);

    let alive = |to| dae(to, &|_| 2.0);
    let not_reached = alive(0.2).part("4", "MNIST, DAE");
    assert_eq!(not_reached.verdict, Undecided);
    assert!(not_reached.note.starts_with("not reached"), "{}", not_reached.note);
    assert_eq!(verdict(&alive(0.05)), Supported, "no deaths above the level is what the claim says");
    let far_below = alive(0.01).part("4", "MNIST, DAE");
    assert_eq!(far_below.verdict, Supported);
    assert!(far_below.note.contains("far below"), "{}", far_below.note);
    // Seeds that die high up contradict only where all do.
    assert_eq!(verdict(&dae(0.2, &|seed| if seed == 1 { 0.25 } else { 2.0 })), Undecided);
    // A network that is nearly silent from the start shows no rise.
    let mut silent = Lab::default();
    for line in [Line::new(Dae), Line::new(Dae).cifar10()] {
        silent.add(line, &SWEEP, &SEEDS, |_, _| units(0.03, 0.9));
    }
    assert_eq!(verdict(&silent), Undecided);
    assert!(silent.part("4", "MNIST, DAE").note.starts_with("units are dead already at σ² = 0"));
}

/// 5 is about the DAE alone, 5a about all four.
#[test]
fn claim_5_asks_for_a_floor() {
    let with = |low: RegularizerKind, lowest: f64, noise: f64| {
        let mut lab = Lab::default();
        for model in ALL.into_iter().filter(|model| *model != low) {
            lab.both(Line::new(model).free(), falling(0.5, 0.2));
        }
        for line in [Line::new(low).free(), Line::new(low).free().cifar10()] {
            lab.add(line, &SWEEP, &SEEDS, |sigma, seed| {
                let base = if sigma == 0.25 { lowest } else { 0.5 };
                units(base + wobble(sigma, seed, noise), 0.0)
            });
        }
        lab
    };
    let verdicts = |lab: &Lab| ["5", "5a"].map(|name| lab.claim(name).verdict);
    assert_eq!(verdicts(&with(Dae, 0.2, 0.001)), [Supported; 2]);
    // 0.095 is "around 0.1" still.
    assert_eq!(verdicts(&with(Dae, 0.095, 0.0005)), [Supported; 2]);
    assert_eq!(verdicts(&with(Dae, 0.05, 1e-4)), [Contradicted; 2]);
    assert_eq!(verdicts(&with(Dae, 0.09, 0.01)), [Undecided; 2]);
    assert_eq!(verdicts(&with(KlSae, 0.05, 1e-4)), [Supported, Contradicted]);
    let part = with(Dae, 0.05, 1e-4).part("5", "CIFAR-10, DAE");
    assert!(part.note.contains("lowest at σ² = 0.25"), "{}", part.note);
    assert_eq!(part.measures[1].quantity, "fraction at σ² = 0.25");
    assert_eq!(part.measures[1].corrected_confidence, Some(1.0 - 0.05 / 10.0), "five σ², two parts");
}

/// 6 and 9 are the same rule under ReLU and Sigmoid.
#[test]
fn claims_6_and_9_ask_for_other_directions_on_the_two_data_sets() {
    for (name, activation) in [("6", Relu), ("9", Sigmoid)] {
        let line = |model| Line::new(model).with(activation).free();
        let both = |mnist: &dyn Fn(f64) -> f64, cifar10: &dyn Fn(f64) -> f64| {
            let mut lab = Lab::default();
            for model in [Cae, Mdae] {
                lab.curve(line(model), mnist).curve(line(model).cifar10(), cifar10);
            }
            lab.claim(name)
        };
        let (falls, falls_more, rises, stays) =
            (falling(0.5, 0.3), falling(0.9, 0.1), falling(0.5, 0.7), |_: f64| 0.5);
        let unclear = falling(0.5, 0.4801);
        assert_eq!(both(&stays, &falls).verdict, Supported);
        assert_eq!(both(&rises, &falls).verdict, Supported);
        assert_eq!(both(&rises, &unclear).verdict, Supported, "it certainly doesn't rise");
        // Curves with the same direction have no different trends, whatever their size.
        assert_eq!(both(&falls, &falls_more).verdict, Contradicted);
        assert_eq!(both(&stays, &|_| 0.7).verdict, Contradicted, "levels alone");
        assert_eq!(both(&falls, &unclear).verdict, Undecided);
        let claim = both(&stays, &falls);
        let part = &claim.parts[0];
        assert_eq!((part.dataset.as_deref(), part.regularizer.as_deref()), (None, Some("cae")));
        assert_eq!((part.note.as_str(), part.measures.len()), ("MNIST stays; CIFAR-10 falls", 2));
        assert!(part.measures.iter().all(|measure| measure.threshold.is_none()), "{part:?}");
    }
}

#[test]
fn claim_10_asks_for_the_same_direction_as_with_sigmoid() {
    let with_softplus = |sigmoid: &dyn Fn(f64) -> f64, softplus: &dyn Fn(f64) -> f64| {
        let mut lab = Lab::default();
        for model in ALL {
            lab.both(Line::new(model).with(Sigmoid), sigmoid);
            lab.both(Line::new(model).with(Softplus), softplus);
        }
        lab.claim("10")
    };
    let (falls, rises, stays) = (falling(0.9, 0.1), falling(0.5, 0.8), |_: f64| 0.6);
    let unclear = falling(0.9, 0.8801);
    assert_eq!(with_softplus(&falls, &falls).verdict, Supported);
    assert_eq!(with_softplus(&stays, &stays).verdict, Supported);
    assert_eq!(with_softplus(&rises, &falls).verdict, Contradicted);
    assert_eq!(with_softplus(&falls, &stays).verdict, Contradicted);
    assert_eq!(with_softplus(&falls, &unclear).verdict, Undecided);
    assert_eq!(with_softplus(&unclear, &unclear).verdict, Undecided);
    let claim = with_softplus(&falls, &stays);
    assert_eq!(claim.parts.len(), 8);
    assert_eq!(claim.parts[0].note, "Sigmoid falls; Softplus stays");
    assert_eq!(claim.parts[0].measures[0].quantity, "Sigmoid: drop from σ² = 0 to 1");
}

#[test]
fn claim_11_compares_the_lowest_fractions_before_units_die() {
    // Each falls to `to`; at σ² = 1 units are dead and the fraction doesn't count.
    let lowest = |unit_norm: f64, free: f64, noise: f64| {
        let mut lab = Lab::default();
        for (line, to) in [(Line::new(Dae), unit_norm), (Line::new(Dae).free(), free)] {
            for line in [line, line.cifar10()] {
                lab.add(line, &SWEEP, &SEEDS, |sigma, seed| match sigma {
                    1.0 => units(0.01, 0.5),
                    _ => units(falling(0.9, to)(2.0 * sigma) + wobble(sigma, seed, noise), 0.0),
                });
            }
        }
        lab
    };
    assert_eq!(lowest(0.05, 0.2, 0.001).claim("11").verdict, Supported);
    assert_eq!(lowest(0.2, 0.05, 0.001).claim("11").verdict, Contradicted);
    assert_eq!(lowest(0.1, 0.11, 1e-4).claim("11").verdict, Contradicted, "lower by less than what counts");
    let close = |sigma: f64, seed: u64| 0.13 + 0.01 * (sigma * seed as f64 * 9.0).sin();
    let mut lab = lowest(0.1, 0.1, 0.0);
    lab.0.retain(|run| run.spec.constraint.label() != "none");
    for line in [Line::new(Dae).free(), Line::new(Dae).free().cifar10()] {
        lab.add(line, &SWEEP, &SEEDS, |sigma, seed| units(close(sigma, seed), 0.0));
    }
    assert_eq!(lab.claim("11").verdict, Undecided);
    let note = lab.part("11", "MNIST, DAE").note;
    assert!(note.contains("free weights are censored at σ² = 1"), "{note}");
    assert!(!note.contains("unit-length weights are"), "{note}");
    let part = lowest(0.05, 0.2, 0.001).part("11", "MNIST, DAE");
    assert!((part.measures[0].value - 0.15).abs() < 0.003, "{part:?}");

    let mut dead = Lab::default();
    dead.both(Line::new(Dae).free(), falling(0.9, 0.2));
    dead.add(Line::new(Dae), &SWEEP, &SEEDS, |_, _| units(0.1, 0.5));
    let part = dead.part("11", "MNIST, DAE");
    assert_eq!((part.verdict, part.measures.len()), (Undecided, 0));
    assert!(part.note.contains("more than 1 % of the units are dead at every σ²"), "{}", part.note);
}

/// Two independent draws of each sample, and an antithetic pair.
const INDEPENDENT: Line = explained(&[("draws", Value::Integer(2))]);
const ANTITHETIC: Line = explained(&[("draws", Value::Integer(2)), ("pairing", Value::Choice("antithetic"))]);

/// The runs of the control, which are shorter than the paper's.
const fn explained(given: &'static [(&'static str, Value)]) -> Line {
    Line { given, epochs: 20, ..Line::new(Dae) }
}

const EXPLAINED_SWEEP: [f64; 4] = [0.0, 0.04, 0.25, 1.0];

/// Independent pairs fall from 0.9 by `fall`, antithetic ones by the share `share` of it, on both data sets.
fn pairs(fall: impl Fn(f64) -> f64, share: impl Fn(f64) -> f64, noise: f64) -> Lab {
    let mut lab = Lab::default();
    let mut add = |line: Line, fall: &dyn Fn(f64) -> f64| {
        for line in [line, line.cifar10()] {
            lab.add(line, &EXPLAINED_SWEEP, &SEEDS, |sigma, seed| {
                units(0.9 - fall(sigma) + wobble(sigma, seed, noise), 0.0)
            });
        }
    };
    add(INDEPENDENT, &fall);
    add(ANTITHETIC, &|sigma| share(sigma) * fall(sigma));
    lab
}

#[test]
fn claim_13_asks_which_share_of_the_fall_is_left_without_the_first_order_term() {
    let steep = |sigma: f64| if sigma > 0.0 { 0.3 + 0.4 * sigma } else { 0.0 };
    let with = |share: f64, noise: f64| pairs(steep, |_| share, noise).claim("13");
    let supported = with(0.2, 1e-4);
    assert_eq!(supported.verdict, Supported, "{supported:?}");
    assert_eq!(with(-0.2, 1e-4).verdict, Supported, "without the term it rises");
    assert_eq!(with(0.7, 1e-4).verdict, Undecided);
    assert_eq!(with(1.0, 1e-4).verdict, Contradicted);
    assert_eq!(with(0.5, 0.01).verdict, Undecided);
    assert_eq!(with(0.91, 0.02).verdict, Undecided);
    // One σ² can contradict, and none supports alone.
    let at_one = |share: f64| pairs(steep, |sigma| if sigma == 1.0 { share } else { 0.1 }, 1e-4).claim("13");
    assert_eq!([0.1, 0.7, 1.0].map(|share| at_one(share).verdict), [Supported, Undecided, Contradicted]);

    let part = &supported.parts[0];
    assert_eq!((part.label.as_str(), part.dataset.as_deref()), ("MNIST, DAE", Some("mnist")));
    assert_eq!((part.note.as_str(), part.regularizer.as_deref()), ("", None));
    let quantities: Vec<&str> = part.measures.iter().map(|measure| measure.quantity.as_str()).collect();
    assert_eq!(
        quantities[..2],
        ["independent pairs: fall from σ² = 0 to 0.04", "share of it with antithetic pairs at σ² = 0.04"]
    );
    assert_eq!(quantities.len(), 6);
    let share = &part.measures[1];
    assert!((share.value - 0.2).abs() < 0.01, "{share:?}");
    // Three σ² and two data sets.
    assert_eq!((share.confidence, share.corrected_confidence), (0.95, Some(1.0 - 0.05 / 6.0)));
    let threshold = share.threshold.unwrap();
    assert_eq!((threshold.side, threshold.value, share.verdict), (Side::Below, 0.5, Some(Supported)));
    assert!(part.measures[0].threshold.is_none() && part.measures[0].verdict.is_none());
    // A share may be above 1, where no fraction is.
    let more = &with(1.5, 0.002).parts[0].measures[1];
    assert!(more.value > 1.4 && more.interval.unwrap().high > 1.5, "{more:?}");
}

/// A share of next to nothing says nothing.
#[test]
fn claim_13_counts_only_falls_beyond_the_margin() {
    let flat_at_first = |sigma: f64| if sigma < 0.25 { 0.0 } else { 0.5 };
    let lab = pairs(flat_at_first, |_| 0.1, 1e-4);
    let part = lab.part("13", "MNIST, DAE");
    assert_eq!((part.verdict, part.measures.len()), (Supported, 5));
    let note = "not counted: σ² = 0.04, where independent pairs do not certainly fall by more than 0.02";
    assert_eq!(part.note, note);
    let flat = pairs(|sigma| 0.02 * sigma, |_| 1.0, 1e-4).part("13", "CIFAR-10, DAE");
    assert_eq!((flat.verdict, flat.measures.len()), (Undecided, 3));
    assert!(flat.note.starts_with("not counted: σ² = 0.04, 0.25 and 1"), "{}", flat.note);
    assert!(flat.outlook.unwrap().standard_deviation < 1e-3, "of the falls: {:?}", flat.outlook);
}

/// The runs of claim 13 are a control's, which no other claim uses, whatever else somebody has trained.
#[test]
fn claim_13_is_judged_by_the_runs_that_the_rules_name() {
    let steep = |sigma: f64| if sigma > 0.0 { 0.5 } else { 0.0 };
    let mut lab = pairs(steep, |_| 0.1, 1e-4);
    let expected = lab.claim("13");
    assert!(judge(&[lab.results()]).iter().all(|claim| claim.id == "13" || claim.folders.is_empty()));
    assert_eq!(expected.verdict, Supported);
    let note = &expected.notes[0];
    assert!(
        note.contains("not the rules' protocol") && note.contains("samples 50000 instead of 10000"),
        "{note}"
    );
    assert!(!note.contains("epochs"), "{note}");
    // Other σ², and other numbers of draws.
    for line in [INDEPENDENT, ANTITHETIC] {
        lab.add(line, &[0.5], &SEEDS, |_, _| units(0.9, 0.0));
    }
    lab.both(explained(&[("draws", Value::Integer(4))]), |_| 0.9);
    assert_eq!(lab.claim("13").parts, expected.parts);
    // Missing runs support nothing.
    lab.0.retain(|run| !(run.spec.sigma_squared == 0.25 && run.dataset == "mnist"));
    let part = lab.part("13", "MNIST, DAE");
    assert_eq!((part.verdict, part.measures[1].verdict), (Undecided, Some(Supported)), "{part:?}");
    lab.0.retain(|run| run.spec.regularizer.label() != "dae(draws=2)");
    assert_eq!(
        lab.part("13", "CIFAR-10, DAE").note,
        "there are no runs of dae(draws=2) on cifar10 (relu, unit_norm)"
    );
}

#[test]
fn every_claim_says_what_it_is_and_what_would_contradict_it() {
    let claims = judge(&[Lab::default().results()]);
    let ids: Vec<&str> = claims.iter().map(|claim| claim.id).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "5a", "6", "7", "7u", "8", "9", "10", "11", "12", "13"]);
    for claim in claims {
        assert_eq!(claim.verdict, Undecided, "nothing was trained");
        assert!(claim.parts.iter().all(|part| part.note.starts_with("there are no runs of")), "{claim:?}");
        let words = [claim.statement, claim.source, claim.contradicted_by.as_str()];
        assert!(words.iter().all(|words| !words.is_empty() && !words.ends_with('.')), "{words:?}");
    }
}
