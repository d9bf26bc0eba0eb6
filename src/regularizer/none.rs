//! The plain auto-encoder, Eq. 1: J = E_x ‖x − f(x)‖².

use super::{Model, Regularizer, Shape};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct None;

impl Model for None {
    const NAME: &'static str = "none";
    const LEGEND: &'static str = "AE";
    const SOURCE: &'static str = "Eq. 1";

    fn build<F: Real>(_: &Values, _: f64, _: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(Plain)
    }
}

#[cfg(test)]
impl super::tests::TestedModel for None {
    fn oracle(network: &super::tests::Network, _: &Values, _: f64) -> f64 {
        network.reconstruction()
    }
}

struct Plain;

impl<F: Real> Regularizer<F> for Plain {}
