//! Element kernels at the size of one step, B = 50.

use aesparse::activation::{ActivationKind, ActivationSpec, Batch};
use aesparse::random::Noise;
use criterion::{Criterion, criterion_group, criterion_main};

fn noise(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("noise");
    for inputs in [784, 192] {
        let mut out = vec![0.0_f32; 50 * inputs];
        let noise = Noise::new(1);
        let mut step = 0;
        group.bench_function(format!("n={inputs},B=50"), |bencher| {
            bencher.iter(|| {
                step += 1;
                noise.fill(step, &mut out);
            });
        });
    }
    group.finish();
}

/// The batch that the DAE's encoder sees: the noise, its scale and the sum.
fn corruption(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("corruption");
    for inputs in [784, 192] {
        let clean = vec![0.5_f32; 50 * inputs];
        let mut out = clean.clone();
        let noise = Noise::new(1);
        let mut step = 0;
        group.bench_function(format!("n={inputs},B=50"), |bencher| {
            bencher.iter(|| {
                step += 1;
                noise.corrupt(step, 0.1, &clean, &mut out);
            });
        });
    }
    group.finish();
}

fn activations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("activation");
    let mut input = vec![0.0_f32; 50 * 1000];
    Noise::new(2).fill(0, &mut input);
    let bias = vec![0.0; 1000];
    let (mut a, mut h, mut s) = (input.clone(), input.clone(), input.clone());
    for activation in ActivationKind::ALL.iter().map(|kind| ActivationSpec::from(*kind)) {
        for (derivatives, mut c) in [("slope", Vec::new()), ("slope+curvature", input.clone())] {
            group.bench_function(format!("{}/{derivatives}/m=1000,B=50", activation.label()), |bencher| {
                bencher.iter(|| {
                    let batch =
                        Batch { pre_activation: &mut a, hidden: &mut h, slope: &mut s, curvature: &mut c };
                    activation.apply(&bias, batch);
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, noise, corruption, activations);
criterion_main!(benches);
