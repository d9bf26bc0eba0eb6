//! A run that is left at a checkpoint and taken up again, from a file, in a session that knows nothing of the first: every
//! later number is the one of a run that was never left, bit for bit.

use aesparse::activation::{ActivationKind, ActivationSpec};
use aesparse::constraint::Constraint;
use aesparse::optimizer::EncoderBias;
use aesparse::parameter::Value;
use aesparse::random::Noise;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::store::Store;
use aesparse::training::{
    Checkpoint, Measurement, Observer, Run, RunSpec, Samples, Session, Status, TheorySpec, Trained,
};
use ndarray::Array2;

#[derive(Default)]
struct Epochs(Vec<(u32, u64)>);

impl Observer for Epochs {
    fn epoch(&mut self, epoch: u32, training_loss: f64, _: &Measurement) {
        self.0.push((epoch, training_loss.to_bits()));
    }
}

const EVERY: u32 = 2;
const THEORY: TheorySpec = TheorySpec { every: 3, samples: 90, units: true };

/// 203 samples, of which the last of 13 batches has 11; five epochs.
fn spec(kind: RegularizerKind, given: &[(&str, Value)], sigma_squared: f64) -> RunSpec {
    RunSpec {
        data_sha256: "test".to_owned(),
        hidden: 37,
        regularizer: RegularizerSpec::new(kind, given).unwrap(),
        sigma_squared,
        seed: 3,
        learning_rate: 0.01,
        batch: 16,
        epochs: 5,
        ..RunSpec::new(203, 19)
    }
}

fn normals(seed: u64, rows: usize, columns: usize) -> Array2<f32> {
    let mut values = vec![0.0; rows * columns];
    Noise::new(seed).fill(0, &mut values);
    Array2::from_shape_vec((rows, columns), values).unwrap()
}

/// Everything that a training leaves, floating-point numbers by their bits.
fn left(trained: &Trained<f32>) -> String {
    let bits = |values: &mut dyn Iterator<Item = f32>| values.map(f32::to_bits).collect::<Vec<_>>();
    let weights = [&trained.initial, &trained.last].map(|parameters| {
        (
            bits(&mut parameters.weights().iter().copied()),
            bits(&mut parameters.bias().iter().copied()),
            bits(&mut parameters.decoder_bias().iter().copied()),
        )
    });
    // Debug writes the shortest text that only this number has.
    format!("{weights:?} {:?} {:?} {:?}", trained.outcome, trained.theory, trained.distribution)
}

/// Trains `spec` without a pause, then again and again with a pause after each of the steps `pauses`; its activation fraction at
/// the end.
fn assert_resumes(spec: &RunSpec, pauses: &[u64]) -> f64 {
    let (train, held_out) = (normals(10, spec.samples, spec.inputs), normals(11, 30, spec.inputs));
    let samples = Samples { train: train.view(), held_out: Some(held_out.view()) };
    let run = || Run::<f32>::new(spec, samples, None).measuring(THEORY).measuring_distribution();
    let mut heard = Epochs::default();
    let undisturbed = run().train(EVERY, &mut heard);
    assert_eq!(undisturbed.outcome.status, Status::Completed);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "sweep").unwrap();
    for &pause in pauses {
        let mut now = Epochs::default();
        let mut session = Session::new(run(), EVERY);
        for _ in 0..pause {
            assert!(session.step(&mut now));
        }
        store.save_checkpoint(&spec.key(), &session.checkpoint(), &[]).unwrap();
        drop(session);
        let checkpoint = store.checkpoint(&spec.key(), false).unwrap().unwrap().checkpoint;
        assert_eq!(checkpoint.progress.steps, pause);
        let mut session = Session::resume(run(), EVERY, checkpoint).expect("it is of this run");
        while session.step(&mut now) {}
        assert_eq!(now.0, heard.0, "epochs of {spec:?} left after {pause} steps");
        let resumed = session.finish();
        assert!(left(&resumed) == left(&undisturbed), "{spec:?} left after {pause} steps");
    }
    undisturbed.outcome.measurements.last().unwrap().avg_activation_fraction
}

/// Before the first step, in the first epoch, around ends of epochs that are and aren't measured, and before the last step.
const PAUSES: [u64; 9] = [0, 1, 12, 13, 14, 26, 39, 40, 64];

#[test]
fn every_model_and_activation_goes_on_bit_for_bit() {
    for &kind in RegularizerKind::ALL {
        for activation in [ActivationKind::Relu, ActivationKind::Sigmoid].map(ActivationSpec::from) {
            let sigma_squared = if kind == RegularizerKind::None { 0.0 } else { 0.3 };
            let given: &[(&str, Value)] = match kind {
                RegularizerKind::Corollary1 => &[("f", Value::Choice("exp"))],
                _ => &[],
            };
            assert_resumes(
                &RunSpec { activation: activation.clone(), ..spec(kind, given, sigma_squared) },
                &PAUSES[2..6],
            );
        }
    }
}

#[test]
fn every_setting_of_the_optimizer_goes_on_bit_for_bit() {
    let dae = || spec(RegularizerKind::Dae, &[], 0.3);
    for spec in [
        RunSpec { constraint: Constraint::None, ..dae() },
        RunSpec { constraint: Constraint::MaxNorm { radius: 0.7 }, ..dae() },
        RunSpec { constraint: Constraint::UnitNormTangent, ..dae() },
        RunSpec { decoder_bias: true, ..dae() },
        RunSpec { encoder_bias: EncoderBias::Frozen, ..dae() },
        RunSpec { shuffle: false, ..dae() },
        RunSpec { momentum: 0.0, ..dae() },
        // One step an epoch.
        RunSpec { batch: 203, epochs: 65, ..dae() },
        spec(RegularizerKind::Dae, &[("noise", Value::Choice("fixed"))], 0.3),
        spec(RegularizerKind::Dae, &[("corruption", Value::Choice("masking"))], 0.3),
        spec(RegularizerKind::Dae, &[("corruption", Value::Choice("salt_and_pepper"))], 0.3),
        spec(
            RegularizerKind::Dae,
            &[("draws", Value::Integer(4)), ("pairing", Value::Choice("antithetic"))],
            0.3,
        ),
    ] {
        assert_resumes(&spec, &PAUSES);
    }
}

/// Few units are active: the products leave the others out.
#[test]
fn sparse_steps_go_on_bit_for_bit() {
    let sparse = RunSpec {
        inputs: 64,
        hidden: 256,
        samples: 640,
        batch: 64,
        epochs: 8,
        learning_rate: 0.02,
        ..spec(RegularizerKind::Dae, &[], 4.0)
    };
    let fraction = assert_resumes(&sparse, &[35, 55, 70, 79]);
    assert!(fraction < 0.1, "{fraction} are active, which tests the dense steps");
}

/// Left at every third step of a run, each time from where the one before was left.
#[test]
fn a_run_can_be_left_again_and_again() {
    let spec = spec(RegularizerKind::KlSae, &[("rho", Value::Real(0.05))], 0.3);
    let (train, held_out) = (normals(10, spec.samples, spec.inputs), normals(11, 30, spec.inputs));
    let samples = Samples { train: train.view(), held_out: Some(held_out.view()) };
    let run = || Run::<f32>::new(&spec, samples, None);
    let undisturbed = run().train(EVERY, &mut Epochs::default());
    let mut checkpoint: Option<Checkpoint<f32>> = None;
    let trained = loop {
        let mut session = match checkpoint.take() {
            Some(checkpoint) => Session::resume(run(), EVERY, checkpoint).expect("it is of this run"),
            None => Session::new(run(), EVERY),
        };
        if !(0..3).all(|_| session.step(&mut Epochs::default())) {
            break session.finish();
        }
        checkpoint = Some(session.checkpoint());
    };
    assert!(left(&trained) == left(&undisturbed));
}

/// Where a run of `spec` that measures the theory is after so many steps.
fn left_after(steps: usize, spec: &RunSpec) -> Checkpoint<f32> {
    let train = normals(10, spec.samples, spec.inputs);
    let run = Run::<f32>::new(spec, Samples { train: train.view(), held_out: None }, None);
    let mut session = Session::new(run.measuring(THEORY), EVERY);
    assert!((0..steps).all(|_| session.step(&mut Epochs::default())));
    session.checkpoint()
}

/// Whether `checkpoint` is taken up by a run of `spec` that is measured like this.
fn is_taken(checkpoint: &Checkpoint<f32>, spec: &RunSpec, every: u32, theory: Option<TheorySpec>) -> bool {
    let train = normals(10, spec.samples, spec.inputs);
    let run = Run::<f32>::new(spec, Samples { train: train.view(), held_out: None }, None);
    let run = if let Some(theory) = theory { run.measuring(theory) } else { run };
    Session::resume(run, every, checkpoint.clone()).is_some()
}

#[test]
fn a_checkpoint_of_another_run_is_not_taken_up() {
    let spec = spec(RegularizerKind::KlSae, &[], 0.3);
    let checkpoint = left_after(30, &spec);
    let theory = Some(THEORY);
    assert!(is_taken(&checkpoint, &spec, EVERY, theory));
    assert!(!is_taken(&checkpoint, &spec, EVERY + 1, theory));
    assert!(!is_taken(&checkpoint, &spec, EVERY, Some(TheorySpec { samples: 91, ..THEORY })));
    assert!(!is_taken(&checkpoint, &spec, EVERY, None));
    for other in [
        RunSpec { hidden: 36, ..spec.clone() },
        RunSpec { decoder_bias: true, ..spec.clone() },
        // It would have ended before.
        RunSpec { epochs: 2, ..spec.clone() },
    ] {
        assert!(!is_taken(&checkpoint, &other, EVERY, theory), "{other:?}");
    }
    let mut short = checkpoint;
    short.progress.measurements.pop();
    assert!(!is_taken(&short, &spec, EVERY, theory));
}

/// As another version of the program may have left it, or someone who means harm.
#[test]
fn a_checkpoint_that_measured_other_things_is_not_taken_up() {
    let spec = spec(RegularizerKind::KlSae, &[], 0.3);
    let checkpoint = left_after(55, &spec);
    assert!(is_taken(&checkpoint, &spec, EVERY, Some(THEORY)));
    let theory = serde_json::to_value(&checkpoint.progress.theory).unwrap();
    for place in [
        "/epochs/columns/3",
        "/epochs/rows/0/3",
        "/units/columns/0",
        "/units/rows/5/2",
        "/latest/columns/4",
        "/latest/predicted/36",
        "/latest/mean/0",
        "/bounds/epochs/0",
        "/bounds/bounds/1",
        "/bounds/bounds/0/36",
        "/bounds/inactive/1/7",
    ] {
        let mut changed = theory.clone();
        let (list, index) = place.rsplit_once('/').unwrap();
        let list = changed.pointer_mut(list).and_then(|list| list.as_array_mut()).expect(place);
        list.remove(index.parse().unwrap());
        let mut other = checkpoint.clone();
        other.progress.theory = serde_json::from_value(changed).expect(place);
        assert!(!is_taken(&other, &spec, EVERY, Some(THEORY)), "without {place}");
    }
}

#[test]
fn a_checkpoint_with_and_one_without_the_distribution_of_codes_are_two_things() {
    let spec = RunSpec { epochs: 4, ..spec(RegularizerKind::KlSae, &[], 0.3) };
    let train = normals(10, spec.samples, spec.inputs);
    let run = || Run::<f32>::new(&spec, Samples { train: train.view(), held_out: None }, None);
    let left = |run| {
        let mut session = Session::new(run, EVERY);
        assert!((0..30).all(|_| session.step(&mut Epochs::default())));
        session.checkpoint()
    };
    let (with, without) = (left(run().measuring_distribution()), left(run()));
    let asks = |checkpoint: &Checkpoint<f32>| {
        Session::resume(run().measuring_distribution(), EVERY, checkpoint.clone()).is_some()
    };
    assert!(asks(&with) && !asks(&without));
    assert!(Session::resume(run(), EVERY, with.clone()).is_none());
    // Of runs that measure none, nothing has changed: checkpoints of earlier versions are read.
    let text = serde_json::to_string(&without.progress).unwrap();
    assert!(!text.contains("distribution") && Session::resume(run(), EVERY, without).is_some());
    let state = serde_json::to_value(&with.progress.distribution).unwrap();
    let changed = |pointer: &str, value: serde_json::Value| {
        let (mut state, mut other) = (state.clone(), with.clone());
        *state.pointer_mut(pointer).expect(pointer) = value;
        other.progress.distribution = serde_json::from_value(state).unwrap();
        other
    };
    assert!(
        !asks(&changed("/epochs/1/epoch", 3.into())) && !asks(&changed("/epochs", serde_json::json!([])))
    );
    assert!(!asks(&changed("/dead", serde_json::json!([37]))));
    assert!(asks(&changed("/dead", serde_json::json!([0, 36]))));
}
