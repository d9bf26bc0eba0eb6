//! Results for other programs: the names of runs and of what was measured.

use super::results::sweep;
use super::{measurement, plan};
use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::optimizer::EncoderBias;
use aesparse::regularizer::RegularizerSpec;
use aesparse::store::Results;
use aesparse::store::export::{SaeNames, named_runs};
use aesparse::training::Measurement;
use std::collections::BTreeSet;

#[test]
fn names_of_runs_say_what_differs() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), "sweep", &plan(&[0.0, 0.25]));
    let mut results = Results::read(&root.path().join("sweep")).unwrap();
    let names =
        |results: &Results| named_runs(results).into_iter().map(|named| named.name).collect::<Vec<_>>();
    let all = names(&results);
    assert_eq!(all[0], "none_sigma_squared=0_seed=1");
    assert!(all.contains(&"dae_sigma_squared=0.25_seed=1".to_owned()), "{all:?}");
    let keys: BTreeSet<_> = results.runs.iter().map(|run| &run.record.run_key).collect();
    assert_eq!(all.len(), keys.len(), "each run once");
    let of_dae = |results: &Results| names(results).into_iter().find(|name| name.contains("dae_")).unwrap();
    results.runs[0].spec.activation = ActivationKind::Sigmoid.into();
    assert_eq!(of_dae(&results), "relu_dae_sigma_squared=0.25_seed=1");
    results.runs[0].spec.constraint = Constraint::MaxNorm { radius: 2.0 };
    results.runs[0].spec.encoder_bias = EncoderBias::Frozen;
    results.runs[0].spec.learning_rate = 0.5;
    assert_eq!(
        names(&results)[0],
        "sigmoid_none_constraint=max_norm_radius=2_encoder_bias=frozen_sigma_squared=0_learning_rate=0.5_seed=1"
    );
}

#[test]
fn names_of_runs_are_safe_as_names_of_files_and_never_twice_the_same() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), "sweep", &plan(&[0.1, 0.25, 0.3, 0.4]));
    let mut results = Results::read(&root.path().join("sweep")).unwrap();
    let hostile = [
        "../../etc/x",
        "..\\..",
        "/abs",
        "\u{1b}[2J\n",
        "",
        ".",
        "DAE",
        "dae",
        &"ä".repeat(999),
        &"a".repeat(999),
    ];
    let count = results.runs.len();
    for (run, label) in results.runs.iter_mut().zip(hostile) {
        run.spec.regularizer = RegularizerSpec::from_label(label).unwrap();
        run.spec.sigma_squared = 0.5;
    }
    let named = named_runs(&results);
    let names: BTreeSet<_> = named.iter().map(|named| named.name.to_ascii_lowercase()).collect();
    assert_eq!((named.len(), names.len()), (count, count));
    for name in &names {
        assert!(!name.starts_with('.') && name.len() <= 200, "{name}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "_=.-".contains(c)), "{name}");
    }
}

#[test]
fn names_of_other_tools_stand_for_the_same_numbers() {
    let measured = Measurement { dead_units: 2, ..measurement(2, 0.0) };
    let names = SaeNames::of(&measured, 12);
    assert_eq!(names, SaeNames { l0: 4.0, dead_features: 2, explained_variance: Some(0.75) });
    let constant = Measurement { fraction_variance_unexplained: None, ..measured };
    assert_eq!(SaeNames::of(&constant, 12).explained_variance, None);
}
