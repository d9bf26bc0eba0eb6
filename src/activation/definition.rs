//! An activation as data, for the catalogue and the registry.

use super::{Activation, Batch, Jet, apply};
use crate::parameter::{Parameter, Values};
use crate::real::{Real, of_precision};
use crate::registry::{NamedDefinition, Registry};

/// The constants and functions of an [`Activation`].
pub struct ActivationDefinition {
    pub(super) name: &'static str,
    pub(super) threshold: Option<f64>,
    pub(super) vanishes: bool,
    pub(super) parameters: &'static [Parameter],
    single: Functions<f32>,
    double: Functions<f64>,
}

/// An activation's functions in one precision.
pub(super) struct Functions<F> {
    pub(super) jet: fn(&Values, F) -> Jet<F>,
    pub(super) apply: fn(&Values, &[F], Batch<'_, F>),
}

impl<F: Real> Functions<F> {
    const fn of<A: Activation>() -> Self {
        Self {
            jet: |values, a| A::build(values).jet(a),
            apply: |values, bias, batch| apply(A::build(values), bias, batch),
        }
    }
}

/// The activations that the program has added.
pub(super) static REGISTRY: Registry<ActivationDefinition> = Registry::new();

/// The definition of every activation of another program.
pub(super) static UNKNOWN: ActivationDefinition = ActivationDefinition::of::<UnknownActivation>();

struct UnknownActivation;

impl Activation for UnknownActivation {
    const NAME: &'static str = "unknown";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    fn jet<F: Real>(&self, _: F) -> Jet<F> {
        panic!("an activation that this program doesn't know can't be computed: ask `ActivationSpec::known`")
    }
}

impl ActivationDefinition {
    pub(super) const fn of<A: Activation>() -> Self {
        Self {
            name: A::NAME,
            threshold: A::THRESHOLD,
            vanishes: A::VANISHES,
            parameters: A::PARAMETERS,
            single: Functions::of::<A>(),
            double: Functions::of::<A>(),
        }
    }

    pub(super) fn functions<F: Real>(&self) -> &Functions<F> {
        of_precision(&self.single, &self.double)
    }
}

impl NamedDefinition for ActivationDefinition {
    fn name(&self) -> &'static str {
        self.name
    }
}
