//! Measuring the theory: that it leaves a run as it is, and Eq. 5 on steps of the training itself.

use super::{assert_same, normals, train, with};
use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::theory::Agreement;
use aesparse::training::{Run, RunSpec, Samples, Status, TheoryOutcome, TheorySpec, Trained};
use ndarray::Array2;

const THEORY: TheorySpec = TheorySpec { every: 2, samples: 30, units: true };

fn measured(spec: &RunSpec, theory: TheorySpec, samples: &Array2<f64>) -> (Trained<f64>, TheoryOutcome) {
    let held_out = normals(11, 12, spec.inputs);
    let samples = Samples { train: samples.view(), held_out: Some(held_out.view()) };
    let mut trained = Run::new(spec, samples, None).measuring(theory).train(2, &mut ());
    let theory = trained.theory.take().unwrap();
    (trained, theory)
}

#[test]
fn measuring_the_theory_does_not_change_a_run() {
    for name in ["none", "dae", "edae", "cae", "kl_sae", "l1"] {
        let spec = with(name, 0.3);
        let (trained, theory) = measured(&spec, THEORY, &normals(10, 43, 7));
        let plain = train(&spec);
        assert!(plain.theory.is_none());
        assert_same(&trained, &plain, 0.0);
        assert_eq!(trained.outcome, plain.outcome, "{name}");
        let epochs: Vec<_> = theory.epochs.read().map(|row| row.epoch).collect();
        assert_eq!(epochs, [0.0, 2.0, 3.0].map(Some), "{name}");
        let first = theory.epochs.read().next().unwrap();
        assert_eq!(first.measured_samples, Some(30.0));
        assert_eq!(theory.run.rows.len(), 1);
        // The ledger is about what corruption adds to J_AE: no other term may stand in the objective.
        assert_eq!(theory.ledger.rows.is_empty(), ["cae", "kl_sae", "l1"].contains(&name), "{name}");
        let units = theory.units.unwrap();
        assert_eq!(units.rows.len(), 3 * spec.hidden);
        let inactive = units.read().take(spec.hidden).map(|row| row.inactive_fraction.unwrap());
        let mean = inactive.sum::<f64>() / spec.hidden as f64;
        assert!((mean - first.inactive_fraction.mean.unwrap()).abs() < 1e-12);
    }
}

/// Samples x and −x, so that E\[x\] = 0.
fn symmetric() -> Array2<f64> {
    let half = normals(10, 20, 7);
    Array2::from_shape_fn((40, 7), |(b, i)| if b < 20 { half[[b, i]] } else { -half[[b - 20, i]] })
}

/// Eq. 5 is an identity for the step that the theorem is about: all samples at once, no momentum, whatever the projection.
#[test]
fn a_plain_step_on_all_samples_moves_the_mean_pre_activations_as_theorem_1_says() {
    for name in ["none", "cae", "mdae", "kl_sae", "l1"] {
        let plain = RunSpec { samples: 40, batch: 40, momentum: 0.0, epochs: 2, ..with(name, 0.3) };
        let every = TheorySpec { every: 1, samples: 1000, units: false };
        let (_, theory) = measured(&plain, every, &symmetric());
        // An epoch is one step here, so that what comes until the next measurement is the step.
        let rows: Vec<_> = theory.epochs.read().collect();
        for found in rows[..2].iter().flat_map(|row| [row.theorem1_step, row.theorem1_interval]) {
            assert!((found.slope.unwrap() - 1.0).abs() < 1e-9, "{name}: {found:?}");
            assert!((found.correlation.unwrap() - 1.0).abs() < 1e-9, "{name}: {found:?}");
            assert_eq!(found.sign, Some(1.0), "{name}");
        }
        for found in [rows[2].theorem1_step, rows[2].theorem1_interval] {
            assert_eq!(found, Agreement::default(), "nothing comes after the end");
        }
    }
}

/// With momentum the same steps go 1, 1 + μ, 1 + μ + μ², … as far while the gradient hardly changes.
#[test]
fn momentum_carries_the_mean_pre_activations_on() {
    let spec =
        RunSpec { samples: 40, batch: 40, momentum: 0.5, epochs: 3, learning_rate: 1e-6, ..with("l1", 0.3) };
    let every = TheorySpec { every: 1, samples: 1000, units: false };
    let (_, theory) = measured(&spec, every, &symmetric());
    for (row, expected) in theory.epochs.read().zip([1.0, 1.5, 1.75]) {
        let slope = row.theorem1_step.slope.unwrap();
        assert!((slope - expected).abs() < 1e-4, "{slope} after {:?} steps", row.epoch);
    }
}

#[test]
fn a_run_that_diverges_keeps_what_was_measured_of_the_theory_before() {
    let spec = RunSpec { learning_rate: 1e3, constraint: Constraint::None, epochs: 20, ..with("dae", 0.1) };
    let spec = RunSpec { activation: ActivationKind::Identity.into(), ..spec };
    let (trained, theory) = measured(&spec, TheorySpec { every: 1, ..THEORY }, &normals(10, 43, 7));
    assert!(matches!(trained.outcome.status, Status::Diverged { .. }));
    assert!(!theory.epochs.rows.is_empty() && theory.run.rows.is_empty() && theory.ledger.rows.is_empty());
}
