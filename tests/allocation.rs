//! After a warm-up step, a step of any model allocates nothing; and a run takes the memory that is foretold.

use aesparse::activation::{ActivationKind, ActivationSpec};
use aesparse::constraint::Constraint;
use aesparse::linalg::Team;
use aesparse::optimizer::EncoderBias;
use aesparse::parameter::{Domain, Value};
use aesparse::random::Noise;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::store::Store;
use aesparse::training::{Run, RunSpec, Samples, Session, Status, TheorySpec};
use ndarray::Array2;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    /// Allocations of this thread; the test harness's own threads don't disturb it.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Bytes that this thread has allocated and not freed, and the most of them so far.
    static BYTES: Cell<[usize; 2]> = const { Cell::new([0; 2]) };
}

// SAFETY: every call is handed to the system's allocator unchanged; the counter is a plain thread-local cell, whose
// access neither allocates nor unwinds.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        let _ = BYTES.try_with(|bytes| {
            let [live, most] = bytes.get();
            let live = live + layout.size();
            bytes.set([live, most.max(live)]);
        });
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _ = BYTES.try_with(|bytes| {
            let [live, most] = bytes.get();
            bytes.set([live.saturating_sub(layout.size()), most]);
        });
        // SAFETY: `pointer` came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Every regularizer, also with each of its choices and with numbers from small to 16 where they are accepted together, and one with
/// a frozen encoder bias.
fn models() -> Vec<(RegularizerSpec, EncoderBias)> {
    let mut models = vec![(RegularizerSpec::none(), EncoderBias::Frozen)];
    for &kind in RegularizerKind::ALL {
        let mut given: Vec<Vec<(&str, Value)>> = vec![vec![]];
        for parameter in kind.parameters() {
            let values: Vec<Value> = match parameter.domain {
                Domain::Choice(names) => names.iter().map(|name| Value::Choice(name)).collect(),
                Domain::Integer { min, max } => [min, max.min(16)].map(Value::Integer).into(),
                Domain::Real { .. } => continue,
            };
            let with = |value| move |given: &Vec<_>| [&given[..], &[(parameter.name, value)]].concat();
            given = values
                .into_iter()
                .flat_map(|value| given.iter().map(with(value)).collect::<Vec<_>>())
                .collect();
        }
        let specs = given.iter().filter_map(|given| RegularizerSpec::new(kind, given).ok());
        let known = models.len();
        models.extend(specs.map(|spec| (spec, EncoderBias::Trained)));
        assert!(models.len() > known, "{kind:?}");
    }
    assert!(models.iter().any(|(spec, _)| spec.label() == "dae(noise=fixed,draws=16,pairing=antithetic)"));
    models
}

/// The most bytes that a run and a checkpoint of it take, beside the samples: its first two steps, or all that it takes to measure
/// `theory` from its beginning to its end.
fn most_bytes(spec: &RunSpec, theory: Option<TheorySpec>) -> usize {
    let samples =
        Array2::from_shape_fn((spec.samples, spec.inputs), |(k, i)| (k * 7 + i * 3) as f32 % 5.0 - 2.0);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "sweep").unwrap();
    let [before, _] = BYTES.get();
    BYTES.set([before, before]);
    // Of held-out samples the theory has other inputs drawn in their place.
    let held_out = theory.map(|_| samples.view());
    let run = Run::new(spec, Samples { train: samples.view(), held_out }, None);
    let run = if let Some(theory) = theory { run.measuring(theory) } else { run };
    let mut session = Session::new(run, 1);
    assert!(session.step(&mut ()));
    store.save_checkpoint("key", &session.checkpoint(), &[]).unwrap();
    assert!(session.step(&mut ()));
    if theory.is_some() {
        while session.step(&mut ()) {}
        let trained = session.finish();
        assert_eq!(trained.outcome.status, Status::Completed, "the last measurements were taken");
    }
    BYTES.get()[1] - before
}

#[test]
fn a_run_takes_the_memory_that_is_foretold() {
    for (samples, inputs, hidden, batch) in [
        (200, 300, 400, 50),
        (1000, 784, 1000, 50),
        (3000, 20, 300, 1000),
        (300, 2000, 30, 10),
        (60, 30, 3000, 50),
    ] {
        for (regularizer, _) in models() {
            let spec = spec(&regularizer, (samples, inputs, hidden, batch));
            assert_foretold(&spec, None);
        }
    }
}

/// Where either matrix of the theory is the largest there is, that of all pairs of units and that of all pairs of inputs, and
/// where neither is.
#[test]
fn a_run_that_measures_the_theory_takes_the_memory_that_is_foretold() {
    let theory = TheorySpec { every: 1, samples: 1000, units: false };
    for shape in [(200, 300, 400, 50), (300, 2000, 30, 10), (60, 30, 3000, 20), (1000, 100, 300, 300)] {
        for name in ["none", "dae", "edae", "cae"] {
            let kind = RegularizerKind::from_name(name).unwrap();
            let spec = spec(&RegularizerSpec::new(kind, &[]).unwrap(), shape);
            assert_foretold(&RunSpec { epochs: 1, learning_rate: 1e-6, ..spec }, Some(theory));
        }
    }
}

/// A run takes no more than is foretold, and not much less.
fn assert_foretold(spec: &RunSpec, theory: Option<TheorySpec>) {
    let (taken, foretold) = (most_bytes(spec, theory) as f64, spec.memory(theory) as f64);
    let label = spec.regularizer.label();
    assert!(taken < foretold, "{label}: {taken} bytes of {foretold}");
    assert!(foretold < 2.0 * taken + 1e7, "{label}: {taken} bytes of {foretold}");
}

fn spec(
    regularizer: &RegularizerSpec,
    (samples, inputs, hidden, batch): (usize, usize, usize, usize),
) -> RunSpec {
    RunSpec {
        hidden,
        decoder_bias: true,
        regularizer: regularizer.clone(),
        sigma_squared: 0.1,
        learning_rate: 1e-4,
        batch,
        epochs: 10,
        ..RunSpec::new(samples, inputs)
    }
}

fn normals(rows: usize, columns: usize) -> Array2<f32> {
    let mut values = vec![0.0; rows * columns];
    Noise::new(1).fill(0, &mut values);
    Array2::from_shape_vec((rows, columns), values).unwrap()
}

/// The allocations of two epochs of `run`, after a whole one, in which the ragged batch's shapes have been met too.
fn allocations(mut run: Run<'_, f32>) -> usize {
    for _ in 0..run.steps_per_epoch() {
        run.step().unwrap();
    }
    let before = ALLOCATIONS.get();
    for _ in 0..2 * run.steps_per_epoch() {
        run.step().unwrap();
    }
    ALLOCATIONS.get() - before
}

#[test]
fn a_step_allocates_nothing() {
    let samples = normals(130, 33);
    for activation in ActivationKind::ALL.iter().map(|kind| ActivationSpec::from(*kind)) {
        let tangent = || (RegularizerSpec::none(), EncoderBias::Trained, Constraint::UnitNormTangent);
        let models = models().into_iter().map(|(model, bias)| (model, bias, Constraint::UnitNorm));
        for (regularizer, encoder_bias, constraint) in models.chain([tangent()]) {
            let spec = RunSpec {
                activation: activation.clone(),
                encoder_bias,
                constraint,
                ..spec(&regularizer, (130, 33, 70, 50))
            };
            let run = Run::new(&spec, Samples { train: samples.view(), held_out: None }, None);
            assert_eq!(allocations(run), 0, "{} under {activation:?}", spec.regularizer.label());
        }
    }
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(vec![0_u8; 100]));
    assert_eq!(ALLOCATIONS.get() - before, 1, "the counter counts");
}

/// Large enough for every product to be shared.
#[test]
fn the_thread_of_a_run_that_shares_its_products_allocates_nothing() {
    let samples = normals(130, 100);
    for activation in [ActivationKind::Relu, ActivationKind::Sigmoid] {
        for kind in [RegularizerKind::Dae, RegularizerKind::Edae, RegularizerKind::Cae] {
            let regularizer = RegularizerSpec::new(kind, &[]).unwrap();
            let spec = RunSpec { activation: activation.into(), ..spec(&regularizer, (130, 100, 400, 60)) };
            let run = Run::new(&spec, Samples { train: samples.view(), held_out: None }, None);
            let found = Team::assemble(2, |team| allocations(run.with_team(team)));
            assert_eq!(found, 0, "{} under {activation:?}", spec.regularizer.label());
        }
    }
}
