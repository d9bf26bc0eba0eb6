//! The distribution of codes: its indices by hand, and what a run measures against plain loops over the codes of its networks.

use super::{assert_same, normals, train, with};
use aesparse::activation::ActivationKind;
use aesparse::training::{
    CodeDistribution, Encoder, EpochDistribution, Run, RunSpec, Samples, Status, Trained, gini, hoyer,
};
use std::convert::Infallible;

fn close(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() < 1e-12)
}

#[test]
fn hoyer_and_gini_have_their_values_by_hand() {
    // Four units, √m = 2. One alone; all equal; (3, 4): sum 7, length 5, so (2 − 7/5) / 1.
    assert!(close(hoyer(&[0.0, 0.0, 5.0, 0.0_f32]), 1.0) && close(hoyer(&[2.0_f32; 4]), 0.0));
    assert!(close(hoyer(&[3.0, 0.0, 4.0, 0.0_f32]), 0.6));
    // Gini: one alone is 1 − 1/4. Sorted (0, 0, 3, 4), sum 7: 1 − 2 (3/7 · 1.5/4 + 4/7 · 0.5/4) = 1 − 13/28.
    assert!(close(gini(&[0.0, 0.0, 5.0, 0.0_f32]), 0.75) && close(gini(&[2.0_f32; 4]), 0.0));
    assert!(close(gini(&[3.0, 0.0, 4.0, 0.0_f32]), 15.0 / 28.0));
    // Neither depends on the scale, the order or the sign.
    let (code, other) = ([0.5_f64, 0.25, 1.0, 2.0], [-8.0_f64, 2.0, -1.0, 4.0]);
    assert!(close(hoyer(&other), hoyer(&code).unwrap()) && close(gini(&other), gini(&code).unwrap()));
    assert_eq!((hoyer(&[0.0_f32; 4]), gini(&[0.0_f32; 4]), hoyer(&[1.0_f32])), (None, None, None));
}

#[test]
fn quantiles_of_l0_are_of_samples() {
    let codes = CodeDistribution { samples_by_l0: vec![(2, 1), (5, 2), (9, 1)], hoyer: None, gini: None };
    assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|p| codes.l0_quantile(p)), [2, 2, 5, 5, 9]);
    let none = CodeDistribution { samples_by_l0: Vec::new(), ..codes };
    assert_eq!((none.samples(), none.l0_quantile(0.5)), (0, 0));
}

fn measured(spec: &RunSpec) -> (Trained<f64>, Vec<EpochDistribution>) {
    let (train, held_out) = (normals(10, spec.samples, spec.inputs), normals(11, 12, spec.inputs));
    let samples = Samples { train: train.view(), held_out: Some(held_out.view()) };
    let mut trained = Run::new(spec, samples, None).measuring_distribution().train(2, &mut ());
    let epochs = trained.distribution.take().unwrap();
    (trained, epochs)
}

#[test]
fn measuring_the_distribution_does_not_change_a_run() {
    for name in ["none", "dae", "edae", "cae", "kl_sae", "l1"] {
        let spec = with(name, 0.3);
        let (trained, epochs) = measured(&spec);
        let plain = train(&spec);
        assert!(plain.distribution.is_none());
        assert_same(&trained, &plain, 0.0);
        assert_eq!(trained.outcome, plain.outcome, "{name}");
        let measured = trained.outcome.measurements.iter().map(|measurement| measurement.epoch);
        assert!(measured.eq(epochs.iter().map(|at| at.epoch)), "{name}");
    }
}

/// The codes of all training samples by the network that `spec` trains in `epochs` epochs, which a longer training passes through.
fn codes_after(epochs: u32, spec: &RunSpec) -> Vec<Vec<f64>> {
    let trained = train(&RunSpec { epochs: epochs.max(1), ..spec.clone() });
    let parameters = if epochs == 0 { &trained.initial } else { &trained.last };
    let mut codes = Vec::new();
    let mut encoder = Encoder::new(spec.activation.clone(), parameters, spec.samples);
    let Ok(()) = encoder.encode(normals(10, spec.samples, spec.inputs).view(), spec.samples, |block| {
        codes.extend(block.rows().into_iter().map(|code| code.to_vec()));
        Ok::<(), Infallible>(())
    });
    codes
}

#[test]
fn what_is_measured_equals_plain_loops_over_the_codes() {
    // The threshold is high, so that units die and come back; the rate moves them fast.
    let sigmoid = RunSpec { learning_rate: 0.05, epochs: 6, threshold: 0.7, ..with("dae", 0.3) };
    let relu = RunSpec { activation: ActivationKind::Relu.into(), threshold: 0.9, ..sigmoid.clone() };
    let (mut all_died, mut all_came_back, mut zeros) = (0, 0, 0);
    for spec in [relu, sigmoid] {
        let (trained, epochs) = measured(&spec);
        assert_eq!((trained.outcome.status, epochs.len()), (Status::Completed, 4));
        let (m, n) = (spec.hidden, spec.samples);
        let mut before: Option<Vec<bool>> = None;
        for at in &epochs {
            let codes = codes_after(at.epoch, &spec);
            let is_active = |h: &f64| *h > spec.threshold;
            let l0: Vec<usize> =
                codes.iter().map(|code| code.iter().filter(|h| is_active(h)).count()).collect();
            let counts =
                (0..=m).map(|units| (units, l0.iter().filter(|found| **found == units).count() as u64));
            let expected: Vec<(usize, u64)> = counts.filter(|(_, samples)| *samples > 0).collect();
            assert_eq!(at.codes.samples_by_l0, expected, "{}", at.epoch);
            // The Gini index by its other definition, half the relative mean difference of all pairs.
            let (mut ginis, mut hoyers) = (Vec::new(), Vec::new());
            for code in codes.iter().filter(|code| code.iter().any(|h| *h != 0.0)) {
                let sum: f64 = code.iter().sum();
                let differences = code.iter().flat_map(|a| code.iter().map(move |b| (a - b).abs()));
                ginis.push(differences.sum::<f64>() / (2.0 * m as f64 * sum));
                let (root, length) = ((m as f64).sqrt(), code.iter().map(|h| h * h).sum::<f64>().sqrt());
                hoyers.push((root - sum / length) / (root - 1.0));
                zeros += code.iter().filter(|h| **h == 0.0).count();
            }
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            assert!(
                close(at.codes.gini, mean(&ginis)) && close(at.codes.hoyer, mean(&hoyers)),
                "{}",
                at.epoch
            );
            let active: Vec<usize> =
                (0..m).map(|j| codes.iter().filter(|code| is_active(&code[j])).count()).collect();
            for (place, units) in at.units_by_decade.iter().enumerate() {
                let (above, up_to) = (0.1_f64.powi(place as i32 + 1), 0.1_f64.powi(place as i32));
                let density = |count: &&usize| **count as f64 / n as f64;
                let is_inside = |count: &&usize| above < density(count) && density(count) <= up_to;
                assert_eq!(active.iter().filter(is_inside).count() as u64, *units, "{place} of {n}");
            }
            let dead: Vec<bool> = active.iter().map(|count| *count == 0).collect();
            let changed = |was: bool| {
                let pairs = before.as_ref()?.iter().zip(&dead);
                Some(pairs.filter(|(before, now)| **before == was && **now != was).count() as u64)
            };
            assert_eq!((at.died, at.came_back), (changed(false), changed(true)), "{}", at.epoch);
            all_died += at.died.unwrap_or(0);
            all_came_back += at.came_back.unwrap_or(0);
            before = Some(dead);
        }
    }
    assert!(all_died > 0 && all_came_back > 0 && zeros > 0, "{all_died} {all_came_back} {zeros}");
}
