//! Recovery of known atoms by the units of one network, and the likeness of the units of two networks.

use super::matching::{DirectionSign, SAME_DIRECTION, cosines, matching};
use crate::data::{Source, Standardize, Statistics};
use crate::error::Result;
use crate::report::statistics::mean;
use crate::store::{Record, Weights};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use serde::Serialize;

/// The atoms of a `synthetic` source as directions of the standardised samples, \[atoms, n\]; `None` for other sources.
///
/// Standardisation by feature divides input i by sd_i + ε, and so does each atom's. By sample it subtracts the mean of the inputs,
/// from each atom too; the common factor of a sample changes no direction. Nor do the one mean and the one factor of `global`.
///
/// # Errors
/// Where the source's settings are out of range.
pub fn atoms(
    source: &Source,
    standardize: Standardize,
    statistics: Option<&Statistics>,
) -> Result<Option<Array2<f64>>> {
    let Source::Synthetic(synthetic) = source else { return Ok(None) };
    let mut atoms = synthetic.dictionary()?;
    match (standardize, statistics) {
        (Standardize::Feature { epsilon }, Some(Statistics { sd, .. })) => {
            // A constant input is 0 in every standardised sample.
            atoms /= &sd.mapv(|sd| if sd == 0.0 { f64::INFINITY } else { sd + epsilon });
        }
        (Standardize::Sample { .. }, _) => {
            let inputs = atoms.ncols() as f64;
            atoms.rows_mut().into_iter().for_each(|mut atom| atom -= atom.sum() / inputs);
        }
        (Standardize::None | Standardize::Global { .. } | Standardize::Feature { .. }, _) => {}
    }
    Ok(Some(atoms))
}

/// The rows of W that a network uses: units that are neither dead nor rows of zeros. Where the record has no counts by unit, only
/// rows of zeros are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedUnits {
    /// The rows \[units, n\].
    pub rows: Array2<f64>,
    /// Whether a direction and its opposite are the same.
    pub sign: DirectionSign,
}

impl UsedUnits {
    /// The used units of the run of `record` with these weights.
    pub fn of(weights: &Weights, record: &Record) -> Self {
        let counts = record.activity.as_ref().map(|activity| &activity.active_samples);
        let is_dead =
            |unit: usize| counts.and_then(|counts| counts.get(unit)).is_some_and(|count| *count == 0);
        let is_used =
            |unit: &usize| !is_dead(*unit) && weights.w.row(*unit).iter().any(|value| *value != 0.0);
        let used: Vec<usize> = (0..weights.w.nrows()).filter(is_used).collect();
        let rows = weights.w.select(Axis(0), &used).mapv(f64::from);
        Self { rows, sign: DirectionSign::of(&record.spec.activation) }
    }

    /// n, the number of inputs.
    pub fn inputs(&self) -> usize {
        self.rows.ncols()
    }
}

/// How well units recover atoms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DictionaryRecovery {
    /// Number of atoms.
    pub atoms: usize,
    /// Number of used units.
    pub units: usize,
    /// Mean over the atoms of the largest cosine with a unit (mean maximum cosine similarity, MMCS); `None` without units.
    pub mean_max_cosine: Option<f64>,
    /// Mean cosine of the pairs of the one-to-one matching; `None` without units.
    pub mean_matched_cosine: Option<f64>,
    /// Atoms whose matched unit has a cosine above [`SAME_DIRECTION`].
    pub recovered: usize,
    /// Atoms that several units have a cosine above [`SAME_DIRECTION`] with.
    pub repeated_atoms: usize,
    /// Units that have a cosine above [`SAME_DIRECTION`] with another unit.
    pub repeated_units: usize,
}

impl DictionaryRecovery {
    /// The recovery of `atoms` \[atoms, n\] by `units`.
    ///
    /// # Panics
    /// If the rows differ in length.
    pub fn of(atoms: ArrayView2<'_, f64>, units: &UsedUnits) -> Self {
        let cosines_of = |rows| cosines(rows, units.rows.view(), units.sign);
        let (with_units, among_units) = (cosines_of(atoms), cosines_of(units.rows.view()));
        let is_same = |cosine: &&f64| **cosine > SAME_DIRECTION;
        let same = |rows: &Array2<f64>, at_least: usize| {
            rows.rows().into_iter().filter(|row| row.iter().filter(is_same).count() >= at_least).count()
        };
        let largest = |row: ArrayView1<'_, f64>| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let largest: Vec<f64> = with_units.rows().into_iter().map(largest).collect();
        let matched = matched_cosines(&with_units);
        Self {
            atoms: atoms.nrows(),
            units: units.rows.nrows(),
            mean_max_cosine: (!matched.is_empty()).then(|| mean(&largest)),
            mean_matched_cosine: (!matched.is_empty()).then(|| mean(&matched)),
            recovered: matched.iter().filter(is_same).count(),
            repeated_atoms: same(&with_units, 2),
            // The first is the unit itself.
            repeated_units: same(&among_units, 2),
        }
    }

    /// `recovered` / `atoms`.
    pub fn recovered_fraction(&self) -> f64 {
        self.recovered as f64 / self.atoms as f64
    }
}

/// How alike the units of two networks are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DictionaryLikeness {
    /// Number of used units of A.
    pub units_a: usize,
    /// Number of used units of B.
    pub units_b: usize,
    /// Number of pairs of the one-to-one matching: the smaller of both.
    pub pairs: usize,
    /// Mean cosine of the pairs; `None` without pairs.
    pub mean_matched_cosine: Option<f64>,
    /// Share of the pairs with a cosine above [`SAME_DIRECTION`]; `None` without pairs.
    pub same_fraction: Option<f64>,
}

impl DictionaryLikeness {
    /// The likeness of `a` and `b`. A sign is ignored only if both networks ignore it.
    ///
    /// # Panics
    /// If the rows differ in length.
    pub fn of(a: &UsedUnits, b: &UsedUnits) -> Self {
        let sign = if a.sign == b.sign { a.sign } else { DirectionSign::Counts };
        let matched = matched_cosines(&cosines(a.rows.view(), b.rows.view(), sign));
        let same = matched.iter().filter(|cosine| **cosine > SAME_DIRECTION).count();
        Self {
            units_a: a.rows.nrows(),
            units_b: b.rows.nrows(),
            pairs: matched.len(),
            mean_matched_cosine: (!matched.is_empty()).then(|| mean(&matched)),
            same_fraction: (!matched.is_empty()).then(|| same as f64 / matched.len() as f64),
        }
    }
}

fn matched_cosines(cosines: &Array2<f64>) -> Vec<f64> {
    matching(cosines.view()).into_iter().map(|pair| cosines[pair]).collect()
}
