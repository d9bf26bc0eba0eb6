//! The metrics of a network after an epoch. Each metric is declared once: its field, column, unit and meaning.

use serde::{Deserialize, Serialize};

/// A measured number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A real number; only finite ones are stored.
    Real(f64),
    /// A count.
    Count(u64),
}

impl Number {
    /// The number in double precision.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Real(x) => x,
            Self::Count(count) => count as f64,
        }
    }
}

/// Converts a field of [`Measurement`] to a number.
trait IntoNumber {
    fn number(self) -> Option<Number>;
}

impl IntoNumber for f64 {
    fn number(self) -> Option<Number> {
        Some(Number::Real(self))
    }
}

impl IntoNumber for u64 {
    fn number(self) -> Option<Number> {
        Some(Number::Count(self))
    }
}

impl<T: IntoNumber> IntoNumber for Option<T> {
    fn number(self) -> Option<Number> {
        self.and_then(IntoNumber::number)
    }
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A fraction, in \[0, 1\].
    Fraction,
    /// Squared standardised inputs.
    SquaredInput,
    /// The unit of the objective: squared inputs plus a penalty.
    Objective,
    /// Pre-activations.
    PreActivation,
    /// Squared pre-activations.
    SquaredPreActivation,
    /// Squared inputs over squared inputs.
    Ratio,
    /// Lengths of rows of W.
    Length,
    /// Hidden units.
    Units,
    /// Pairs of step and unit.
    Pairs,
}

impl Unit {
    /// The unit in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fraction => "fraction",
            Self::SquaredInput => "squared input",
            Self::Objective => "objective",
            Self::PreActivation => "pre-activation",
            Self::SquaredPreActivation => "squared pre-activation",
            Self::Ratio => "ratio",
            Self::Length => "length",
            Self::Units => "units",
            Self::Pairs => "pairs",
        }
    }
}

/// Which values of a metric are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Smaller ones.
    Lower,
    /// Neither smaller nor larger ones; the metric only describes the network.
    Neither,
}

/// A metric: a field of [`Measurement`], and a column of `epochs.csv`.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The name of the field and of the column.
    pub name: &'static str,
    /// The meaning, in one sentence.
    pub meaning: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Which values are better.
    pub better: Better,
    /// The version of the program that measured it first; tables and records of earlier versions lack it.
    pub since: &'static str,
    number: fn(&Measurement) -> Option<Number>,
}

impl Metric {
    /// The metric called `name`.
    ///
    /// # Panics
    /// If there is no such metric; in a constant, this is a compile error.
    pub const fn named(name: &str) -> &'static Self {
        let mut place = 0;
        while place < METRICS.len() {
            if is_same(METRICS[place].name.as_bytes(), name.as_bytes()) {
                return &METRICS[place];
            }
            place += 1;
        }
        panic!("there is no metric of that name")
    }

    /// The number in `measurement`; `None` where the run doesn't have this metric.
    pub fn number(&self, measurement: &Measurement) -> Option<Number> {
        (self.number)(measurement)
    }

    /// The number in `measurement` in double precision.
    pub fn value(&self, measurement: &Measurement) -> Option<f64> {
        self.number(measurement).map(Number::as_f64)
    }

    /// The smallest and the largest possible value.
    pub const fn range(&self) -> [f64; 2] {
        match self.unit {
            Unit::Fraction => [0.0, 1.0],
            Unit::PreActivation | Unit::Objective => [f64::NEG_INFINITY, f64::INFINITY],
            Unit::SquaredInput
            | Unit::SquaredPreActivation
            | Unit::Ratio
            | Unit::Length
            | Unit::Units
            | Unit::Pairs => [0.0, f64::INFINITY],
        }
    }
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut place = 0;
    while place < a.len() && place < b.len() && a[place] == b[place] {
        place += 1;
    }
    place == a.len() && place == b.len()
}

macro_rules! metrics {
    ($($name:ident: $type:ty, $unit:ident, $better:ident, $since:literal, $meaning:literal;)+) => {
        /// The measured metrics of a network after an epoch, on all clean training samples unless stated otherwise.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Measurement {
            /// Number of epochs trained; 0: before training.
            pub epoch: u32,
            $(
                #[doc = $meaning]
                pub $name: $type,
            )+
        }

        /// Every metric, in the order of the fields of [`Measurement`].
        pub const METRICS: &[Metric] = &[$(Metric {
            name: stringify!($name),
            meaning: $meaning,
            unit: Unit::$unit,
            better: Better::$better,
            since: $since,
            number: |measurement| measurement.$name.number(),
        }),+];
    };
}

// A metric of a later version is an `Option`, because earlier records lack it.
metrics! {
    training_loss: Option<f64>, Objective, Lower, "0.1.0",
        "Mean over the epoch's samples of the trained objective, batches weighted by their size; empty at epoch 0.";
    avg_activation_fraction: f64, Fraction, Neither, "0.1.0",
        "Fraction of (sample, unit) pairs that are active (Eq. 14).";
    alive_activation_fraction: Option<f64>, Fraction, Neither, "0.1.0",
        "Eq. 14 over the units that are not dead; empty where all are.";
    dead_units: u64, Units, Neither, "0.1.0",
        "Units that are inactive on every training sample.";
    dead_fraction: f64, Fraction, Neither, "0.1.0",
        "dead_units / hidden.";
    mean_pre_activation: f64, PreActivation, Neither, "0.1.0",
        "Mean of a_j over samples, then over units.";
    variance_pre_activation: f64, SquaredPreActivation, Neither, "0.1.0",
        "Variance of a_j over samples (÷ N), mean over units.";
    mean_weight_norm: f64, Length, Neither, "0.1.0",
        "Length of W_j, mean over units.";
    zero_rows: u64, Units, Neither, "0.1.0",
        "Rows of W that are zero.";
    reconstruction: f64, SquaredInput, Lower, "0.1.0",
        "Mean over samples of ‖x − y‖².";
    penalty: Option<f64>, Objective, Lower, "0.1.0",
        "Coefficient times R on clean data; empty where the objective has no such term.";
    fraction_variance_unexplained: Option<f64>, Ratio, Lower, "0.1.0",
        "reconstruction / E‖x − E x‖²; empty for constant data.";
    held_out_activation_fraction: Option<f64>, Fraction, Neither, "0.1.0",
        "Eq. 14 on held-out samples; empty where there are none.";
    held_out_reconstruction: Option<f64>, SquaredInput, Lower, "0.1.0",
        "Mean of ‖x − y‖² on held-out samples; empty where there are none.";
    rho_max_hits: Option<u64>, Pairs, Neither, "0.1.0",
        "(step, unit) pairs with ρ_j > rho_max; empty for models without it.";
    rho_min_hits: Option<u64>, Pairs, Neither, "0.1.0",
        "(step, unit) pairs with ρ_j < rho_min; empty for models without it.";
}

/// A network has collapsed if its fraction of dead units or its fraction of variance unexplained is at least this.
pub const COLLAPSED: f64 = 0.99;

impl Measurement {
    /// Whether the network has collapsed: at least the fraction [`COLLAPSED`] of its units is dead, or at least that fraction of the
    /// variance is unexplained, so that the reconstruction is hardly better than the mean. Derived from other metrics and never
    /// stored. A run has collapsed if it completed and its last measurement has collapsed.
    pub fn is_collapsed(&self) -> bool {
        self.dead_fraction >= COLLAPSED
            || self.fraction_variance_unexplained.is_some_and(|fvu| fvu >= COLLAPSED)
    }

    /// The first metric whose value is not finite; no record can store such a value.
    pub fn not_finite(&self) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.value(self).is_some_and(|value| !value.is_finite()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network of 1000 units of which `dead` are dead.
    fn measured(dead: u64, unexplained: Option<f64>) -> Measurement {
        Measurement {
            dead_units: dead,
            dead_fraction: dead as f64 / 1000.0,
            fraction_variance_unexplained: unexplained,
            ..Measurement::default()
        }
    }

    #[test]
    fn a_network_has_collapsed_from_99_percent_dead_units_or_unexplained_variance() {
        for (dead, unexplained, collapsed) in [
            (0, Some(0.5), false),
            (989, Some(0.9899), false),
            (990, Some(0.5), true),
            (1000, None, true),
            (0, Some(0.99), true),
            (0, Some(7.0), true),
            (0, None, false),
        ] {
            assert_eq!(measured(dead, unexplained).is_collapsed(), collapsed, "{dead} {unexplained:?}");
        }
    }

    #[test]
    fn a_metric_is_found_by_name_and_returns_its_field() {
        let measurement = measured(990, None);
        let dead = const { Metric::named("dead_units") };
        assert_eq!(dead.number(&measurement), Some(Number::Count(990)));
        assert_eq!((dead.value(&measurement), dead.range()), (Some(990.0), [0.0, f64::INFINITY]));
        assert_eq!(Metric::named("fraction_variance_unexplained").number(&measurement), None);
        for name in ["", "dead", "dead_units_"] {
            assert!(std::panic::catch_unwind(|| Metric::named(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_number_that_is_not_finite_is_found_in_any_field() {
        assert!(measured(0, Some(0.5)).not_finite().is_none());
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let first = Measurement { training_loss: Some(number), ..measured(0, None) };
            let always = Measurement { variance_pre_activation: number, ..measured(0, None) };
            let last = Measurement { held_out_reconstruction: Some(number), ..measured(0, None) };
            let found = [first, always, last].map(|measurement| measurement.not_finite().unwrap().name);
            assert_eq!(found, ["training_loss", "variance_pre_activation", "held_out_reconstruction"]);
        }
    }
}
