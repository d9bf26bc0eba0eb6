//! The products of one batch with W, over all pairs of sample and unit or over the active ones alone.
//!
//! Where an activation is exactly 0 together with its derivatives (ReLU), a unit that is off takes no part in the
//! decoder, and what comes back to it goes nowhere. Which way a batch takes follows from the number of its active
//! pairs and a constant of the instruction set, never from a clock, so that results don't depend on timing.

use super::active::ActivePairs;
use super::dense::{Write, product};
use super::dots::dots;
use super::lanes::InstructionSet;
use super::matrix::{Matrix, values, values_mut};
use super::rows::{REST, RowUpdate};
use super::screen::{Factors, Screen};
use super::{plain, screen, sparse, tiles};
use crate::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2};

/// Active pairs in a thousand of the batch before below which the next is screened. It changes no number: by measurement
/// (`cargo bench --bench step -- density`) screening is slower above.
const SCREEN_BELOW: usize = 100;

/// Rows of a dense gradient that are summed and moved at a time: they and the weights' rows stay in the second-level cache.
const ROWS: usize = 30;

/// One sum of outer products: coefficients \[B, m\] and samples \[B, n\].
pub type Outer<'a, F> = (ArrayView2<'a, F>, ArrayView2<'a, F>);

/// Products of batches of up to B samples with W \[m, n\], with their buffers.
#[derive(Debug)]
pub struct Products<F> {
    /// The instruction set of the kernels; `None`: plain loops for the sparse products, [`product`] for the dense ones.
    set: Option<InstructionSet>,
    /// What encodes a batch that is expected to leave most units off, where the processor can.
    screen: Option<Screen>,
    /// Active pairs in a thousand of the batch before.
    active: usize,
    /// Active pairs in a thousand below which the sparse way is taken.
    sparse_below: usize,
    /// Whether the batch at hand takes the sparse way.
    sparse: bool,
    pairs: ActivePairs,
    /// Values at the pairs; of the terms that are held, or work space.
    coefficients: [Vec<F>; 2],
    /// Packed samples of the terms that are held, or work space.
    panels: [Matrix<F>; 2],
    /// What is held for [`Products::update`].
    held: Held,
}

/// Terms of a gradient that wait for the update.
#[derive(Debug, Clone, Copy, Default)]
enum Held {
    #[default]
    Nothing,
    /// The coefficients at the active pairs, scaled, and packed samples.
    Sparse(InstructionSet),
    /// All coefficients and samples of a batch as they were given.
    Dense { set: InstructionSet, batch: usize, scale: f32 },
}

impl<F: Real> Products<F> {
    /// Memory for batches of up to `batch` samples of `inputs` inputs.
    pub fn new(batch: usize, inputs: usize, hidden: usize) -> Self {
        // Pairs are numbered in 32 bits; batches beyond that are all dense.
        let countable = batch.checked_mul(hidden).is_some_and(|pairs| u32::try_from(pairs).is_ok());
        let set = F::single(&[]).and_then(|_| InstructionSet::best()).filter(|_| countable);
        let (batch, hidden) = if countable { (batch, hidden) } else { (0, 0) };
        let panel = || Matrix::zeros(1, sparse::panel_len(batch, inputs));
        let coefficients = || vec![F::zero(); batch * hidden];
        Self {
            set,
            screen: set.filter(|_| screen::pays()).and_then(|_| Screen::new(batch, inputs, hidden)),
            active: 1000,
            sparse_below: set.map_or(0, InstructionSet::sparse_below),
            sparse: false,
            pairs: ActivePairs::with_capacity(batch, hidden),
            coefficients: [coefficients(), coefficients()],
            panels: [panel(), panel()],
            held: Held::Nothing,
        }
    }

    /// Takes the sparse way from now on wherever the activation allows it.
    #[cfg(test)]
    pub(crate) fn always_sparse(&mut self) {
        self.sparse_below = usize::MAX;
        self.active = 0;
    }

    /// a ← W x \[B, m\] for `input` \[B, n\] and units with the bias b \[m\] and the squared row lengths ‖W_j‖² \[m\].
    /// Where a unit `vanishes` below 0, only those a whose sum with the bias is positive are exact; the sums of the
    /// others are not positive either way, so the activation's outputs don't depend on how they were found.
    pub fn encode(
        &mut self,
        mut a: ArrayViewMut2<'_, F>,
        input: ArrayView2<'_, F>,
        weights: ArrayView2<'_, F>,
        bias: &[F],
        squared_norms: &[F],
        vanishes: bool,
    ) {
        match &mut self.screen {
            Some(screen) if vanishes && self.active < SCREEN_BELOW => {
                let factors = Factors {
                    lhs: single(values(&input)),
                    rows: single(values(&weights)),
                    bias: single(bias),
                    squared_norms: single(squared_norms),
                    columns: input.ncols(),
                };
                screen.dots(factors, single_mut(values_mut(&mut a)));
            }
            _ => dots(a, Write::Replace, input, weights),
        }
    }

    /// Begins a batch with the outputs `hidden` \[B, m\]; `vanishes` says that a unit whose output is 0 has slope and
    /// curvature 0 as well. Terms of the batch before that still wait are given up.
    pub fn begin(&mut self, hidden: ArrayView2<'_, F>, vanishes: bool) {
        let hidden = values(&hidden);
        self.held = Held::Nothing;
        self.sparse = vanishes && self.sparse_below > 0;
        if self.sparse {
            self.active = self.pairs.mark(hidden) * 1000 / hidden.len().max(1);
            self.sparse = self.active < self.sparse_below;
        }
        if self.sparse {
            self.pairs.list();
        }
    }

    /// out ← \[out +\] lhs Wᵀ for lhs \[B, n\] and out \[B, m\]; only the active pairs count, the others may be 0.
    pub fn project(
        &mut self,
        mut out: ArrayViewMut2<'_, F>,
        write: Write,
        lhs: ArrayView2<'_, F>,
        weights: ArrayView2<'_, F>,
    ) {
        if !self.sparse {
            return dots(out, write, lhs, weights);
        }
        let columns = weights.ncols();
        let [at_pairs, _] = &mut self.coefficients;
        let (lhs, weights) = (values(&lhs), values(&weights));
        match kernels(self.set, lhs, weights) {
            Some((set, lhs, weights)) => {
                let panel = single_mut(self.panels[0].values_mut());
                sparse::pack(set, lhs, columns, panel);
                sparse::project(set, &self.pairs, panel, weights, columns, single_mut(at_pairs));
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
            return match kernels(set, values(&coefficients), values(&weights)) {
                Some((set, coefficients, weights)) => {
                    tiles::combine(set, coefficients, weights, columns, single_mut(values_mut(&mut out)));
                }
                None => product(out, Write::Replace, F::one(), coefficients, weights),
            };
        }
        let [at_pairs, _] = &mut self.coefficients;
        self.pairs.by_sample(values(&coefficients), at_pairs);
        let (out, weights) = (values_mut(&mut out), values(&weights));
        match kernels(self.set, at_pairs, weights) {
            Some((set, at_pairs, weights)) => {
                sparse::combine(set, &self.pairs, at_pairs, weights, columns, single_mut(out));
            }
            None => plain::combine(&self.pairs, at_pairs, weights, columns, out),
        }
    }

    /// gradient ← gradient + scale · Σ over the terms of coefficientsᵀ samples, for gradient \[m, n\] and
    /// coefficients that are 0 at inactive pairs.
    pub fn add_outer(&mut self, mut gradient: ArrayViewMut2<'_, F>, scale: F, terms: [Outer<'_, F>; 2]) {
        let (units, columns) = gradient.dim();
        if self.sparse {
            self.take(scale, terms);
            return self.add_taken(values_mut(&mut gradient), columns);
        }
        match self.tiled(terms[0].0.nrows(), units, columns) {
            Some(set) => {
                let terms = terms.each_ref().map(|(coefficients, samples)| tiles::Term {
                    coefficients: single(values(coefficients)),
                    samples: single(values(samples)),
                    ahead: &[],
                });
                let gradient = single_mut(values_mut(&mut gradient));
                tiles::add_outer(set, terms, units, 0, scale.as_f64() as f32, gradient, columns);
            }
            None => {
                for (coefficients, samples) in terms {
                    product(gradient.view_mut(), Write::Add, scale, coefficients.t(), samples);
                }
            }
        }
    }

    /// The same for the last terms of a step; where they can, they wait for [`Products::update`], which adds them in
    /// its own pass over the velocity.
    ///
    /// # Panics
    /// If coefficients and samples are not those of one batch.
    pub fn add_last_outer(&mut self, gradient: ArrayViewMut2<'_, F>, scale: F, terms: [Outer<'_, F>; 2]) {
        let (batch, (units, columns)) = (terms[0].0.nrows(), gradient.dim());
        let set = if self.sparse { self.set } else { self.tiled(batch, units, columns) };
        self.held = match set {
            None => return self.add_outer(gradient, scale, terms),
            Some(set) if self.sparse => {
                self.take(scale, terms);
                Held::Sparse(set)
            }
            Some(set) => {
                let kept = self.coefficients.iter_mut().zip(&mut self.panels);
                for ((coefficients, samples), (kept, panel)) in terms.iter().zip(kept) {
                    assert!(
                        coefficients.nrows() == batch && samples.nrows() == batch,
                        "terms of several batches"
                    );
                    let (coefficients, samples) = (values(coefficients), values(samples));
                    kept[..coefficients.len()].copy_from_slice(coefficients);
                    panel.values_mut()[..samples.len()].copy_from_slice(samples);
                }
                Held::Dense { set, batch, scale: scale.as_f64() as f32 }
            }
        };
    }

    /// Adds terms that wait to the gradient, for those who want it without an update.
    pub fn add_held(&mut self, mut gradient: ArrayViewMut2<'_, F>) {
        let (units, columns) = gradient.dim();
        let gradient = values_mut(&mut gradient);
        match std::mem::take(&mut self.held) {
            Held::Nothing => {}
            Held::Sparse(_) => self.add_taken(gradient, columns),
            Held::Dense { set, batch, scale } => {
                let terms = self.held_terms(batch, units, columns, [&[]; 2]);
                tiles::add_outer(set, terms, units, 0, scale, single_mut(gradient), columns);
            }
        }
    }

    /// Adds terms that wait to the velocity and updates the rows; whether all are finite.
    pub fn update(&mut self, rows: RowUpdate<'_, F>) -> bool {
        match std::mem::take(&mut self.held) {
            Held::Nothing => rows.run(),
            Held::Sparse(set) => {
                let motion = sparse::Motion {
                    weights: single_mut(rows.weights),
                    momentum: rows.momentum.as_f64() as f32,
                    rest: REST as f32,
                    radial: single(rows.radial),
                    squared_norms: single_mut(rows.squared_norms),
                };
                let velocity = single_mut(rows.velocity);
                sparse::add_outer_and_move(set, &self.pairs, self.terms(), velocity, rows.columns, motion);
                rows.project()
            }
            Held::Dense { set, batch, scale } => {
                let (units, columns) = (rows.radial.len(), rows.columns);
                let mut finite = true;
                let mut chunks = rows.chunks(ROWS).peekable();
                let mut first = 0;
                while let Some(rows) = chunks.next() {
                    let next = chunks.peek().map(|next| [single(next.velocity), single(next.weights)]);
                    let terms = self.held_terms(batch, units, columns, next.unwrap_or_default());
                    let velocity = single_mut(rows.velocity);
                    tiles::add_outer(set, terms, units, first, scale, velocity, columns);
                    finite &= rows.run();
                    first += ROWS;
                }
                finite
            }
        }
    }

    /// The instruction set for a dense product in tiles, where they are the way.
    fn tiled(&self, samples: usize, units: usize, columns: usize) -> Option<InstructionSet> {
        self.set.filter(|_| tiles::serve(samples, units, columns))
    }

    /// The terms that wait as they were given; each is to bring one slice of `ahead` nearer.
    fn held_terms<'a>(
        &'a self,
        batch: usize,
        units: usize,
        columns: usize,
        ahead: [&'a [f32]; 2],
    ) -> [tiles::Term<'a>; 2] {
        std::array::from_fn(|i| tiles::Term {
            coefficients: &single(&self.coefficients[i])[..batch * units],
            samples: &single(self.panels[i].values())[..batch * columns],
            ahead: ahead[i],
        })
    }

    /// Gathers scale · coefficients and packs the samples of both terms.
    fn take(&mut self, scale: F, terms: [Outer<'_, F>; 2]) {
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

    fn add_taken(&self, gradient: &mut [F], columns: usize) {
        if let Some(set) = self.set {
            return sparse::add_outer(set, &self.pairs, self.terms(), single_mut(gradient), columns);
        }
        for (coefficients, panel) in self.coefficients.iter().zip(&self.panels) {
            plain::add_outer(&self.pairs, coefficients, panel.values(), columns, gradient);
        }
    }

    /// What [`Products::take`] took.
    fn terms(&self) -> [sparse::Term<'_>; 2] {
        std::array::from_fn(|i| sparse::Term {
            coefficients: single(&self.coefficients[i]),
            panel: single(self.panels[i].values()),
        })
    }
}

/// The instruction set and both slices for its kernels, if there are kernels.
fn kernels<'a, F: Real>(
    set: Option<InstructionSet>,
    a: &'a [F],
    b: &'a [F],
) -> Option<(InstructionSet, &'a [f32], &'a [f32])> {
    Some((set?, F::single(a)?, F::single(b)?))
}

/// The same slice, where an instruction set was chosen, which happens for `f32` alone.
fn single<F: Real>(values: &[F]) -> &[f32] {
    F::single(values).expect("kernels are chosen for f32 alone")
}

/// The same slice, where an instruction set was chosen.
fn single_mut<F: Real>(values: &mut [F]) -> &mut [f32] {
    F::single_mut(values).expect("kernels are chosen for f32 alone")
}
