//! Cosines between the rows of two matrices, and the one-to-one matching with the largest sum of cosines.

use crate::activation::{ActivationKind, ActivationSpec};
use ndarray::{Array2, ArrayView2};
use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

/// Two rows count as the same direction if their cosine is above this.
pub const SAME_DIRECTION: f64 = 0.9;

/// Whether a direction and its opposite are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectionSign {
    /// They differ: a unit with h ≥ 0 adds W_j and can't add −W_j.
    Counts,
    /// They are the same: under an odd activation, −W_j with bias −b_j gives −h_j and the same reconstruction.
    Ignored,
}

impl DirectionSign {
    /// The sign for the units of a network with this activation.
    pub fn of(activation: &ActivationSpec) -> Self {
        match activation.kind() {
            ActivationKind::Identity | ActivationKind::Tanh => Self::Ignored,
            _ => Self::Counts,
        }
    }
}

/// The cosines \[p, q\] between the rows of `a` \[p, n\] and of `b` \[q, n\], absolute where the sign is ignored; 0 for a row
/// of zeros.
///
/// # Panics
/// If the rows differ in length.
pub fn cosines(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>, sign: DirectionSign) -> Array2<f64> {
    let cosine = |product: f64| match sign {
        DirectionSign::Counts => product,
        DirectionSign::Ignored => product.abs(),
    };
    normalized(a).dot(&normalized(b).t()).mapv_into(cosine)
}

/// The rows scaled to length 1; a row of zeros stays.
fn normalized(rows: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut rows = rows.to_owned();
    for mut row in rows.rows_mut() {
        let length = row.dot(&row).sqrt();
        if length > 0.0 {
            row.mapv_inplace(|value| value / length);
        }
    }
    rows
}

/// Steps of the whole numbers that stand for cosines, because the Hungarian method needs a total order and exact sums. The sum of
/// 2²² cosines still fits an `i64`.
const STEPS: f64 = (1_u64 << 40) as f64;

/// The matching of rows and columns with the largest sum of `cosines` \[p, q\]: min(p, q) pairs of row and column, each used at
/// most once, rows increasing. Exact to 2⁻⁴⁰ for each cosine; O(n³) for n = max(p, q).
///
/// # Panics
/// If a cosine is not finite.
pub fn matching(cosines: ArrayView2<'_, f64>) -> Vec<(usize, usize)> {
    assert!(cosines.iter().all(|cosine| cosine.is_finite()), "a cosine is not finite");
    let (rows, columns) = cosines.dim();
    if rows > columns {
        let mut pairs: Vec<_> =
            matching(cosines.t()).into_iter().map(|(column, row)| (row, column)).collect();
        pairs.sort_unstable();
        return pairs;
    }
    if rows == 0 {
        return Vec::new();
    }
    let weights = cosines.iter().map(|cosine| (cosine * STEPS).round() as i64).collect();
    let weights = Matrix::from_vec(rows, columns, weights).expect("as many weights as cosines");
    kuhn_munkres(&weights).1.into_iter().enumerate().collect()
}
