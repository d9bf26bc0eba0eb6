//! Theorem 2.

use super::{TestNetwork, assert_close, spec};
use crate::activation::ActivationKind;
use crate::activation::tests::activations;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use crate::state::Parameters;
use crate::theory::{Subject, Theory, cantelli, edge};
use ndarray::array;

#[test]
fn the_truth_is_the_share_of_samples_at_or_below_the_threshold() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 91, [170, 4, 5]);
        let threshold = activation.threshold().unwrap_or(0.1);
        let found = lab.measure(&RegularizerSpec::none(), 0.0).theorem2;
        for j in lab.units() {
            let below = lab.samples.rows().into_iter().filter(|x| lab.codes(*x)[j] <= threshold).count();
            assert_eq!(found.inactive[j], below as f64 / 170.0, "{activation:?} {j}");
        }
    }
}

/// With the samples' own variance the bound holds for any samples; some units come near to it.
#[test]
fn the_bound_is_never_above_the_truth() {
    let mut bounds = Vec::new();
    for activation in activations() {
        for seed in 0..40 {
            let mut lab = TestNetwork::new(&activation, 200 + seed, [60, 3, 4]);
            // Few and heavy-tailed samples, and biases so low that all units are inactive.
            lab.samples.mapv_inplace(|x| x.powi(3));
            for j in lab.units() {
                lab = lab.moved(j, -0.1 * seed as f64);
            }
            let found = lab.measure(&RegularizerSpec::none(), 0.0);
            for j in lab.units() {
                let (bound, truth) = (found.theorem2.variance_bound[j], found.theorem2.inactive[j]);
                assert!(bound <= truth + 1e-12, "{activation:?} {seed} {j}: {bound} > {truth}");
                bounds.push(bound);
            }
        }
    }
    assert!(bounds.contains(&0.0) && bounds.iter().any(|bound| *bound > 0.9), "from nothing to nearly all");
}

/// Four samples at −1/t for each at t = 2 attain Cantelli's inequality just below t: no larger bound holds for all data.
#[test]
fn some_samples_attain_the_bound() {
    let parameters = Parameters::new(array![[1.0]].view(), vec![0.0], vec![]);
    let samples = array![[-0.5], [-0.5], [2.0], [-0.5], [-0.5]];
    let lab = TestNetwork { activation: ActivationKind::Identity.into(), samples, parameters };
    let none = RegularizerSpec::none();
    let subject = Subject { threshold: 2.0_f64.next_down(), ..lab.subject(&none, 0.0) };
    let found =
        Theory::new(subject, lab.samples.view()).measure(lab.samples.view(), &lab.parameters).theorem2;
    assert_eq!(found.inactive, [0.8]);
    assert_close(found.variance_bound[0], 0.8, 1e-14, "attained");
}

#[test]
fn on_white_data_the_paper_s_variance_is_the_samples() {
    let mut lab = TestNetwork::new(ActivationKind::Softplus, 97, [1, 6, 5]).white();
    for j in lab.units() {
        lab = lab.moved(j, -3.0);
    }
    let found = lab.measure(&spec(RegularizerKind::Cae), 1.0);
    let at = edge(&ActivationKind::Softplus.into(), 0.1);
    for j in lab.units() {
        let expected = cantelli(at, lab.parameters.bias()[j], lab.length(j).powi(2));
        assert_close(found.theorem2.bound[j], expected, 1e-13, "E[a] = b");
        assert_close(found.theorem2.variance_bound[j], expected, 1e-13, "Var[a] = ‖W‖²");
        assert!(expected > 0.0);
    }
    assert_eq!(found.theorem2.violations, 0);
}

#[test]
fn violations_of_the_paper_s_bound_are_counted_if_the_variance_breaks_the_assumption() {
    // Inputs with ten times the standard deviation: half of the samples are above the threshold, by the bound nearly none.
    let mut lab = TestNetwork::new(ActivationKind::Relu, 99, [500, 3, 4]).standardised();
    lab.samples.mapv_inplace(|x| 10.0 * x);
    for j in lab.units() {
        lab = lab.moved(j, -5.0);
    }
    let found = lab.measure(&RegularizerSpec::none(), 0.0).theorem2;
    let broken = lab.units().filter(|j| found.bound[*j] > found.inactive[*j]).count() as u64;
    assert!(found.violations == broken && broken > 0, "{found:?}");
}
