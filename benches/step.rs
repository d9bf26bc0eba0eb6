//! One step of the real trainer, batch gathering, loss and noise included, by model, activation, shape and fraction of
//! active units; and a whole epoch with its evaluation.

mod case;

use aesparse::activation::Batch;
use aesparse::linalg::Team;
use aesparse::objective::encode;
use aesparse::training::{Run, Samples};
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Axis;
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

/// ReLU steps by the fraction of pairs of sample and unit that are active.
fn density(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("density");
    for inputs in [784, 192] {
        let samples = case::samples(inputs);
        for model in ["none", "dae", "edae"] {
            for active in [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.97] {
                let spec = case::spec(model, "relu", inputs);
                let data = Samples { train: samples.view(), held_out: None };
                let mut run = Run::new(&spec, data, Some(&case::start(&spec, active)));
                let id =
                    format!("{model}/relu/n={inputs},m={},B={},active={active}", spec.hidden, spec.batch);
                group.bench_function(id, |bencher| bencher.iter(|| run.step().expect("finite")));
            }
        }
    }
    group.finish();
}

/// An epoch of 5000 samples without evaluation, the evaluation after it, and the encoding that is part of it.
fn epoch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("epoch");
    let inputs = 784;
    let samples = case::samples(inputs);
    for active in [0.97, 0.2, 0.05] {
        let spec = case::spec("none", "relu", inputs);
        let data = Samples { train: samples.view(), held_out: None };
        let start = case::start(&spec, active);
        let mut run = Run::new(&spec, data, Some(&start));
        let id = |what: &str| {
            format!(
                "{what}/none/relu/n={inputs},m={},B={},N={},active={active}",
                spec.hidden, spec.batch, spec.samples
            )
        };
        group.bench_function(id("train"), |bencher| {
            bencher.iter(|| (0..run.steps_per_epoch()).map(|_| run.step().expect("finite")).sum::<f64>());
        });
        group.bench_function(id("evaluate"), |bencher| bencher.iter(|| run.measure(None)));
        let parameters = run.parameters();
        let (mut a, mut h) = (vec![0.0; 100 * spec.hidden], vec![0.0; 100 * spec.hidden]);
        group.bench_function(id("encode"), |bencher| {
            bencher.iter(|| {
                for batch in samples.axis_chunks_iter(Axis(0), 100) {
                    let into =
                        Batch { pre_activation: &mut a, hidden: &mut h, slope: &mut [], curvature: &mut [] };
                    encode(&Team::alone(), &spec.activation, parameters, batch, into);
                }
            });
        });
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
    targets = steps, density, epoch
}
criterion_main!(benches);
