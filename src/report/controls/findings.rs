//! Findings as tables: a row for each case, its numbers over seeds, and a mark where a margin is passed or a prediction fails.

use super::evidence::{BySeed, Evidence, estimate, less};
use super::quantity::{ACTIVATION, Quantity};
use super::sweep::Facet;
use crate::report::claims::margins::MARGIN;
use crate::report::document::{Mark, Span, Table, Text};
use crate::report::figure::legend;
use crate::report::statistics::{Estimate, Interval};
use crate::report::text;
use crate::training::RunSpec;
use std::cmp::Ordering;

/// The runs of one model in one facet, looked at at one σ².
pub(super) struct Case<'r> {
    facet: &'r str,
    pub(super) runs: Evidence<'r>,
    /// What they are held against; may be empty.
    pub(super) other: Evidence<'r>,
    pub(super) sigma: f64,
}

/// A mark and its word.
pub(super) type Judgement = (Mark, &'static str);

/// A column: its head, and how its cell follows.
type Column<T> = (&'static str, fn(&Case<'_>) -> T);

/// A table of cases.
#[derive(Debug)]
pub(super) struct Findings {
    /// What the rows are, what the columns are, and what a mark means.
    pub(super) caption: &'static str,
    /// Which runs have rows.
    pub(super) listed: fn(&RunSpec) -> bool,
    /// Whether each σ² > 0 has a row; otherwise the largest alone.
    pub(super) by_sigma: bool,
    /// Which runs of the page those of a case are held against.
    pub(super) against: fn(&RunSpec, &RunSpec) -> bool,
    /// Whether each model that a case is held against makes a case of its own.
    pub(super) in_pairs: bool,
    /// Columns of words.
    pub(super) words: &'static [Column<String>],
    /// Columns of means over seeds; the last one is judged.
    pub(super) means: &'static [Column<BySeed>],
    pub(super) judge: Option<fn(&Case<'_>, Estimate) -> Option<Judgement>>,
}

impl Case<'_> {
    pub(super) fn spec(&self) -> &RunSpec {
        &self.runs.runs[0].stored.spec
    }

    pub(super) fn at(&self, quantity: Quantity) -> BySeed {
        self.runs.at(self.sigma, quantity.value)
    }

    /// The change of the activation fraction since σ² = 0.
    pub(super) fn change(&self) -> BySeed {
        self.runs.change(self.sigma, ACTIVATION.value)
    }

    /// The same of what the case is held against.
    pub(super) fn other_change(&self) -> BySeed {
        self.other.change(self.sigma, ACTIVATION.value)
    }

    /// [`Case::change`] minus [`Case::other_change`].
    pub(super) fn difference(&self) -> BySeed {
        less(&self.change(), &self.other_change())
    }
}

impl Findings {
    /// A row for each model of each facet at the largest σ², without columns.
    pub(super) const BASE: Self = Self {
        caption: "",
        listed: |_| true,
        by_sigma: false,
        against: |_, _| false,
        in_pairs: false,
        words: &[],
        means: &[],
        judge: None,
    };

    /// The table on a data set, with the facets under the head `facet`, and where cases are judged the one that says most.
    pub(super) fn of(&self, dataset: &str, facet: &str, facets: &[Facet<'_>]) -> (Table, Option<Text>) {
        let cases = self.cases(facets);
        let words = [facet, "model"].into_iter().chain(self.words.iter().map(|(head, _)| *head));
        let words: Vec<&str> = words.chain(self.judge.map(|_| "mark")).collect();
        let numbers = ["σ²", "seeds"].into_iter().chain(self.means.iter().map(|(head, _)| *head));
        let caption = format!("{dataset}: {} Brackets: 95 % interval over seeds.", self.caption);
        let table = Table::new(caption, &words, &numbers.collect::<Vec<_>>());
        (table.with(cases.iter().map(|case| self.row(case))), self.telling(&cases))
    }

    fn cases<'r>(&self, facets: &'r [Facet<'r>]) -> Vec<Case<'r>> {
        let mut cases = Vec::new();
        for (title, runs) in facets {
            for (_, runs) in runs.filter(self.listed).by_model() {
                let is_other = |spec: &RunSpec| (self.against)(&runs.runs[0].stored.spec, spec);
                let other = Evidence::joined(facets.iter().map(|(_, runs)| runs.filter(is_other)));
                let others = if self.in_pairs { other.by_model() } else { vec![(String::new(), other)] };
                let mut sigmas = if self.by_sigma { runs.sigmas() } else { vec![runs.last_sigma()] };
                sigmas.retain(|sigma| !self.by_sigma || *sigma > 0.0);
                let case = |other: &Evidence<'r>, sigma: f64| {
                    let (runs, other) = (runs.clone(), other.clone());
                    Case { facet: title, runs, other, sigma }
                };
                cases.extend(
                    others.iter().flat_map(|(_, other)| sigmas.iter().map(|sigma| case(other, *sigma))),
                );
            }
        }
        cases
    }

    fn row(&self, case: &Case<'_>) -> Vec<Text> {
        let mut row: Vec<Text> = vec![case.facet.into(), self.name(case).into()];
        row.extend(self.words.iter().map(|(_, words)| words(case).into()));
        if self.judge.is_some() {
            let mark = self.judged(case).map(|(_, (mark, word))| Span::Mark(mark, word.to_owned()).into());
            row.push(mark.unwrap_or_default());
        }
        row.extend([case.sigma.to_string().into(), case.runs.completed(case.sigma).to_string().into()]);
        let mean = |values: BySeed| text::or_absent(estimate(&values), text::estimate);
        row.extend(self.means.iter().map(|(_, values)| mean(values(case)).into()));
        row
    }

    /// The model of a case, or of a pair both.
    fn name(&self, case: &Case<'_>) -> String {
        let name = |evidence: &Evidence<'_>| legend(&evidence.runs[0].stored.spec.regularizer.label());
        let other = if self.in_pairs { format!(" − {}", name(&case.other)) } else { String::new() };
        name(&case.runs) + &other
    }

    /// The number that is judged, and the judgement.
    fn judged(&self, case: &Case<'_>) -> Option<(Estimate, Judgement)> {
        let estimate = estimate(&self.means.last()?.1(case))?;
        Some((estimate, self.judge?(case, estimate)?))
    }

    /// Of the cases against what is expected the one farthest from the margin, or else of those as expected the nearest to it;
    /// and how many are as expected.
    fn telling(&self, cases: &[Case<'_>]) -> Option<Text> {
        let judged = || cases.iter().filter_map(|case| Some((case, self.judged(case)?)));
        let rank = |(_, (estimate, (mark, _))): &(&Case<'_>, (Estimate, Judgement))| {
            let distance = (estimate.mean.abs() - MARGIN).abs();
            match mark {
                Mark::Bad => (2, distance),
                Mark::Open => (1, distance),
                Mark::Good => (0, -distance),
            }
        };
        let most = judged().max_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(Ordering::Equal));
        let (case, (estimate, (mark, word))) = most?;
        let good = judged().filter(|(_, (_, (mark, _)))| *mark == Mark::Good).count();
        let (facet, name, sigma, number) =
            (case.facet, self.name(case), case.sigma, text::estimate(estimate));
        let case = format!("{facet}, {name}, σ² = {sigma}: {number} ");
        let tally = format!(" ({good} of {} as expected)", judged().count());
        Some(Text::from(case).then(Span::Mark(mark, word.to_owned())).then(tally))
    }
}

/// What a difference is against ±[`MARGIN`]: whether all of its interval, or its only value, is below, within or above;
/// `None`: neither.
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

/// The judgement of a difference that is below, within or above the margin.
pub(super) fn mark(difference: Estimate, judgements: [Judgement; 3]) -> Option<Judgement> {
    let place = against_margin(difference).map(|side| (side as i8 + 1) as usize);
    Some(place.map_or((Mark::Open, "open"), |place| judgements[place]))
}
