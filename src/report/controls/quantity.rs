//! Quantities of runs: the columns of the CSVs and the rows of the pictures.

use super::evidence::{BySeed, ControlRun, estimate};
use crate::report::statistics::Estimate;
use crate::theory::{EpochRow, Properties};
use crate::training::{Metric, RunSpec, THRESHOLDS};

/// A number that each run has.
#[derive(Clone, Copy)]
pub(super) struct Quantity {
    /// The column's name.
    pub(super) column: &'static str,
    /// The name of the vertical axis.
    pub(super) name: &'static str,
    /// Its value for a run; `None` where the run diverged or has no such number.
    pub(super) value: fn(&ControlRun<'_>) -> Option<f64>,
    /// The range of possible values, to which intervals are clamped.
    range: [f64; 2],
}

impl Quantity {
    const fn share(
        column: &'static str,
        name: &'static str,
        value: fn(&ControlRun<'_>) -> Option<f64>,
    ) -> Self {
        Self { column, name, value, range: [0.0, 1.0] }
    }

    const fn size(
        column: &'static str,
        name: &'static str,
        value: fn(&ControlRun<'_>) -> Option<f64>,
    ) -> Self {
        Self { column, name, value, range: [0.0, f64::INFINITY] }
    }

    /// Its mean over seeds; `None` without values.
    pub(super) fn estimate(&self, values: &BySeed) -> Option<Estimate> {
        estimate(values).map(|estimate| estimate.within(self.range))
    }
}

/// A metric with the name of its axis.
macro_rules! metric {
    ($metric:literal, $name:literal) => {{
        const METRIC: &Metric = Metric::named($metric);
        let value: fn(&ControlRun<'_>) -> Option<f64> = |run| METRIC.value(run.stored.record.result()?);
        Quantity { column: METRIC.name, name: $name, value, range: METRIC.range() }
    }};
}

pub(super) const ACTIVATION: Quantity = metric!("avg_activation_fraction", "Activation fraction");
pub(super) const DEAD: Quantity = metric!("dead_fraction", "Fraction of dead units");
pub(super) const WEIGHT_LENGTH: Quantity = metric!("mean_weight_norm", "Mean length of a row");
pub(super) const PRE_ACTIVATION: Quantity = metric!("mean_pre_activation", "Mean pre-activation");
pub(super) const VARIANCE: Quantity = metric!("variance_pre_activation", "Variance of pre-activations");
pub(super) const RECONSTRUCTION: Quantity = metric!("reconstruction", "Reconstruction error");

/// A relative error of reconstruction.
macro_rules! error {
    ($error:ident, $name:literal) => {
        Quantity::size(concat!("identity_error_", stringify!($error)), $name, |run| {
            run.theory?.run.read().next()?.identity_error.$error
        })
    };
}

pub(super) const HELD_OUT: Quantity = error!(samples, "Error, held out");
pub(super) const NOISE: Quantity = error!(noise, "Error, noise");
pub(super) const SHUFFLED: Quantity = error!(shuffled, "Error, shuffled");

pub(super) const MEAN_HIDDEN: Quantity = Quantity::size("mean_hidden", "Mean activation E[h]", |run| {
    hidden(run).map(|[low, high]| f64::midpoint(low, high))
});
pub(super) const LEAST_HIDDEN: Quantity =
    Quantity::size("mean_hidden_least", "", |run| hidden(run).map(|[low, _]| low));
pub(super) const MOST_HIDDEN: Quantity =
    Quantity::size("mean_hidden_most", "", |run| hidden(run).map(|[_, high]| high));

/// The lower and the upper sum of ∫ Pr(h > δ) dδ over the thresholds: E\[h\] = ∫₀^∞ Pr(h > δ) dδ for h ≥ 0, and Pr falls with δ.
fn hidden(run: &ControlRun<'_>) -> Option<[f64; 2]> {
    let activity = run.stored.record.activity.as_ref()?;
    let pairs = run.stored.spec.samples as f64 * run.stored.spec.hidden as f64;
    let steps = || THRESHOLDS.windows(2).map(|pair| f64::from(pair[1]) - f64::from(pair[0]));
    let term = |(step, above): (f64, &u64)| step * *above as f64 / pairs;
    Some([1, 0].map(|first| steps().zip(&activity.pairs_above[first..]).map(term).sum()))
}

/// The share of units with ∂R/∂b_j < 0; absent at σ² = 0, where there is no R.
pub(super) const NEGATIVE: Quantity =
    Quantity::share("negative_gradient_fraction", "Units with ∂R/∂b < 0", |run| {
        let share = last(run)?.penalty_gradient_negative? / run.stored.spec.hidden as f64;
        (run.stored.spec.sigma_squared > 0.0).then_some(share)
    });

/// The predictions from the activation, and the measured signs of the penalty's gradient.
pub(super) const PREDICTED: [Quantity; 6] = [
    Quantity::share("predicted_corollary1", "", |run| predicted(&run.stored.spec, Properties::corollary1)),
    Quantity::share("predicted_corollary2", "", |run| predicted(&run.stored.spec, Properties::corollary2)),
    Quantity::share("predicted_sparsity", "", |run| {
        predicted(&run.stored.spec, Properties::encourages_sparsity)
    }),
    Quantity::share("penalty_gradient_positive", "", |run| last(run)?.penalty_gradient_positive),
    Quantity::share("penalty_gradient_zero", "", |run| last(run)?.penalty_gradient_zero),
    Quantity::share("penalty_gradient_negative", "", |run| last(run)?.penalty_gradient_negative),
];

/// The measurements of the theory after the last epoch.
fn last(run: &ControlRun<'_>) -> Option<EpochRow> {
    run.theory?.epochs.read().next_back()
}

/// 1 where the activation has the property, otherwise 0; `None` for an activation that this program does not know.
pub(super) fn predicted(spec: &RunSpec, property: fn(Properties) -> bool) -> Option<f64> {
    let activation = spec.activation.known()?;
    Some(f64::from(u8::from(property(Properties::of(|a| activation.jet(a).value)))))
}
