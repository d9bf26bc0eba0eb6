//! After a warm-up step, a step of any model allocates nothing.

use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::data::Standardize;
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

#[test]
fn a_step_allocates_nothing() {
    let samples = {
        let mut values = vec![0.0_f32; 130 * 33];
        Noise::new(1).fill(0, &mut values);
        Array2::from_shape_vec((130, 33), values).unwrap()
    };
    for &activation in ActivationKind::ALL {
        for &kind in RegularizerKind::ALL {
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
                warm_start: None,
                regularizer: RegularizerSpec::new(kind, &[]).unwrap(),
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
            assert_eq!(allocations, 0, "{} under {activation:?}", kind.name());
        }
    }
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(vec![0_u8; 100]));
    assert_eq!(ALLOCATIONS.get() - before, 1, "the counter counts");
}
