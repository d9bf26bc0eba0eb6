//! What a step does: its equations, its precision, its constraint, and how it diverges.

use super::{normals, spec, train, vectors, with};
use aesparse::activation::{ActivationKind, ActivationSpec};
use aesparse::constraint::Constraint;
use aesparse::optimizer::EncoderBias;
use aesparse::real::Real;
use aesparse::state::Parameters;
use aesparse::training::{Measurement, Run, RunSpec, Samples, Status};
use ndarray::Array2;

#[test]
fn training_lowers_the_objective_and_stays_on_the_constraint() {
    for name in ["none", "cae", "kl_sae", "l1"] {
        let trained = train(&RunSpec { epochs: 40, ..with(name, 0.05) });
        assert_eq!(trained.outcome.status, Status::Completed);
        let objective = |m: &Measurement| m.reconstruction + m.penalty.unwrap_or(0.0);
        let measured = &trained.outcome.measurements;
        assert!(objective(measured.last().unwrap()) < 0.9 * objective(&measured[0]), "{name}");
        for row in trained.last.weights().rows() {
            assert!((row.dot(&row).sqrt() - 1.0).abs() < 1e-12, "{name}");
        }
    }
}

#[test]
fn single_precision_rows_have_length_one_within_a_millionth() {
    let samples = normals(10, 43, 7).mapv(|x| x as f32);
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec(), data, None).train(10, &mut ());
    for row in trained.last.weights().rows() {
        let norm = row.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>().sqrt();
        assert!((norm - 1.0).abs() < 1e-6, "{norm}");
    }
}

/// [`trained_from`] with the bias −½.
fn trained_in<F: Real>(spec: &RunSpec) -> ([Vec<f64>; 2], Vec<f64>) {
    trained_from::<F>(spec, -0.5)
}

/// Where a run whose units have this bias and rows of length about 1 begins, where it ends, and its activation fractions.
fn trained_from<F: Real>(spec: &RunSpec, bias: f64) -> ([Vec<f64>; 2], Vec<f64>) {
    let samples = normals(10, spec.samples, spec.inputs).mapv(F::from_f64);
    let weights = normals(12, spec.hidden, spec.inputs) / (spec.inputs as f64).sqrt();
    let weights = weights.mapv(F::from_f64);
    let start = Parameters::new(weights.view(), vec![F::from_f64(bias); spec.hidden], Vec::new());
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(spec, data, Some(&start)).train(1, &mut ());
    assert_eq!(trained.outcome.status, Status::Completed);
    let fractions = trained.outcome.measurements.iter().map(|m| m.avg_activation_fraction).collect();
    ([&trained.initial, &trained.last].map(|parameters| vectors(parameters).concat()), fractions)
}

/// The update that trains, which adds the last terms of the gradient in its own pass over the velocity, against the same in double
/// precision, where no terms wait. Both precisions have the same samples, order and noise.
///
/// On a processor with kernels the terms do wait here, in either way: each batch, of 50, 50 or 30 samples, takes at least
/// 30 · 70 · 33 multiplications, more than the 4096 of a small product; sigmoid units are never left out, ReLU's are where fewer
/// than 600 of 1000 pairs are active, of which it is asserted that less than half are. 70 rows are moved in parts of 30, 30 and
/// 10. CAE's penalty on row lengths moves them radially; eDAE adds products of its own before. No more than six steps, for a
/// pre-activation at ReLU's kink would be on either side of it by its rounding.
#[test]
fn single_precision_goes_the_way_of_double_precision() {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    for activation in [ActivationKind::Sigmoid, ActivationKind::Relu].map(ActivationSpec::from) {
        for constraint in [Constraint::UnitNorm, Constraint::UnitNormTangent, Constraint::None] {
            for name in ["cae", "edae"] {
                let spec = RunSpec {
                    samples: 130,
                    inputs: 33,
                    hidden: 70,
                    activation: activation.clone(),
                    threshold: 0.0,
                    constraint,
                    decoder_bias: true,
                    batch: 50,
                    epochs: 2,
                    ..with(name, 0.1)
                };
                let ([_, single], fractions) = trained_in::<f32>(&spec);
                let ([start, double], _) = trained_in::<f64>(&spec);
                let label = format!("{name} under {activation:?}, {constraint:?}");
                if activation.kind() == ActivationKind::Relu {
                    assert!(fractions.iter().all(|fraction| (0.1..0.5).contains(fraction)), "{fractions:?}");
                }
                // Of the way that they went: most of a parameter is what it was.
                let error = distance(&single, &double) / distance(&double, &start);
                assert!(error < 1e-4, "{label}: {error:e}");
            }
        }
    }
}

#[test]
fn momentum_order_and_ragged_batches_follow_the_equations() {
    // Plain SGD in scalar loops on the linear auto-encoder, in the order of the samples.
    let spec = RunSpec {
        activation: ActivationKind::Identity.into(),
        constraint: Constraint::None,
        shuffle: false,
        epochs: 2,
        ..spec()
    };
    let samples = normals(10, 43, 7);
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec, data, None).train(10, &mut ());
    let mut w = trained.initial.weights().to_owned();
    let mut b = ndarray::Array1::<f64>::zeros(9);
    let (mut v_w, mut v_b) = (Array2::<f64>::zeros((9, 7)), ndarray::Array1::<f64>::zeros(9));
    for _ in 0..2 {
        for batch in samples.axis_chunks_iter(ndarray::Axis(0), 10) {
            let count = batch.nrows() as f64;
            let h = batch.dot(&w.t()) + &b;
            let g = (h.dot(&w) - batch) * (2.0 / count);
            let adjoint = g.dot(&w.t());
            v_w = v_w * 0.9 - (adjoint.t().dot(&batch) + h.t().dot(&g)) * 0.01;
            v_b = v_b * 0.9 - adjoint.sum_axis(ndarray::Axis(0)) * 0.01;
            w += &v_w;
            b += &v_b;
        }
    }
    assert!((&w - &trained.last.weights()).iter().all(|d| d.abs() < 1e-12));
    assert!(b.iter().zip(trained.last.bias()).all(|(b, found)| (b - found).abs() < 1e-12));
}

/// Tangent updates in scalar loops, with an identity activation and a sigmoid: the penalty of CAE has only its gradient through the
/// pre-activation. Unit 4 begins with a zero row.
#[test]
fn tangent_updates_follow_the_equations() {
    type Slopes = fn(f64) -> [f64; 3];
    let sigmoid: Slopes = |a| {
        let h = 1.0 / (1.0 + (-a).exp());
        [h, h * (1.0 - h), h * (1.0 - h) * (1.0 - 2.0 * h)]
    };
    let identity: Slopes = |a| [a, 1.0, 0.0];
    for (activation, s) in [(ActivationKind::Identity, identity), (ActivationKind::Sigmoid, sigmoid)] {
        let spec = RunSpec {
            activation: activation.into(),
            constraint: Constraint::UnitNormTangent,
            shuffle: false,
            epochs: 2,
            ..with("cae", 0.3)
        };
        let samples = normals(10, 43, 7);
        let mut weights = normals(12, 9, 7);
        weights.row_mut(4).fill(0.0);
        let start = Parameters::new(weights.view(), vec![0.1; 9], Vec::new());
        let data = Samples { train: samples.view(), held_out: None };
        let trained = Run::new(&spec, data, Some(&start)).train(10, &mut ());
        assert_eq!(trained.outcome.status, Status::Completed);

        let length = |row: &[f64]| row.iter().map(|w| w * w).sum::<f64>().sqrt();
        let mut w: Vec<Vec<f64>> = weights.rows().into_iter().map(|row| row.to_vec()).collect();
        for row in w.iter_mut().filter(|row| length(row) > 0.0) {
            let norm = length(row);
            row.iter_mut().for_each(|w| *w /= norm);
        }
        let (mut b, mut v_w, mut v_b) = (vec![0.1; 9], vec![vec![0.0; 7]; 9], vec![0.0; 9]);
        for batch in (0..2).flat_map(|_| samples.axis_chunks_iter(ndarray::Axis(0), 10)) {
            let (mut g_w, mut g_b) = (vec![vec![0.0; 7]; 9], vec![0.0; 9]);
            for x in batch.rows() {
                let jets: Vec<[f64; 3]> =
                    (0..9).map(|j| s(b[j] + (0..7).map(|i| w[j][i] * x[i]).sum::<f64>())).collect();
                let scale = 2.0 / batch.nrows() as f64;
                let g_y: Vec<f64> = (0..7)
                    .map(|i| scale * ((0..9).map(|j| w[j][i] * jets[j][0]).sum::<f64>() - x[i]))
                    .collect();
                for j in 0..9 {
                    let g_h: f64 = (0..7).map(|i| w[j][i] * g_y[i]).sum();
                    let [h, slope, curvature] = jets[j];
                    let penalty = scale * 0.3 * slope * curvature * length(&w[j]).powi(2);
                    let g_a = g_h * slope + penalty;
                    g_b[j] += g_a;
                    (0..7).for_each(|i| g_w[j][i] += g_a * x[i] + h * g_y[i]);
                }
            }
            for j in 0..9 {
                v_b[j] = 0.9 * v_b[j] - 0.01 * g_b[j];
                b[j] += v_b[j];
                (0..7).for_each(|i| v_w[j][i] = 0.9 * v_w[j][i] - 0.01 * g_w[j][i]);
                if length(&w[j]) == 0.0 {
                    v_w[j].fill(0.0);
                    continue;
                }
                let along = (0..7).map(|i| v_w[j][i] * w[j][i]).sum::<f64>() / length(&w[j]).powi(2);
                (0..7).for_each(|i| v_w[j][i] -= along * w[j][i]);
                let moved: Vec<f64> = (0..7).map(|i| w[j][i] + v_w[j][i]).collect();
                w[j] = moved.iter().map(|w| w / length(&moved)).collect();
            }
        }
        let [found, bias, _] = vectors(&trained.last);
        let error = w.concat().iter().zip(&found).map(|(w, found)| (w - found).abs()).fold(0.0, f64::max);
        assert!(error < 1e-12, "{activation:?}: {error:e}");
        assert!(b.iter().zip(&bias).all(|(b, found)| (b - found).abs() < 1e-12), "{activation:?}");
        assert_eq!(found[28..35], [0.0; 7], "a zero row stays");
        let way = trained.initial.weights().to_owned() - trained.last.weights();
        assert!(way.iter().any(|way| way.abs() > 0.01), "{activation:?}: the weights have moved");
    }
}

/// Under ReLU the penalties of CAE and mDAE have a gradient along the rows alone, which a tangent update leaves out. So their paths
/// are the plain auto-encoder's, bit for bit: with few active units (sparse products), with many (dense), and without kernels.
#[test]
fn with_tangent_updates_cae_and_mdae_train_as_the_plain_auto_encoder_under_relu() {
    fn path<F: Real>(name: &str, constraint: Constraint, bias: f64) -> (Vec<u64>, f64) {
        let spec = RunSpec {
            samples: 130,
            inputs: 33,
            hidden: 70,
            activation: ActivationKind::Relu.into(),
            threshold: 0.0,
            constraint,
            decoder_bias: true,
            batch: 50,
            epochs: 10,
            learning_rate: 0.001,
            ..with(name, 0.5)
        };
        let ([_, last], fractions) = trained_from::<F>(&spec, bias);
        (last.iter().map(|x| x.to_bits()).collect(), fractions[0])
    }
    fn assert_equal<F: Real>(bias: f64, active: std::ops::Range<f64>) {
        let (plain, fraction) = path::<F>("none", Constraint::UnitNormTangent, bias);
        assert!(active.contains(&fraction), "{fraction} is not in {active:?}");
        for name in ["cae", "mdae"] {
            assert!(path::<F>(name, Constraint::UnitNormTangent, bias).0 == plain, "{name}, bias {bias}");
            // Projected updates have the penalty's part along the rows in their velocity.
            let projected = path::<F>(name, Constraint::UnitNorm, bias).0;
            assert!(projected != path::<F>("none", Constraint::UnitNorm, bias).0, "{name}, bias {bias}");
        }
    }
    assert_equal::<f32>(-0.5, 0.1..0.5);
    assert_equal::<f32>(3.0, 0.95..1.0);
    assert_equal::<f64>(-0.5, 0.1..0.5);
}

#[test]
fn a_frozen_encoder_bias_stays_to_the_bit_and_the_weights_learn() {
    let frozen = |spec: RunSpec| RunSpec { encoder_bias: EncoderBias::Frozen, ..spec };
    let bits = |bias: &[f64]| bias.iter().map(|b| b.to_bits()).collect::<Vec<_>>();
    for name in ["none", "dae", "kl_sae", "cae"] {
        let spec =
            RunSpec { epochs: 40, decoder_bias: true, ..with(name, if name == "none" { 0.0 } else { 0.05 }) };
        let trained = train(&frozen(spec.clone()));
        assert_eq!(bits(trained.last.bias()), [0; 9], "{name}");
        assert!(trained.last.decoder_bias().iter().all(|b| *b != 0.0), "{name}: b_d is trained");
        let measured = &trained.outcome.measurements;
        assert!(measured.last().unwrap().reconstruction < 0.9 * measured[0].reconstruction, "{name}");
        assert!(train(&spec).last.bias().iter().all(|b| *b != 0.0), "{name}: it would have moved");
    }
    // The warm start's, with a zero whose sign a sum would lose.
    let bias = vec![0.3, -0.0, -1.5, 1e-300, 0.0, 2.0, -0.7, 0.1, 1.0];
    let start = Parameters::new(normals(13, 9, 7).view(), bias.clone(), Vec::new());
    let samples = normals(10, 43, 7);
    let spec = frozen(with("dae", 0.1));
    let run = Run::new(&spec, Samples { train: samples.view(), held_out: None }, Some(&start));
    let trained = run.train(10, &mut ());
    assert_eq!(bits(trained.last.bias()), bits(&bias));
    assert_ne!(trained.last.weights(), trained.initial.weights());
}

#[test]
fn divergence_is_a_result_with_epoch_and_step() {
    let wild = RunSpec {
        constraint: Constraint::None,
        activation: ActivationKind::Relu.into(),
        learning_rate: 1e3,
        ..spec()
    };
    let trained = train(&wild);
    let Status::Diverged { epoch, step } = trained.outcome.status else { panic!("a rate of 1000 diverges") };
    assert!((1..=3).contains(&epoch) && u64::from(epoch - 1) * 5 < step && step <= u64::from(epoch) * 5);
    assert!(trained.outcome.measurements.iter().all(|measured| measured.not_finite().is_none()));
    assert_eq!(trained.outcome.measurements[0].epoch, 0);
}

#[test]
fn data_that_overflow_diverge_before_the_first_step() {
    let samples = Array2::from_elem((43, 7), 1e30_f32);
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec(), data, None).train(1, &mut ());
    assert_eq!(trained.outcome.status, Status::Diverged { epoch: 0, step: 0 });
}
