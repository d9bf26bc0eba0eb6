//! The products of one batch with W, over all pairs of sample and unit (dense) or over the active pairs alone (sparse).
//!
//! If an activation and its derivatives can be exactly 0 (ReLU), an inactive unit adds nothing to the decoder's output or to
//! the gradient, so its products can be skipped. A batch is sparse or dense by the number of its active pairs and a constant
//! of the instruction set and the [`ShapeClass`], never by a clock, so that results don't depend on timing.

use super::active::ActivePairs;
use super::dense::{Write, product};
use super::dots::dots;
use super::lanes::InstructionSet;
use super::matrix::{Matrix, values, values_mut};
use super::passes::panel_len;
use super::rows::RowUpdate;
use super::shape_class::ShapeClass;
use super::team::Team;
use super::terms::Terms;
use super::{plain, single, single_mut, sparse, tiles};
use crate::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2};

/// A sum of outer products, coefficientsᵀ samples: coefficients \[B, m\] and samples \[B, n\].
pub type OuterSum<'a, F> = (ArrayView2<'a, F>, ArrayView2<'a, F>);

/// Products of batches of up to B samples with W \[m, n\], with their buffers.
#[derive(Debug)]
pub struct Products<F> {
    /// The kernels' instruction set; `None`: plain loops for sparse products, [`product`] for dense products.
    set: Option<InstructionSet>,
    /// The threads that share each product.
    team: Team,
    /// Share of active pairs, in thousandths, below which a batch is sparse.
    sparse_below: usize,
    /// Whether the current batch is sparse.
    sparse: bool,
    pairs: ActivePairs,
    /// Coefficients of the pending terms, or work space.
    coefficients: [Vec<F>; 2],
    /// Samples of the pending terms, or work space.
    panels: [Matrix<F>; 2],
    /// The terms that wait for [`Products::update`].
    pending: Pending,
}

/// Terms of a gradient that wait for the update.
#[derive(Debug, Clone, Copy, Default)]
enum Pending {
    #[default]
    Nothing,
    /// Scaled coefficients at the active pairs, and packed samples.
    Sparse(InstructionSet),
    /// All coefficients of a batch as they were given, and packed samples.
    Dense { set: InstructionSet, batch: usize, scale: f32 },
}

impl<F: Real> Products<F> {
    /// Memory for batches of up to `batch` samples of `inputs` inputs.
    pub fn new(batch: usize, inputs: usize, hidden: usize) -> Self {
        // Pairs are numbered in 32 bits; larger batches are always dense.
        let countable = batch.checked_mul(hidden).is_some_and(|pairs| u32::try_from(pairs).is_ok());
        let set = F::single(&[]).and_then(|_| InstructionSet::best()).filter(|_| countable);
        let (batch, hidden) = if countable { (batch, hidden) } else { (0, 0) };
        let panel = || Matrix::zeros(1, panel_len(batch, inputs));
        let coefficients = || vec![F::zero(); batch * hidden];
        Self {
            set,
            team: Team::alone(),
            sparse_below: set.map_or(0, |set| ShapeClass::Small.sparse_below(set)),
            sparse: false,
            pairs: ActivePairs::with_capacity(batch, hidden),
            coefficients: [coefficients(), coefficients()],
            panels: [panel(), panel()],
            pending: Pending::Nothing,
        }
    }

    /// The same products, shared by the threads of `team`.
    pub fn with_team(mut self, team: Team) -> Self {
        self.team = team;
        self
    }

    /// The same products, with the limit of `class` between sparse and dense batches.
    #[must_use]
    pub fn with_shape_class(mut self, class: ShapeClass) -> Self {
        self.sparse_below = self.set.map_or(0, |set| class.sparse_below(set));
        self
    }

    /// The threads that share the products.
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// Makes every following batch sparse if the activation allows it.
    #[cfg(test)]
    pub(crate) fn always_sparse(&mut self) {
        self.sparse_below = usize::MAX;
    }

    /// a ← W x \[B, m\] for `input` \[B, n\].
    pub fn encode(&self, a: ArrayViewMut2<'_, F>, input: ArrayView2<'_, F>, weights: ArrayView2<'_, F>) {
        dots(&self.team, a, Write::Replace, input, weights);
    }

    /// Begins a batch with the outputs `hidden` \[B, m\]; `vanishes`: a unit with output 0 also has slope and curvature 0. Pending
    /// terms of the previous batch are discarded.
    pub fn begin(&mut self, hidden: ArrayView2<'_, F>, vanishes: bool) {
        let hidden = values(&hidden);
        self.pending = Pending::Nothing;
        self.sparse = vanishes && self.sparse_below > 0;
        if self.sparse {
            let active = self.pairs.mark(hidden) * 1000 / hidden.len().max(1);
            self.sparse = active < self.sparse_below;
        }
        if self.sparse {
            self.pairs.list();
        }
    }

    /// out ← \[out +\] lhs Wᵀ for lhs \[B, n\] and out \[B, m\]. At inactive pairs of a sparse batch the product counts as 0.
    pub fn project(
        &mut self,
        mut out: ArrayViewMut2<'_, F>,
        write: Write,
        lhs: ArrayView2<'_, F>,
        weights: ArrayView2<'_, F>,
    ) {
        if !self.sparse {
            return dots(&self.team, out, write, lhs, weights);
        }
        let columns = weights.ncols();
        let [at_pairs, _] = &mut self.coefficients;
        let (lhs, weights) = (values(&lhs), values(&weights));
        match for_kernels(self.set, lhs, weights) {
            Some((set, lhs, weights)) => {
                let panel = single_mut(self.panels[0].values_mut());
                let share = self.team.share(self.pairs.len().saturating_mul(columns));
                sparse::pack(set, lhs, columns, panel);
                sparse::project((set, share), &self.pairs, panel, weights, columns, single_mut(at_pairs));
            }
            None => plain::project(&self.pairs, lhs, weights, columns, at_pairs),
        }
        if write == Write::Replace {
            out.fill(F::zero());
        }
        self.pairs.scatter(at_pairs, write == Write::Add, values_mut(&mut out));
    }

    /// out ← coefficients W for coefficients \[B, m\], 0 at inactive pairs, and out \[B, n\].
    pub fn combine(
        &mut self,
        mut out: ArrayViewMut2<'_, F>,
        coefficients: ArrayView2<'_, F>,
        weights: ArrayView2<'_, F>,
    ) {
        let columns = weights.ncols();
        if !self.sparse {
            let set = self.tiled(coefficients.nrows(), weights.nrows(), columns);
            return match set {
                Some(set) => {
                    let share = self.team.share(coefficients.len().saturating_mul(columns));
                    let (coefficients, weights) = (single(values(&coefficients)), single(values(&weights)));
                    tiles::combine((set, share), coefficients, weights, single_view_mut(&mut out));
                }
                None => product(out, Write::Replace, F::one(), coefficients, weights),
            };
        }
        let [at_pairs, _] = &mut self.coefficients;
        self.pairs.by_sample(values(&coefficients), at_pairs);
        match self.set {
            Some(set) => {
                let share = self.team.share(self.pairs.len().saturating_mul(columns));
                let (weights, out) = (single_view(&weights), single_view_mut(&mut out));
                sparse::combine((set, share), &self.pairs, single(at_pairs), weights, out);
            }
            None => plain::combine(&self.pairs, at_pairs, values(&weights), columns, values_mut(&mut out)),
        }
    }

    /// gradient ← gradient + scale · Σ over the terms of coefficientsᵀ samples, for gradient \[m, n\] and coefficients that are 0
    /// at inactive pairs.
    ///
    /// # Panics
    /// If coefficients and samples come from different batches.
    pub fn add_outer(&mut self, mut gradient: ArrayViewMut2<'_, F>, scale: F, terms: [OuterSum<'_, F>; 2]) {
        self.add_last_outer(gradient.view_mut(), scale, terms);
        self.add_pending(gradient);
    }

    /// Like [`Products::add_outer`], for the last terms of a step. Terms with a kernel stay pending for [`Products::update`], which
    /// adds them in its own pass over the velocity.
    ///
    /// # Panics
    /// If coefficients and samples come from different batches.
    pub fn add_last_outer(
        &mut self,
        mut gradient: ArrayViewMut2<'_, F>,
        scale: F,
        terms: [OuterSum<'_, F>; 2],
    ) {
        let (batch, (units, columns)) = (terms[0].0.nrows(), gradient.dim());
        let mut batches =
            terms.iter().flat_map(|(coefficients, samples)| [coefficients.nrows(), samples.nrows()]);
        assert!(batches.all(|rows| rows == batch), "terms of several batches");
        self.pending = if self.sparse {
            self.pack_terms(scale, terms);
            if let Some(set) = self.set {
                Pending::Sparse(set)
            } else {
                let gradient = values_mut(&mut gradient);
                for (coefficients, panel) in self.coefficients.iter().zip(&self.panels) {
                    plain::add_outer(&self.pairs, coefficients, panel.values(), columns, gradient);
                }
                Pending::Nothing
            }
        } else if let Some(set) = self.tiled(batch, units, columns) {
            let buffers = self.coefficients.iter_mut().zip(&mut self.panels);
            for ((coefficients, samples), (kept, panel)) in terms.iter().zip(buffers) {
                let coefficients = values(coefficients);
                kept[..coefficients.len()].copy_from_slice(coefficients);
                tiles::pack(set, single(values(samples)), columns, single_mut(panel.values_mut()));
            }
            Pending::Dense { set, batch, scale: scale.as_f64() as f32 }
        } else {
            for (coefficients, samples) in terms {
                product(gradient.view_mut(), Write::Add, scale, coefficients.t(), samples);
            }
            Pending::Nothing
        };
    }

    /// Adds the pending terms to the gradient, for callers that need it without an update.
    pub fn add_pending(&mut self, mut gradient: ArrayViewMut2<'_, F>) {
        let pending = std::mem::take(&mut self.pending);
        let terms = self.terms(pending, gradient.nrows());
        if !matches!(terms, Terms::Nothing) {
            let (units, columns) = gradient.dim();
            let share = self.team.share(terms.multiplications(units, columns));
            terms.add_to(share, 0..units, single_mut(values_mut(&mut gradient)), columns);
        }
    }

    /// Adds the pending terms to the velocity and updates the rows; returns whether all rows are finite.
    pub fn update(&mut self, rows: RowUpdate<'_, F>) -> bool {
        let (units, columns) = (rows.radial.len(), rows.columns);
        let pending = std::mem::take(&mut self.pending);
        let terms = self.terms(pending, units);
        terms.update(self.team.share(terms.multiplications(units, columns)), 0..units, rows)
    }

    /// The kept terms of a batch, for weights of m = `units` rows.
    fn terms(&self, pending: Pending, units: usize) -> Terms<'_> {
        match pending {
            Pending::Nothing => Terms::Nothing,
            Pending::Sparse(set) => Terms::Sparse { set, pairs: &self.pairs, terms: self.packed_terms() },
            Pending::Dense { set, batch, scale } => {
                let terms = std::array::from_fn(|i| tiles::DenseTerm {
                    coefficients: &single(&self.coefficients[i])[..batch * units],
                    panel: single(self.panels[i].values()),
                    ahead: &[],
                });
                Terms::Dense { set, terms, scale, units }
            }
        }
    }

    /// The instruction set for a dense product in tiles; `None` if tiles are not used for this size.
    fn tiled(&self, samples: usize, units: usize, columns: usize) -> Option<InstructionSet> {
        self.set.filter(|_| tiles::are_used(samples, units, columns))
    }

    /// Gathers scale · coefficients at the active pairs and packs the samples of both terms.
    fn pack_terms(&mut self, scale: F, terms: [OuterSum<'_, F>; 2]) {
        let buffers = self.coefficients.iter_mut().zip(&mut self.panels);
        for ((coefficients, samples), (at_pairs, panel)) in terms.into_iter().zip(buffers) {
            self.pairs.by_unit(values(&coefficients), scale, at_pairs);
            let (columns, samples) = (samples.ncols(), values(&samples));
            match self.set.zip(F::single(samples)) {
                Some((set, samples)) => sparse::pack(set, samples, columns, single_mut(panel.values_mut())),
                None => panel.values_mut()[..samples.len()].copy_from_slice(samples),
            }
        }
    }

    /// The terms that [`Products::pack_terms`] packed.
    fn packed_terms(&self) -> [sparse::PackedTerm<'_>; 2] {
        std::array::from_fn(|i| sparse::PackedTerm {
            coefficients: single(&self.coefficients[i]),
            panel: single(self.panels[i].values()),
        })
    }
}

/// The instruction set and both slices as its kernels take them; `None` without kernels.
fn for_kernels<'a, F: Real>(
    set: Option<InstructionSet>,
    a: &'a [F],
    b: &'a [F],
) -> Option<(InstructionSet, &'a [f32], &'a [f32])> {
    Some((set?, F::single(a)?, F::single(b)?))
}

/// The row-major matrix `view` as [`single`].
fn single_view<'a, F: Real>(view: &'a ArrayView2<'_, F>) -> ArrayView2<'a, f32> {
    ArrayView2::from_shape(view.dim(), single(values(view))).expect("the same shape")
}

/// Like [`single_view`], mutable.
fn single_view_mut<'a, F: Real>(view: &'a mut ArrayViewMut2<'_, F>) -> ArrayViewMut2<'a, f32> {
    ArrayViewMut2::from_shape(view.dim(), single_mut(values_mut(view))).expect("the same shape")
}
