//! Theorem 1, Eq. 5 and the corollaries.

use super::{TestNetwork, assert_close, derivative, spec, specs};
use crate::activation::tests::activations;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::constraint::Constraint;
use crate::objective::Objective;
use crate::optimizer::Sgd;
use crate::random::Noise;
use crate::regularizer::{RegularizerKind, RegularizerSpec, Shape, Step};
use crate::theory::{
    BatchLemma1, CANDIDATES, Columns, EpochRow, LedgerRow, Origin, Properties, RunRow, Theory,
    TheoryMeasurement, UnitRow,
};
use std::collections::BTreeSet;

/// The gradient of R by b_j equals differences of R, over more samples than a batch; for a DAE R is the form of Eq. 7.
#[test]
fn the_penalty_s_bias_gradient_is_the_derivative_of_the_penalty() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 21, [130, 5, 4]);
        for spec in specs() {
            let found = lab.measure(&spec, 0.7);
            let label = format!("{} under {activation:?}", spec.label());
            let (origin, gradient) = (found.theorem1.origin, &found.theorem1.penalty_gradient);
            if origin == Origin::Nothing {
                assert!(found.penalty.is_none() && gradient.iter().all(|g| *g == 0.0), "{label}");
                continue;
            }
            for j in lab.units() {
                let expected = derivative(|h| lab.moved(j, h).measure(&spec, 0.7).penalty.unwrap());
                assert_close(gradient[j], expected, 2e-7, &label);
            }
        }
    }
}

#[test]
fn a_penalty_s_origin_follows_from_its_model() {
    for spec in specs() {
        let expected = match spec.kind() {
            RegularizerKind::Dae if spec.label() == "dae" => Origin::SecondOrder,
            RegularizerKind::None | RegularizerKind::Dae | RegularizerKind::Edae => Origin::Nothing,
            _ => Origin::Penalty,
        };
        let found = TestNetwork::new(ActivationKind::Sigmoid, 2, [10, 3, 2]).measure(&spec, 0.5).theorem1;
        assert_eq!((found.origin, found.coefficient), (expected, 0.5), "{}", spec.label());
    }
}

/// Eq. 5, through the production objective and optimizer: one plain step on all samples as one batch.
#[test]
fn a_plain_step_changes_the_mean_pre_activation_as_equation_5_says() {
    let (samples, inputs, hidden) = (140, 6, 5);
    let shape = Shape { batch: samples, inputs, hidden };
    for activation in activations() {
        for constraint in [Constraint::None, Constraint::UnitNorm] {
            for spec in specs().iter().filter(|spec| spec.kind() != RegularizerKind::Dae) {
                if spec.kind() == RegularizerKind::Edae {
                    continue; // Its step includes the gradient of the drawn noise.
                }
                let lab = TestNetwork::new(&activation, 31, [samples, inputs, hidden]).standardised();
                let (rate, lambda) = (0.01, 0.3);
                let before = lab.measure(spec, lambda);
                let mut parameters = lab.parameters.clone();
                let mut objective = Objective::new(&activation, spec.build(lambda, shape), shape);
                let mut sgd = Sgd::new(rate, 0.0, constraint, &parameters);
                let step = Step { noise: &Noise::new(1), number: 0, samples: &[0; 140] };
                objective.evaluate(&parameters, lab.samples.view(), step, &mut sgd.accumulate());
                sgd.update(&mut parameters, objective.products_mut());
                let after = TestNetwork { parameters, ..lab }.measure(spec, lambda).theorem1;
                for (j, predicted) in before.predicted_change(rate).into_iter().enumerate() {
                    let observed = after.mean[j] - before.theorem1.mean[j];
                    let label = format!("{} under {activation:?}, {constraint:?}, unit {j}", spec.label());
                    assert!((observed - predicted).abs() < 1e-13, "{label}: {observed} is not {predicted}");
                    assert_eq!(
                        predicted < 0.0,
                        before.lemma1.gradient[j] + lambda * before.theorem1.penalty_gradient[j] > 0.0
                    );
                }
            }
        }
    }
}

#[test]
fn the_condition_holds_above_the_required_coefficient_and_makes_the_mean_fall() {
    let lab = TestNetwork::new(ActivationKind::Softplus, 41, [150, 5, 6]);
    let kl = spec(RegularizerKind::KlSae);
    let TheoryMeasurement { theorem1, lemma1, .. } = lab.measure(&kl, 1.0);
    let mut required: Vec<f64> = theorem1.required.iter().copied().flatten().collect();
    assert_eq!(required.len(), 6, "softplus units have a positive gradient throughout");
    for (j, required) in required.iter().enumerate() {
        assert_close(required * theorem1.penalty_gradient[j], lemma1.bound[j], 1e-12, "required");
    }
    required.sort_by(f64::total_cmp);
    for (place, lambda) in required.iter().enumerate() {
        let [below, above] = [0.999_999, 1.000_001].map(|f| lab.measure(&kl, f * lambda).theorem1);
        assert_close(below.met, place as f64 / 6.0, 1e-12, "below");
        assert_close(above.met, (place + 1) as f64 / 6.0, 1e-12, "above");
        assert!(above.met <= above.falling, "the condition is sufficient: {above:?}");
        assert!(above.met <= above.met_independent);
    }
}

#[test]
fn without_a_positive_gradient_no_coefficient_is_enough() {
    let lab = TestNetwork::new(ActivationKind::Relu, 43, [150, 5, 6]);
    let theorem1 = lab.measure(&spec(RegularizerKind::Cae), 1e6).theorem1;
    assert!(theorem1.required.iter().all(Option::is_none));
    assert_eq!((theorem1.met, theorem1.met_independent), (0.0, 0.0));
}

/// These activations have s'' = 0 wherever it is defined.
const STRAIGHT: [ActivationKind; 3] =
    [ActivationKind::Relu, ActivationKind::LeakyRelu, ActivationKind::Identity];

#[test]
fn signs_are_as_the_corollaries_say_wherever_they_apply() {
    for activation in activations() {
        let candidate =
            CANDIDATES.iter().find(|candidate| candidate.name == activation.kind().name()).unwrap();
        let properties = Properties::of(candidate.value);
        for seed in 0..10 {
            let lab = TestNetwork::new(&activation, 50 + seed, [110, 5, 8]);
            for kind in [RegularizerKind::Cae, RegularizerKind::Mdae, RegularizerKind::Corollary2] {
                let signs = lab.measure(&spec(kind), 1.0).signs;
                assert!(!properties.corollary2() || signs.negative == 0, "{kind:?} {activation:?} {signs:?}");
                if STRAIGHT.contains(&activation.kind()) {
                    assert_eq!((signs.zero, signs.negligible), (8, 8), "s'' = 0");
                }
                if activation.kind() == ActivationKind::Softplus {
                    assert_eq!(signs.positive, 8);
                }
            }
            for kind in [RegularizerKind::KlSae, RegularizerKind::Corollary1] {
                let signs = lab.measure(&spec(kind), 1.0).signs;
                if properties.corollary1() {
                    // Every unit is active on some sample.
                    assert_eq!((signs.positive, signs.negative), (8, 0), "{kind:?} {activation:?}");
                }
            }
        }
    }
}

#[test]
fn sigmoid_units_can_have_either_sign_under_corollary_2() {
    let lab = TestNetwork::new(ActivationKind::Sigmoid, 61, [200, 5, 2]);
    let mut flat = lab.parameters.flatten();
    // s'' is positive below 0 and negative above, so one unit is far to either side.
    (flat[10], flat[11]) = (-6.0, 6.0);
    let lab = TestNetwork { parameters: lab.parameters.with_values(&flat), ..lab };
    let found = lab.measure(&spec(RegularizerKind::Cae), 1.0);
    assert!(found.theorem1.penalty_gradient[0] > 0.0 && found.theorem1.penalty_gradient[1] < 0.0);
    assert_eq!((found.signs.positive, found.signs.zero, found.signs.negative), (1, 0, 1));
}

/// Left of the minimum of GELU and SiLU a larger bias lowers the mean activation; no corollary applies to them.
#[test]
fn units_that_fall_can_have_a_negative_gradient_under_corollary_1() {
    for activation in [ActivationKind::Gelu, ActivationKind::Silu].map(ActivationSpec::from) {
        let mut lab = TestNetwork::new(&activation, 63, [200, 5, 2]);
        lab.samples.mapv_inplace(|x| 0.1 * x);
        let lab = lab.moved(0, -3.0).moved(1, 3.0);
        let found = lab.measure(&spec(RegularizerKind::Corollary1), 1.0);
        assert_eq!((found.signs.positive, found.signs.negative), (1, 1), "{activation:?}");
        assert!(found.theorem1.penalty_gradient[0] < 0.0, "{activation:?}");
    }
}

#[test]
fn single_precision_agrees() {
    // With lower biases few pairs are active, so ReLU's products are sparse.
    for (activation, shift) in activations().flat_map(|spec| [(spec.clone(), 0.0), (spec, -3.0)]) {
        let mut lab = TestNetwork::new(&activation, 71, [230, 20, 17]);
        for j in lab.units() {
            lab = lab.moved(j, shift);
        }
        let single = lab.samples.mapv(|x| x as f32);
        let weights = lab.parameters.weights().mapv(|x| x as f32);
        let narrow = |values: &[f64]| values.iter().map(|x| *x as f32).collect();
        let (bias, decoder_bias) = (narrow(lab.parameters.bias()), narrow(lab.parameters.decoder_bias()));
        let parameters = crate::state::Parameters::new(weights.view(), bias, decoder_bias);
        for spec in specs() {
            let double = columns(&lab.measure(&spec, 0.4));
            let mut theory = Theory::new(lab.subject(&spec, 0.4), single.view());
            let single = columns(&theory.measure(single.view(), &parameters));
            for ((name, double), (_, single)) in double.iter().zip(&single) {
                let (Some(double), Some(single)) = (double, single) else { continue };
                // Counts may differ if a unit is at a bound; the λ of a vanishing gradient consists of rounding errors.
                let excepted = ["violations", "sign", "required", "negligible"];
                if excepted.iter().any(|word| name.contains(word)) || name.starts_with("penalty_gradient_") {
                    continue;
                }
                assert_close(
                    *single,
                    *double,
                    1e-3,
                    &format!("{name}, {} under {activation:?}", spec.label()),
                );
            }
        }
    }
}

fn columns(findings: &TheoryMeasurement) -> Vec<(String, Option<f64>)> {
    EpochRow::new(0, 1, findings, &BatchLemma1::of(&[])).columns()
}

#[test]
fn no_table_has_two_columns_of_one_name() {
    fn check<R: Columns>() {
        let columns = R::default().columns();
        let names: BTreeSet<&String> = columns.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), columns.len());
    }
    check::<EpochRow>();
    check::<RunRow>();
    check::<LedgerRow>();
    check::<UnitRow>();
}

#[test]
fn a_zero_row_is_excluded_from_ratios_and_never_nan() {
    let lab = TestNetwork::new(ActivationKind::Sigmoid, 81, [60, 4, 3]);
    let mut flat = lab.parameters.flatten();
    flat[..4].fill(0.0);
    let lab = TestNetwork { parameters: lab.parameters.with_values(&flat), ..lab };
    let found = lab.measure(&RegularizerSpec::none(), 0.0);
    assert!(columns(&found).iter().all(|(name, value)| value.is_none_or(f64::is_finite) || panic!("{name}")));
    assert_eq!((found.lemma1.gradient[0], found.lemma1.bound[0]), (0.0, 0.0));
}
