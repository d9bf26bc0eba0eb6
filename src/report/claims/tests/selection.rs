//! Selection of the runs that are judged.

use super::super::judge;
use super::*;
use crate::constraint::Constraint;
use crate::experiment::config::PAPER_SIGMA_SQUARED;
use crate::optimizer::EncoderBias;
use crate::parameter::Value;
use crate::regularizer::RegularizerKind::{Cae, Dae, Mdae};
use crate::store::Results;
use serde_json::json;

/// A short study with few σ² does not replace a figure that is not trained yet.
#[test]
fn sweeps_that_ask_something_else_are_not_judged() {
    let results = |epochs: u32| {
        let mut lab = Lab::default();
        lab.curve(Line { epochs, ..Line::new(Dae) }, falling(0.5, 0.1));
        lab.results()
    };
    let verdict = |results: Results| {
        let claims = judge(&[results]);
        let part = claims.iter().flat_map(|claim| &claim.parts).find(|part| part.label == "MNIST, DAE");
        part.unwrap().verdict
    };
    let named = Results { name: "theory_mnist".to_owned(), ..results(10) };
    assert_eq!(verdict(named), Supported, "a name decides nothing");
    for (epochs, expected) in [(50, Supported), (10, Undecided)] {
        let mut theory = results(epochs);
        theory.manifest.config["theory"] = json!({ "every": 1 });
        assert_eq!(verdict(theory), expected, "the theory, measured in {epochs} epochs at few σ²");
        let mut bias = results(epochs);
        let frozen = bias.runs.clone();
        bias.runs.extend(frozen);
        let half = bias.runs.len() / 2;
        bias.runs[half..].iter_mut().for_each(|run| run.spec.encoder_bias = EncoderBias::Frozen);
        assert_eq!(verdict(bias), expected, "both treatments of the bias, in {epochs} epochs at few σ²");
    }
}

/// Controls have more cells here than the paper's model.
#[test]
fn controls_are_never_taken_for_the_papers_models() {
    let own = Line::new(Dae);
    let with = |given| Line { given, ..own };
    let controls = [
        Line { encoder_bias: EncoderBias::Frozen, ..own },
        with(&[("corruption", Value::Choice("masking"))]),
        with(&[("corruption", Value::Choice("salt_and_pepper"))]),
        with(&[("noise", Value::Choice("fixed"))]),
        Line { constraint: Constraint::UnitNormTangent, ..own },
        with(&[("draws", Value::Integer(2))]),
    ];
    let mut paper = Lab::default();
    paper.curve(own, falling(0.5, 0.1));
    let expected = paper.claim("3");
    assert_eq!(paper.part("3", "MNIST, DAE").verdict, Supported);
    for control in controls {
        let add = |lab: &mut Lab, line| {
            lab.add(line, &[0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0], &[1, 2, 3, 4], |_, _| units(0.5, 0.0));
        };
        let (mut both, mut alone) = (paper.clone(), Lab::default());
        add(&mut both, control);
        assert_eq!(both.claim("3"), expected, "{control:?}");
        add(&mut alone, Line { learning_rate: 0.002, ..control });
        add(&mut alone, control);
        let part = alone.part("3", "MNIST, DAE");
        assert_eq!(part.note, "there are no runs of dae on mnist (relu, unit_norm)", "{control:?}");
        assert!(judge(&[alone.results()]).iter().all(|claim| !claim.repetition), "{control:?}");
    }
}

#[test]
fn runs_that_diverged_are_left_out_and_named() {
    let with_divergence = |diverged: &dyn Fn(f64, u64) -> bool| {
        let mut lab = Lab::default();
        lab.add(Line::new(Dae), &SWEEP, &SEEDS, |sigma, seed| {
            if diverged(sigma, seed) { None } else { units(falling(0.9, 0.1)(sigma), 0.0) }
        });
        lab.part("3", "MNIST, DAE")
    };
    let inside = with_divergence(&|sigma, _| sigma == 0.5);
    assert_eq!(
        (inside.verdict, inside.measures[0].basis.sigma_squared.as_slice()),
        (Undecided, &[0.0, 0.01, 0.25, 1.0][..])
    );
    assert!(
        inside.note.contains("dae on mnist (relu, unit_norm) diverged at σ² = 0.5 (seeds 1, 2 and 3)"),
        "{inside:?}"
    );
    assert!(inside.note.contains("left out: σ² = 0.5, which not every seed and curve has"), "{inside:?}");
    let of_one_seed = with_divergence(&|sigma, seed| sigma == 1.0 && seed == 2);
    assert_eq!((of_one_seed.verdict, seeds_of(&of_one_seed)), (Supported, &[1, 3][..]));
    assert!(of_one_seed.exploratory);
    assert!(
        of_one_seed.note.contains("left out: seed 2, without results at σ² = 1 in every curve"),
        "{of_one_seed:?}"
    );
    let of_all = with_divergence(&|sigma, _| sigma == 1.0);
    assert_eq!((of_all.verdict, of_all.measures.len()), (Undecided, 0));
    let reason = "no seed has results at σ² = 1 in every curve; \
                  dae on mnist (relu, unit_norm) diverged at σ² = 1 (seeds 1, 2 and 3)";
    assert_eq!(of_all.note, reason);
    let mut lab = Lab::default();
    lab.add(Line::new(Dae), &SWEEP[1..], &SEEDS, |_, _| units(0.5, 0.0));
    assert_eq!(lab.part("3", "MNIST, DAE").note, "there are no runs at σ² = 0");
    let mut lab = Lab::default();
    lab.add(Line::new(Dae), &[0.0], &SEEDS, |_, _| units(0.5, 0.0));
    assert_eq!(lab.part("3", "MNIST, DAE").note, "there are no runs at σ² > 0");
}

/// A missing σ² could overturn a claim about every σ², so there is no support; the existing runs may still contradict it.
#[test]
fn a_missing_run_leaves_room_for_contradiction_and_none_for_support() {
    let lab =
        |line: Line, fraction: &dyn Fn(f64) -> f64, missing: &dyn Fn(f64, u64) -> bool| {
            let mut lab = Lab::default();
            lab.add(line, &SWEEP, &SEEDS, |sigma, seed| {
                if missing(sigma, seed) { None } else { units(fraction(sigma), 0.0) }
            });
            lab
        };
    let flat = |_: f64| 0.5;
    let falls = falling(0.5, 0.1);
    let cae = |fraction: &dyn Fn(f64) -> f64, missing: &dyn Fn(f64, u64) -> bool| {
        lab(Line::new(Cae), fraction, missing).part("1", "MNIST, CAE")
    };
    let of_one = cae(&flat, &|sigma, seed| sigma == 0.25 && seed == 2);
    assert_eq!((of_one.verdict, seeds_of(&of_one)), (Supported, &[1, 3][..]), "the other seeds are complete");
    assert!(
        of_one.note.contains("left out: seed 2, without results at σ² = 0.25 in every curve"),
        "{of_one:?}"
    );
    let each_another = |sigma: f64, seed: u64| sigma == SWEEP[seed as usize];
    let flat_there = cae(&flat, &each_another);
    assert_eq!((flat_there.verdict, seeds_of(&flat_there)), (Undecided, &SEEDS[..]));
    assert!(
        flat_there.note.contains("left out: σ² = 0.01, 0.25 and 0.5, which not every seed"),
        "{flat_there:?}"
    );
    assert_eq!(cae(&falls, &each_another).verdict, Contradicted);
    let at_the_end = |sigma: f64, _: u64| sigma == 1.0;
    assert_eq!(cae(&flat, &at_the_end).verdict, Undecided);
    assert_eq!(cae(&falls, &at_the_end).verdict, Contradicted);

    let floor = |to: f64| lab(Line::new(Dae).free(), &falling(0.5, to), &at_the_end).part("5", "MNIST, DAE");
    assert_eq!((floor(0.2).verdict, floor(0.0).verdict), (Undecided, Contradicted));

    // Which of two curves gets lower may be decided where a run is missing.
    let inside = |sigma: f64, _: u64| sigma == 0.25;
    let never = |_: f64, _: u64| false;
    let lower = |missing| {
        let mut both = lab(Line::new(Dae), &falls, missing);
        both.0.extend(lab(Line::new(Dae).free(), &flat, &never).0);
        both.part("11", "MNIST, DAE").verdict
    };
    assert_eq!((lower(&never), lower(&inside)), (Supported, Undecided));

    // Units that die high up at σ² = 0.01, where no seed has results.
    let dying = |missing: &dyn Fn(f64, u64) -> bool| {
        let mut lab = Lab::default();
        lab.add(Line::new(Dae), &SWEEP, &SEEDS, |sigma, seed| match sigma {
            _ if missing(sigma, seed) => None,
            0.01 => units(0.2, 0.02),
            _ => units(if sigma > 0.01 { 0.05 } else { 0.9 }, if sigma == 1.0 { 0.02 } else { 0.0 }),
        });
        lab.part("4", "MNIST, DAE").verdict
    };
    assert_eq!(dying(&never), Contradicted);
    assert_eq!(dying(&|sigma, seed| sigma == 0.01 && seed == 2), Contradicted);
    assert_eq!(dying(&|sigma, _| sigma == 0.01), Undecided);
}

/// Curves that start near 0 neither support that activity stays nor contradict that it falls.
#[test]
fn seeds_whose_units_are_off_at_the_start_are_left_out() {
    let with_dead = |model, dead: &dyn Fn(f64, u64) -> bool| {
        let mut lab = Lab::default();
        lab.add(Line::new(model), &SWEEP, &SEEDS, |sigma, seed| {
            if dead(sigma, seed) { units(0.0, 1.0) } else { units(falling(0.9, 0.1)(sigma), 0.0) }
        });
        lab
    };
    let note = "active on at most 0.02 of samples and units at σ² = 0 already, the least difference that counts, so there is \
                nothing to judge";
    for (model, claim, label) in [(Cae, "1", "MNIST, CAE"), (Dae, "3", "MNIST, DAE")] {
        let mut nearly = Lab::default();
        nearly.add(Line::new(model), &SWEEP, &SEEDS, |_, _| units(0.01, 0.9));
        for lab in [with_dead(model, &|_, _| true), nearly] {
            let part = lab.part(claim, label);
            assert_eq!((part.verdict, part.measures.len()), (Undecided, 0));
            assert_eq!(part.note, note);
        }
    }
    let mut equal = with_dead(Cae, &|_, _| true);
    equal.curve(Line::new(Mdae), |_| 0.9);
    assert_eq!(equal.part("2", "MNIST").verdict, Undecided, "one of two curves is enough");

    let of_one = with_dead(Dae, &|sigma, seed| sigma == 0.0 && seed == 2).part("3", "MNIST, DAE");
    assert_eq!((of_one.verdict, seeds_of(&of_one)), (Supported, &[1, 3][..]));
    let note = "left out: seed 2, active on at most 0.02 of samples and units at σ² = 0 already";
    assert!(of_one.note.contains(note), "{of_one:?}");

    // Units that a regularizer switches off are its effect.
    let by_dae = with_dead(Dae, &|sigma, _| sigma > 0.0).part("3", "MNIST, DAE");
    assert_eq!((by_dae.verdict, seeds_of(&by_dae)), (Supported, &SEEDS[..]));
}

/// A σ² beside the paper's twelve changes no verdict, whichever seeds have it.
#[test]
fn sigmas_beside_those_of_the_rules_are_left_out() {
    let lab = |more: &[f64]| {
        let mut lab = Lab::default();
        let sweep = [&PAPER_SIGMA_SQUARED[..], more].concat();
        lab.add(Line::new(Dae), &sweep, &[1], |sigma, _| units(falling(0.9, 0.1)(sigma), 0.0));
        lab.add(Line::new(Dae), &PAPER_SIGMA_SQUARED, &[2, 3], |sigma, seed| {
            units(falling(0.9, 0.1)(sigma) + wobble(sigma, seed, 0.001), 0.0)
        });
        lab
    };
    let (with, without) = (lab(&[0.02, 2.0]), lab(&[]));
    let part = with.part("3", "MNIST, DAE");
    assert_eq!(part, without.part("3", "MNIST, DAE"));
    assert_eq!((part.verdict, seeds_of(&part)), (Supported, &SEEDS[..]));
    let notes = with.claim("3").notes;
    let note = "left out of dae on mnist (relu, unit_norm): σ² = 0.02 and 2, which the rules don't name";
    assert!(notes.iter().any(|said| said == note), "{notes:?}");
}

/// A curve that begins below the floor contradicts it.
#[test]
fn seeds_whose_units_are_off_count_where_no_fall_is_asked_for() {
    let mut lab = Lab::default();
    lab.add(Line::new(Dae).free(), &SWEEP, &SEEDS, |sigma, seed| {
        units(0.01 + wobble(sigma, seed, 1e-5).abs(), 0.0)
    });
    assert_eq!(lab.part("5", "MNIST, DAE").verdict, Contradicted);
}

#[test]
fn a_sweep_that_is_not_finished_is_undecided() {
    let mut lab = Lab::default();
    lab.add(Line::new(Dae), &SWEEP[..4], &SEEDS, |sigma, _| units(falling(0.9, 0.1)(sigma), 0.0));
    let mut results = lab.results();
    let verdict = |results: &Results| judge(std::slice::from_ref(results))[2].parts[0].clone();
    assert_eq!(verdict(&results).verdict, Supported, "as far as is known, 0.5 is the last σ²");
    results.manifest.config = serde_json::json!({"sweep": {"sigma_squared": [0, 0.01, 0.25, 0.5, 1]}});
    let part = verdict(&results);
    assert_eq!(
        (part.verdict, part.note.as_str()),
        (Undecided, "no seed has results at σ² = 1 in every curve")
    );
}

#[test]
fn of_several_protocols_the_one_with_most_sigmas_is_judged_and_of_equals_the_longest() {
    let short = Line { epochs: 5, ..Line::new(Dae) };
    let mut lab = Lab::default();
    lab.curve(Line::new(Dae), |_| 0.9)
        .add(short, &[0.0, 1.0], &SEEDS, |sigma, _| units(0.9 - sigma / 2.0, 0.0));
    let claim = lab.claim("3");
    assert_eq!(claim.parts[0].verdict, Contradicted);
    let note = "left out: 6 cells of dae on mnist (relu, unit_norm) with epochs 5 instead of 50";
    assert!(claim.notes.iter().any(|said| said == note), "{:?}", claim.notes);
    // The paper's 1000 units are not 200.
    assert!(claim.notes.contains(&"mnist: not the paper's protocol: hidden 200 instead of 1000".to_owned()));

    // A control with many seeds at few σ².
    let mut many = Lab::default();
    let seeds: Vec<u64> = (1..=30).collect();
    many.curve(Line::new(Dae), |_| 0.9)
        .add(short, &[0.0, 1.0], &seeds, |sigma, _| units(0.9 - sigma / 2.0, 0.0));
    let claim = many.claim("3");
    assert_eq!(claim.parts[0].verdict, Contradicted);
    assert!(claim.notes.iter().any(|said| said.starts_with("left out: 60 cells")), "{:?}", claim.notes);

    lab.0.retain(|run| run.spec.sigma_squared == 0.0 || run.spec.sigma_squared == 1.0);
    assert_eq!(lab.claim("3").parts[0].verdict, Contradicted);
    lab.0.reverse();
    assert_eq!(lab.claim("3").parts[0].verdict, Contradicted);

    // Curves that were trained differently are not compared with each other.
    lab.add(Line { epochs: 50, ..Line::new(Cae) }, &[0.0, 1.0], &SEEDS, |_, _| units(0.5, 0.0));
    lab.add(Line { epochs: 5, ..Line::new(Mdae) }, &[0.0, 1.0], &SEEDS, |_, _| units(0.5, 0.0));
    let part = lab.part("2", "MNIST");
    assert_eq!(part.verdict, Undecided);
    assert!(
        part.note
            .ends_with("was trained differently from cae on mnist (relu, unit_norm): epochs 5 instead of 50")
    );
}

#[test]
fn a_run_in_two_folders_counts_once_and_with_its_units_if_one_has_them() {
    let lab = |counted, shift: f64| {
        let mut lab = Lab::default();
        let line = Line { counted, ..Line::new(Cae) };
        lab.add(line, &SWEEP, &[1], |sigma, seed| units(0.5 + shift + wobble(sigma, seed, 0.001), 0.0));
        lab
    };
    let (old, new) = (lab(false, 0.0).results(), lab(true, 0.0).results());
    let alone = judge(std::slice::from_ref(&new));
    assert_eq!(judge(&[old.clone(), new.clone()]), alone);
    assert_eq!(judge(&[new.clone(), old.clone()]), alone);
    assert_eq!(judge(&[new.clone(), new]), alone);
    // The same settings gave other numbers elsewhere.
    let mut other = lab(true, 0.01).results();
    other.runs.iter_mut().for_each(|run| run.name = "other".to_owned());
    let claim = judge(&[old, other]).swap_remove(0);
    let note = claim.notes.iter().find(|note| note.contains("with different numbers; other counts"));
    assert!(note.is_some_and(|note| note.starts_with("made_up and other hold the run")), "{:?}", claim.notes);
}

#[test]
fn other_learning_rates_repeat_three_claims_and_change_no_other() {
    let mut lab = Lab::default();
    lab.both(Line::new(Dae), falling(0.9, 0.1)).both(Line::new(Cae), |_| 0.9);
    let before = judge(&[lab.results()]);
    let fast = |model| Line { learning_rate: 0.002, ..Line::new(model) };
    lab.add(fast(Dae), &[0.0, 0.01, 0.25, 1.0], &SEEDS, |_, _| units(0.9, 0.0));
    lab.add(fast(Cae), &[0.0, 0.01, 0.25, 1.0], &SEEDS, |_, _| units(0.9, 0.0));
    let after = judge(&[lab.results()]);
    assert_eq!(after[..before.len()], before);
    let names: Vec<String> = after[before.len()..].iter().map(super::super::Claim::name).collect();
    assert_eq!(names, ["1 at rate 0.002", "2 at rate 0.002", "3 at rate 0.002"]);
    let repeated = lab.claim("3 at rate 0.002");
    assert_eq!((repeated.verdict, repeated.parts.len(), repeated.repetition), (Contradicted, 1, true));
    assert!(
        repeated
            .notes
            .contains(&"without CIFAR-10, of which there are no runs at this learning rate".to_owned())
    );
    assert_eq!(lab.claim("3").verdict, Supported);
}
