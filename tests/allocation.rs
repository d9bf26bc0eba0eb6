//! After a warm-up step, a step of any model allocates nothing.

use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::data::Standardize;
use aesparse::optimizer::EncoderBias;
use aesparse::parameter::{Domain, Value};
use aesparse::random::Noise;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::training::{Run, RunSpec, Samples};
use ndarray::Array2;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    /// Allocations of this thread; the test harness's own threads don't disturb it.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator unchanged; the counter is a plain thread-local cell, whose
// access neither allocates nor unwinds.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Every regularizer, also with each of its choices, and one with a frozen encoder bias.
fn models() -> Vec<(RegularizerSpec, EncoderBias)> {
    let mut models = vec![(RegularizerSpec::none(), EncoderBias::Frozen)];
    for &kind in RegularizerKind::ALL {
        let mut given: Vec<Vec<(&str, Value)>> = vec![vec![]];
        for parameter in kind.parameters() {
            let Domain::Choice(names) = parameter.domain else { continue };
            let with =
                |name| move |given: &Vec<_>| [&given[..], &[(parameter.name, Value::Choice(name))]].concat();
            given = names.iter().flat_map(|name| given.iter().map(with(name)).collect::<Vec<_>>()).collect();
        }
        let spec = |given: Vec<_>| (RegularizerSpec::new(kind, &given).unwrap(), EncoderBias::Trained);
        models.extend(given.into_iter().map(spec));
    }
    models
}

#[test]
fn a_step_allocates_nothing() {
    let samples = {
        let mut values = vec![0.0_f32; 130 * 33];
        Noise::new(1).fill(0, &mut values);
        Array2::from_shape_vec((130, 33), values).unwrap()
    };
    for &activation in ActivationKind::ALL {
        for (regularizer, encoder_bias) in models() {
            let spec = RunSpec {
                data_sha256: String::new(),
                samples: 130,
                inputs: 33,
                standardize: Standardize::None,
                hidden: 70,
                activation,
                threshold: 0.0,
                constraint: Constraint::UnitNorm,
                decoder_bias: true,
                encoder_bias,
                warm_start: None,
                regularizer,
                sigma_squared: 0.1,
                seed: 1,
                learning_rate: 1e-4,
                momentum: 0.9,
                batch: 50,
                epochs: 10,
                shuffle: true,
            };
            let mut run = Run::new(&spec, Samples { train: samples.view(), held_out: None }, None);
            // A whole epoch, so that the ragged batch's shapes have been met too.
            for _ in 0..run.steps_per_epoch() {
                run.step().unwrap();
            }
            let before = ALLOCATIONS.get();
            for _ in 0..2 * run.steps_per_epoch() {
                run.step().unwrap();
            }
            let allocations = ALLOCATIONS.get() - before;
            assert_eq!(allocations, 0, "{} under {activation:?}", spec.regularizer.label());
        }
    }
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(vec![0_u8; 100]));
    assert_eq!(ALLOCATIONS.get() - before, 1, "the counter counts");
}
