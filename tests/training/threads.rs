//! The number of threads changes no bit of a run, also where it changes when the run is resumed.

use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::linalg::{ShapeClass, Team};
use aesparse::random::Noise;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::training::{Run, RunSpec, Samples, Session, TheorySpec, Trained};
use ndarray::{Array2, ArrayView2};

/// Four epochs of three steps, large enough for every product to be shared: two of a large batch, which has blocks of its own, and one of
/// the samples that are left.
fn spec(kind: RegularizerKind, activation: ActivationKind, constraint: Constraint) -> RunSpec {
    RunSpec {
        data_sha256: "test".to_owned(),
        hidden: 400,
        activation: activation.into(),
        constraint,
        decoder_bias: true,
        regularizer: RegularizerSpec::new(kind, &[]).unwrap(),
        sigma_squared: 0.1,
        seed: 3,
        batch: 130,
        shape_class: ShapeClass::LargeBatch,
        epochs: 4,
        ..RunSpec::new(290, 120)
    }
}

fn samples(spec: &RunSpec) -> Array2<f32> {
    let mut values = vec![0.0; spec.samples * spec.inputs];
    Noise::new(5).fill(0, &mut values);
    Array2::from_shape_vec((spec.samples, spec.inputs), values).unwrap()
}

fn run<'a>(spec: &'a RunSpec, train: ArrayView2<'a, f32>) -> Run<'a, f32> {
    let theory = TheorySpec { every: 2, samples: 50, units: false };
    Run::new(spec, Samples { train, held_out: None }, None).measuring(theory)
}

/// The run trained by teams of these sizes, one after the other: each but the last takes five steps.
fn train(spec: &RunSpec, teams: &[usize]) -> Trained<f32> {
    let samples = samples(spec);
    let mut checkpoint = None;
    for (index, threads) in teams.iter().enumerate() {
        let trained = Team::assemble(*threads, |team| {
            let run = run(spec, samples.view()).with_team(team);
            let mut session = match checkpoint.take() {
                Some(checkpoint) => Session::resume(run, 1, checkpoint).expect("its own checkpoint"),
                None => Session::new(run, 1),
            };
            let mut steps = 0;
            while session.step(&mut ()) {
                steps += 1;
                if steps == 5 && index + 1 < teams.len() {
                    checkpoint = Some(session.checkpoint());
                    return None;
                }
            }
            Some(session.finish())
        });
        if let Some(trained) = trained {
            return trained;
        }
    }
    unreachable!("the last team trains to the end")
}

#[test]
fn the_number_of_threads_changes_no_bit_of_a_run() {
    let kinds = RegularizerKind::ALL;
    let cases = kinds.iter().flat_map(|&kind| {
        let projected =
            [ActivationKind::Relu, ActivationKind::Sigmoid].map(|kind| (kind, Constraint::UnitNorm));
        let others = [
            (ActivationKind::Relu, Constraint::UnitNormTangent),
            (ActivationKind::Softplus, Constraint::None),
        ];
        projected
            .into_iter()
            .chain(others)
            .map(move |(activation, constraint)| (kind, activation, constraint))
    });
    for (kind, activation, constraint) in cases {
        let spec = spec(kind, activation, constraint);
        let alone = train(&spec, &[1]);
        assert!(alone.outcome.result().is_some(), "{kind:?} {activation:?} diverged");
        for teams in [&[2][..], &[3], &[1, 2, 3], &[3, 1]] {
            let shared = train(&spec, teams);
            let what = format!("{kind:?} {activation:?} {constraint:?} {teams:?}");
            assert_eq!(shared.outcome, alone.outcome, "{what}");
            assert!(shared.last.weights() == alone.last.weights(), "weights, {what}");
            assert!(shared.last.bias() == alone.last.bias(), "bias, {what}");
            assert_eq!(format!("{:?}", shared.theory), format!("{:?}", alone.theory), "{what}");
        }
    }
}
