//! A model as data, for the catalogue and the registry.

use super::{Model, Regularizer, Shape};
use crate::parameter::{Domain, Parameter, Values};
use crate::real::{Real, of_precision};
use crate::registry::{NamedDefinition, Registry};

/// The constants and functions of a [`Model`].
pub struct ModelDefinition {
    pub(super) name: &'static str,
    pub(super) legend: &'static str,
    pub(super) source: &'static str,
    pub(super) parameters: &'static [Parameter],
    pub(super) check: fn(&Values) -> Result<(), String>,
    pub(super) coefficients: fn(&Values) -> Domain,
    pub(super) draws: fn(&Values) -> usize,
    pub(super) obeys_theorem_3: fn(&Values) -> bool,
    single: Build<f32>,
    double: Build<f64>,
}

type Build<F> = fn(&Values, f64, Shape) -> Box<dyn Regularizer<F>>;

/// The models that the program has added.
pub(super) static REGISTRY: Registry<ModelDefinition> = Registry::new();

/// The definition of every model of another program.
pub(super) static UNKNOWN: ModelDefinition = ModelDefinition::of::<UnknownModel>();

struct UnknownModel;

impl Model for UnknownModel {
    const NAME: &'static str = "unknown";
    const LEGEND: &'static str = "unknown";
    const SOURCE: &'static str = "";

    fn build<F: Real>(_: &Values, _: f64, _: Shape) -> Box<dyn Regularizer<F>> {
        panic!("a model that this program doesn't know can't be trained: no configuration can name it")
    }
}

impl ModelDefinition {
    pub(super) const fn of<M: Model>() -> Self {
        Self {
            name: M::NAME,
            legend: M::LEGEND,
            source: M::SOURCE,
            parameters: M::PARAMETERS,
            check: M::check,
            coefficients: M::coefficients,
            draws: M::draws,
            obeys_theorem_3: M::obeys_theorem_3,
            single: M::build::<f32>,
            double: M::build::<f64>,
        }
    }

    pub(super) fn build<F: Real>(
        &self,
        values: &Values,
        sigma_squared: f64,
        shape: Shape,
    ) -> Box<dyn Regularizer<F>> {
        of_precision::<Build<F>>(&self.single, &self.double)(values, sigma_squared, shape)
    }
}

impl NamedDefinition for ModelDefinition {
    fn name(&self) -> &'static str {
        self.name
    }
}
