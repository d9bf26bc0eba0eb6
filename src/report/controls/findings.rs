//! Tables of findings: a row for each case, with its means over seeds and a mark that compares the last mean with a margin or a
//! prediction.

use super::evidence::{BySeed, Evidence, minus};
use super::quantity::{ACTIVATION, Quantity};
use super::sweep::Facet;
use crate::report::claims::margins::MARGIN;
use crate::report::document::{Mark, Span, Table, Text};
use crate::report::figure::legend;
use crate::report::statistics::{Estimate, Interval};
use crate::report::text;
use crate::training::RunSpec;
use std::cmp::Ordering;

/// A row of a table: the runs of one model in one facet, at one σ².
pub(super) struct ControlCase<'r> {
    facet: &'r str,
    pub(super) runs: Evidence<'r>,
    /// The runs that they are compared with; may be empty.
    pub(super) other: Evidence<'r>,
    pub(super) sigma: f64,
}

/// A mark and its word.
pub(super) type Judgement = (Mark, &'static str);

/// A column: its head, and its cell for a case.
type ControlColumn<T> = (&'static str, fn(&ControlCase<'_>) -> T);

/// The description of a table of cases.
#[derive(Debug)]
pub(super) struct FindingsTable {
    /// The meaning of rows, columns and marks.
    pub(super) caption: &'static str,
    /// Whether a run has a row.
    pub(super) has_row: fn(&RunSpec) -> bool,
    /// Whether each σ² > 0 has a row; otherwise only the largest has.
    pub(super) by_sigma: bool,
    /// Whether the runs of a case (first argument) are compared with those of other settings on the page (second).
    pub(super) is_compared: fn(&RunSpec, &RunSpec) -> bool,
    /// Whether each model that a case is compared with makes its own row.
    pub(super) in_pairs: bool,
    /// Columns of words.
    pub(super) words: &'static [ControlColumn<String>],
    /// Columns of means over seeds; the last one is judged.
    pub(super) means: &'static [ControlColumn<Option<Estimate>>],
    pub(super) judge: Option<fn(&ControlCase<'_>, Estimate) -> Option<Judgement>>,
    /// The bounds that the size of the judged number is compared with.
    pub(super) margins: &'static [f64],
}

impl ControlCase<'_> {
    pub(super) fn spec(&self) -> &RunSpec {
        &self.runs.runs[0].stored.spec
    }

    pub(super) fn values(&self, quantity: Quantity) -> BySeed {
        self.runs.values_at(self.sigma, quantity.value)
    }

    /// The mean of `quantity` over the seeds.
    pub(super) fn mean(&self, quantity: Quantity) -> Option<Estimate> {
        quantity.estimate(&self.values(quantity))
    }

    /// The same at σ² = 0.
    pub(super) fn mean_at_zero(&self, quantity: Quantity) -> Option<Estimate> {
        quantity.estimate(&self.runs.values_at(0.0, quantity.value))
    }

    /// The change of the activation fraction since σ² = 0.
    pub(super) fn change(&self) -> BySeed {
        self.runs.change(self.sigma, ACTIVATION.value)
    }

    /// The same change of the runs that the case is compared with.
    pub(super) fn other_change(&self) -> BySeed {
        self.other.change(self.sigma, ACTIVATION.value)
    }

    /// [`ControlCase::change`] minus [`ControlCase::other_change`].
    pub(super) fn difference(&self) -> BySeed {
        minus(&self.change(), &self.other_change())
    }
}

impl FindingsTable {
    /// A table without columns, with a row for each model of each facet at the largest σ².
    pub(super) const BASE: Self = Self {
        caption: "",
        has_row: |_| true,
        by_sigma: false,
        is_compared: |_, _| false,
        in_pairs: false,
        words: &[],
        means: &[],
        judge: None,
        margins: &[MARGIN],
    };

    /// The table for `dataset`, with the facets' titles in the column `facet`, and its highlight if cases are judged.
    pub(super) fn table(&self, dataset: &str, facet: &str, facets: &[Facet<'_>]) -> (Table, Option<Text>) {
        let cases = self.cases(facets);
        let words = [facet, "model"].into_iter().chain(self.words.iter().map(|(head, _)| *head));
        let words: Vec<&str> = words.chain(self.judge.map(|_| "mark")).collect();
        let numbers = ["σ²", "seeds"].into_iter().chain(self.means.iter().map(|(head, _)| *head));
        let caption = format!("{dataset}: {} Brackets: 95 % interval over seeds.", self.caption);
        let table = Table::new(caption, &words, &numbers.collect::<Vec<_>>());
        (table.with(cases.iter().map(|case| self.row(case))), self.highlight(&cases))
    }

    fn cases<'r>(&self, facets: &'r [Facet<'r>]) -> Vec<ControlCase<'r>> {
        let mut cases = Vec::new();
        for (title, runs) in facets {
            for (_, runs) in runs.filter(self.has_row).by_model() {
                let is_other = |spec: &RunSpec| (self.is_compared)(&runs.runs[0].stored.spec, spec);
                let other = Evidence::joined(facets.iter().map(|(_, runs)| runs.filter(is_other)));
                let others = if self.in_pairs { other.by_model() } else { vec![(String::new(), other)] };
                let mut sigmas = if self.by_sigma { runs.sigmas() } else { vec![runs.last_sigma()] };
                sigmas.retain(|sigma| !self.by_sigma || *sigma > 0.0);
                let case = |other: &Evidence<'r>, sigma: f64| {
                    let (runs, other) = (runs.clone(), other.clone());
                    ControlCase { facet: title, runs, other, sigma }
                };
                cases.extend(
                    others.iter().flat_map(|(_, other)| sigmas.iter().map(|sigma| case(other, *sigma))),
                );
            }
        }
        cases
    }

    fn row(&self, case: &ControlCase<'_>) -> Vec<Text> {
        let mut row: Vec<Text> = vec![case.facet.into(), self.name(case).into()];
        row.extend(self.words.iter().map(|(_, words)| words(case).into()));
        if self.judge.is_some() {
            let mark = self.judged(case).map(|(_, (mark, word))| Span::Mark(mark, word.to_owned()).into());
            row.push(mark.unwrap_or_default());
        }
        row.extend([case.sigma.to_string().into(), case.runs.completed(case.sigma).to_string().into()]);
        row.extend(self.means.iter().map(|(_, mean)| text::or_absent(mean(case), text::estimate).into()));
        row
    }

    /// The model of a case, or both models of a pair.
    fn name(&self, case: &ControlCase<'_>) -> String {
        let name = |evidence: &Evidence<'_>| legend(&evidence.runs[0].stored.spec.regularizer.label());
        let other = if self.in_pairs { format!(" − {}", name(&case.other)) } else { String::new() };
        name(&case.runs) + &other
    }

    /// The judged number and its judgement.
    fn judged(&self, case: &ControlCase<'_>) -> Option<(Estimate, Judgement)> {
        let estimate = self.means.last()?.1(case)?;
        Some((estimate, self.judge?(case, estimate)?))
    }

    /// The case farthest from the nearest margin among those marked bad, or else among open ones; if all are good, the nearest to it.
    /// Says where its number is of one seed, and adds the numbers of good and of open cases.
    fn highlight(&self, cases: &[ControlCase<'_>]) -> Option<Text> {
        let judged = || cases.iter().filter_map(|case| Some((case, self.judged(case)?)));
        let rank = |(_, (estimate, (mark, _))): &(&ControlCase<'_>, (Estimate, Judgement))| {
            let distances = self.margins.iter().map(|margin| (estimate.mean.abs() - margin).abs());
            let distance = distances.fold(f64::INFINITY, f64::min);
            match mark {
                Mark::Bad => (2, distance),
                Mark::Open => (1, distance),
                Mark::Good => (0, -distance),
            }
        };
        let most = judged().max_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(Ordering::Equal));
        let (case, (estimate, (mark, word))) = most?;
        let count = |mark| judged().filter(|(_, (_, (marked, _)))| *marked == mark).count();
        let (facet, name, sigma, number) =
            (case.facet, self.name(case), case.sigma, text::estimate(estimate));
        let one_seed = if estimate.interval.is_none() { " with one seed" } else { "" };
        let case = format!("{facet}, {name}, σ² = {sigma}: {number}{one_seed} ");
        let open = match count(Mark::Open) {
            0 => String::new(),
            open => format!(", {open} open"),
        };
        let tally = format!(" ({} of {} as expected{open})", count(Mark::Good), judged().count());
        Some(Text::from(case).then(Span::Mark(mark, word.to_owned())).then(tally))
    }
}

/// Compares a difference with ±[`MARGIN`]: its interval, or its only value, is below, within or above; `None` where the interval
/// is on more than one side.
pub(super) fn against_margin(difference: Estimate) -> Option<Ordering> {
    let side = |bound: f64| match () {
        () if bound < -MARGIN => Ordering::Less,
        () if bound > MARGIN => Ordering::Greater,
        () => Ordering::Equal,
    };
    let Interval { low, high } =
        difference.interval.unwrap_or(Interval { low: difference.mean, high: difference.mean });
    (side(low) == side(high)).then(|| side(low))
}

/// The judgement of a difference: `judgements` are for below, within and above the margin.
pub(super) fn mark(difference: Estimate, judgements: [Judgement; 3]) -> Option<Judgement> {
    let place = against_margin(difference).map(|side| (side as i8 + 1) as usize);
    Some(place.map_or((Mark::Open, "open"), |place| judgements[place]))
}
