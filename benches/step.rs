//! One step of the real trainer, batch gathering, loss and noise included: µs by model, activation and shape.

mod case;

use aesparse::training::{Run, Samples};
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;

const MODELS: [&str; 7] = ["none", "dae", "edae", "cae", "mdae", "kl_sae", "l1"];
const ACTIVATIONS: [&str; 3] = ["relu", "sigmoid", "softplus"];

fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    for inputs in [784, 192] {
        let samples = case::samples(inputs);
        for activation in ACTIVATIONS {
            for model in MODELS {
                let spec = case::spec(model, activation, inputs);
                let data = Samples { train: samples.view(), held_out: None };
                let mut run = Run::new(&spec, data, Some(&case::start(&spec, 0.5)));
                let id = format!("{model}/{activation}/n={inputs},m={},B={}", spec.hidden, spec.batch);
                group.bench_function(id, |bencher| bencher.iter(|| run.step().expect("finite")));
            }
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    // A step takes milliseconds and varies by few percent: short sittings of all cases say more than long ones of some.
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500));
    targets = steps
}
criterion_main!(benches);
