//! The products of one step with W, by shape and fraction of active pairs of sample and unit: each product on its own, with the
//! gathering and packing that it needs. The rate is that of the dense product, 2 B m n operations (the gradient: twice), so that a
//! sparse product's rate can lie above the processor's peak.

use aesparse::constraint::Constraint;
use aesparse::linalg::{Matrix, Products, RowUpdate, Write};
use aesparse::random::Noise;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;

/// n, m and B: the paper's two shapes, and larger ones.
const SHAPES: [(usize, usize, usize); 4] =
    [(784, 1000, 50), (192, 1000, 50), (512, 4096, 256), (1024, 8192, 512)];

/// Standard normal values times `scale`.
fn normal(seed: u64, rows: usize, columns: usize, scale: f32) -> Matrix<f32> {
    let mut matrix = Matrix::zeros(rows, columns);
    Noise::new(seed).fill(0, matrix.values_mut());
    matrix.values_mut().iter_mut().for_each(|x| *x *= scale);
    matrix
}

/// Outputs h of a ReLU of which a fraction `active` is on.
fn outputs(active: f64, batch: usize, units: usize) -> Matrix<f32> {
    let mut hidden = normal(3, batch, units, 1.0);
    let mut sorted = hidden.values().to_vec();
    sorted.sort_by(f32::total_cmp);
    let threshold = sorted[((1.0 - active) * (sorted.len() - 1) as f64) as usize];
    hidden.values_mut().iter_mut().for_each(|a| *a = (*a - threshold).max(0.0));
    hidden
}

fn products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("products");
    for (inputs, units, batch) in SHAPES {
        let (samples, residual) = (normal(1, batch, inputs, 1.0), normal(2, batch, inputs, 1.0));
        let mut weights = normal(4, units, inputs, 1.0 / (inputs as f32).sqrt());
        let mut velocity = Matrix::<f32>::zeros(units, inputs);
        let mut squared_norms = vec![1.0; units];
        let radial = vec![0.0; units];
        let (mut at_hidden, mut at_output) = (Matrix::zeros(batch, units), Matrix::zeros(batch, inputs));
        let operations = 2 * (batch * units * inputs) as u64;
        for active in [1.0, 0.5, 0.2, 0.1, 0.05, 0.02] {
            let hidden = outputs(active, batch, units);
            let mut products = Products::new(batch, inputs, units);
            let id = |name: &str| format!("{name}/n={inputs},m={units},B={batch},active={active}");
            products.begin(hidden.view(), true);
            group.throughput(Throughput::Elements(operations));
            group.bench_function(id("encode"), |bencher| {
                bencher.iter(|| {
                    let (input, weights) = (samples.view(), weights.view());
                    products.encode(at_hidden.view_mut(), input, weights);
                });
            });
            group.bench_function(id("begin"), |bencher| bencher.iter(|| products.begin(hidden.view(), true)));
            group.bench_function(id("combine"), |bencher| {
                bencher.iter(|| products.combine(at_output.view_mut(), hidden.view(), weights.view()));
            });
            group.bench_function(id("project"), |bencher| {
                bencher.iter(|| {
                    products.project(at_hidden.view_mut(), Write::Replace, residual.view(), weights.view());
                });
            });
            group.throughput(Throughput::Elements(2 * operations));
            group.bench_function(id("outer and update"), |bencher| {
                bencher.iter(|| {
                    let terms = [(hidden.view(), samples.view()), (hidden.view(), residual.view())];
                    products.add_last_outer(velocity.view_mut(), 1e-12, terms);
                    products.update(RowUpdate {
                        constraint: Constraint::UnitNorm,
                        momentum: 0.9,
                        columns: inputs,
                        weights: weights.values_mut(),
                        velocity: velocity.values_mut(),
                        radial: &radial,
                        squared_norms: &mut squared_norms,
                    })
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = products
}
criterion_main!(benches);
