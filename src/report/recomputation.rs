//! Stored runs that were trained again: whether every number comes out as it is stored.
//!
//! On the instruction set that a run was computed on, every stored number must come out bit for bit. Elsewhere sums are rounded in
//! another order, which over a whole training grows to a difference like that of another seed: then only the activation fraction and
//! the number of dead units after the last epoch are compared, within tolerances.

use super::compare::ComparedCell;
use super::document::{Block, Mark, Section, Span, Table, Text};
use super::text::{ABSENT, counted, list};
use crate::store::{AXES, Record, StoredRun};
use crate::training::{Activity, METRICS, Metric};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// The largest difference of activation fractions after the last epoch that rounding explains: the largest that was found when 45 runs
/// of 1000 units were trained again with another order of sums, see docs/findings.md.
pub const FRACTION_TOLERANCE: f64 = 0.003;

/// The same for the number of dead units, as a share of all units.
pub const DEAD_TOLERANCE: f64 = 0.027;

/// The metric of [`FRACTION_TOLERANCE`].
const FRACTION: &str = "avg_activation_fraction";

/// Number of units of the runs with which the tolerances were found; in smaller networks one unit weighs more.
const TOLERANCE_UNITS: usize = 1000;

/// Number of different numbers of one run that the table shows. The JSON has all.
const SHOWN: usize = 5;

/// Runs that were drawn from the stored ones and trained again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recomputation {
    /// Seed of the draw: the same results and the same seed give the same runs.
    pub seed: u64,
    /// Number of completed runs that the draw was from.
    pub completed_runs: usize,
    /// The instruction set that they were trained on now.
    pub instruction_set: &'static str,
    /// The drawn runs, in the order of the results.
    pub runs: Vec<RecomputedRun>,
}

/// A drawn run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecomputedRun {
    /// The name of its results folder.
    pub folder: String,
    /// Its key.
    pub run_key: String,
    /// The name of its data set.
    pub dataset: String,
    /// Its settings.
    #[serde(flatten)]
    pub cell: ComparedCell,
    /// The instruction sets that the stored numbers were computed on, the latest first.
    pub stored_on: Vec<String>,
    /// Its activation fraction and dead units after the last epoch, stored and recomputed; empty where either run has none.
    pub last: Vec<ComparedNumber>,
    /// The result.
    #[serde(flatten)]
    pub result: RecomputationResult,
}

/// The result of training a run again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RecomputationResult {
    /// Every stored number came out bit for bit.
    Identical,
    /// The run was stored on another instruction set, and its results are within the tolerances.
    WithinTolerance,
    /// Numbers differ.
    Different {
        /// The numbers that differ.
        differences: Vec<ComparedNumber>,
    },
    /// The run was stored on another instruction set, and its results differ by more than the tolerances, which are not known for a
    /// network of its size.
    NotComparable {
        /// The numbers that differ.
        differences: Vec<ComparedNumber>,
    },
    /// It was not trained again.
    Skipped {
        /// Why.
        reason: String,
    },
    /// Its training was interrupted.
    Interrupted,
    /// Its training panicked, which is a fault in the program.
    Failed {
        /// The panic's message.
        message: String,
    },
}

/// A number as it is stored and as it came out again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedNumber {
    /// Its name in the record: `reconstruction`, `activity.active_samples[3]`, `status`.
    pub quantity: String,
    /// The epoch that it was measured after; absent for what a run has once.
    pub epoch: Option<u32>,
    /// The stored number.
    pub stored: Json,
    /// The number now; `null` where there is none.
    pub recomputed: Json,
}

impl ComparedNumber {
    fn new(quantity: impl Into<String>, epoch: Option<u32>, stored: Json, recomputed: Json) -> Self {
        Self { quantity: quantity.into(), epoch, stored, recomputed }
    }
}

impl RecomputedRun {
    /// The run `stored` with its `result`; `now` is its record from this training, if it was trained.
    pub fn new(stored: &StoredRun, now: Option<&Record>, result: RecomputationResult) -> Self {
        let sets = stored.record.processors().map(|processor| processor.instruction_set.clone());
        Self {
            folder: stored.name.clone(),
            run_key: stored.record.run_key.clone(),
            dataset: stored.dataset.clone(),
            cell: ComparedCell(stored.spec.clone()),
            stored_on: sets.collect(),
            last: now.map_or_else(Vec::new, |now| last_numbers(&stored.record, now)),
            result,
        }
    }

    /// `fig1_mnist/1f0c9a77b2d35e48`
    pub fn name(&self) -> String {
        format!("{}/{}", self.folder, self.run_key)
    }
}

impl Recomputation {
    /// Whether a number of some run differs, or a training failed.
    pub fn found_differences(&self) -> bool {
        use RecomputationResult::{Different, Failed};
        self.runs.iter().any(|run| matches!(run.result, Different { .. } | Failed { .. }))
    }

    /// Number of runs whose training was interrupted.
    pub fn interrupted(&self) -> usize {
        self.runs.iter().filter(|run| run.result == RecomputationResult::Interrupted).count()
    }

    /// A table of the runs and of the numbers that differ, and a tally.
    pub fn block(&self) -> Block {
        let runs = Table::new("", &["run", "settings", "result"], &[]).with(self.runs.iter().map(row));
        let heads = ["epoch", "stored", "recomputed"];
        let numbers = Table::new("", &["run", "number"], &heads).with(self.runs.iter().flat_map(number_rows));
        let title =
            format!("RECOMPUTED {} of {}", self.runs.len(), counted(self.completed_runs, "completed run"));
        let seed = format!("Drawn with --seed {}, trained on {}.", self.seed, self.instruction_set);
        let mut blocks = vec![
            Block::Table(runs),
            Block::Table(numbers),
            Block::paragraph(Span::Strong(self.tally())),
            Block::note(seed),
        ];
        let sets: BTreeSet<&String> = self.runs.iter().flat_map(|run| &run.stored_on).collect();
        if sets.iter().any(|set| *set != self.instruction_set) {
            blocks.push(Block::note(format!(
                "Runs that were stored on {} may differ by {FRACTION_TOLERANCE} in the activation fraction and by {} of 1000 units \
                 in the number of dead ones.",
                list(sets.iter().filter(|set| **set != self.instruction_set)),
                DEAD_TOLERANCE * 1000.0
            )));
        }
        Block::Section(Section::new("recomputed", title, blocks))
    }

    /// `3 runs: 2 identical, 1 different.`
    fn tally(&self) -> String {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for run in &self.runs {
            let (_, words) = run.result.mark();
            match counts.iter_mut().find(|(known, _)| *known == words) {
                Some((_, count)) => *count += 1,
                None => counts.push((words, 1)),
            }
        }
        let counts: Vec<String> = counts.iter().map(|(words, count)| format!("{count} {words}")).collect();
        format!("{}: {}.", counted(self.runs.len(), "run"), counts.join(", "))
    }
}

impl RecomputationResult {
    /// The comparison of the record `stored` with the record `now` of the same run, trained again.
    pub fn of(stored: &Record, now: &Record) -> Self {
        let here = &now.processor.instruction_set;
        if stored.processors().all(|processor| processor.instruction_set == *here) {
            let differences = exact_differences(stored, now);
            return if differences.is_empty() { Self::Identical } else { Self::Different { differences } };
        }
        let differences = large_differences(stored, now);
        if differences.is_empty() {
            Self::WithinTolerance
        } else if stored.spec.hidden < TOLERANCE_UNITS && stored.status == now.status {
            Self::NotComparable { differences }
        } else {
            Self::Different { differences }
        }
    }

    fn mark(&self) -> (Mark, &'static str) {
        match self {
            Self::Identical => (Mark::Good, "identical"),
            Self::WithinTolerance => (Mark::Good, "within tolerance"),
            Self::Different { .. } => (Mark::Bad, "different"),
            Self::NotComparable { .. } => (Mark::Open, "not comparable here"),
            Self::Skipped { .. } => (Mark::Open, "skipped"),
            Self::Interrupted => (Mark::Open, "interrupted"),
            Self::Failed { .. } => (Mark::Bad, "failed"),
        }
    }

    fn differences(&self) -> &[ComparedNumber] {
        match self {
            Self::Different { differences } | Self::NotComparable { differences } => differences,
            _ => &[],
        }
    }
}

/// The row of a run: its settings and its result.
fn row(run: &RecomputedRun) -> Vec<Text> {
    let settings = AXES.iter().map(|axis| {
        let value = axis.setting_cell(&run.cell.0).to_text();
        match axis.name {
            "sigma_squared" => format!("σ² = {value}"),
            "activation" | "constraint" | "regularizer" => value,
            name => format!("{} {value}", name.replace('_', " ")),
        }
    });
    let settings: Vec<String> = std::iter::once(run.dataset.clone()).chain(settings).collect();
    let (mark, words) = run.result.mark();
    vec![run.name().into(), settings.join(", ").into(), Span::Mark(mark, words.to_owned()).into()]
}

/// A row for each of the first numbers of a run that differ, or for its last numbers if none differs.
fn number_rows(run: &RecomputedRun) -> Vec<Vec<Text>> {
    let differences = run.result.differences();
    let row = |(place, found): (usize, &ComparedNumber)| {
        let name = if place == 0 { run.name() } else { String::new() };
        let epoch = found.epoch.map(|epoch| epoch.to_string()).unwrap_or_default();
        let [stored, recomputed] = [&found.stored, &found.recomputed].map(|value| match value {
            Json::Null => ABSENT.to_owned(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        });
        [&name, &found.quantity, &epoch, &stored, &recomputed].map(|text| Text::from(text.as_str())).into()
    };
    let shown = if differences.is_empty() { run.last.as_slice() } else { differences };
    let mut rows: Vec<Vec<Text>> = shown.iter().take(SHOWN).enumerate().map(row).collect();
    if differences.len() > SHOWN {
        let more = format!("and {} more", counted(differences.len() - SHOWN, "number"));
        rows.push(["", &more, "", "", ""].map(Text::from).into());
    }
    rows
}

/// Every number of `stored` that is not the same in `now`, bit for bit.
fn exact_differences(stored: &Record, now: &Record) -> Vec<ComparedNumber> {
    let mut found: Vec<ComparedNumber> = status_difference(stored, now).into_iter().collect();
    for measured in &stored.measurements {
        let again = now.measurements.iter().find(|other| other.epoch == measured.epoch);
        for metric in METRICS {
            let [before, after] =
                [Some(measured), again].map(|one| json!(one.and_then(|one| metric.number(one))));
            // A metric that was added later is missing in earlier records.
            if !before.is_null() && before != after {
                found.push(ComparedNumber::new(metric.name, Some(measured.epoch), before, after));
            }
        }
    }
    if let Some(activity) = &stored.activity {
        for (name, counts) in named_counts(activity) {
            let again = now.activity.as_ref().map(named_counts);
            let again = again
                .iter()
                .flatten()
                .find(|(other, _)| *other == name)
                .map_or(&[][..], |(_, counts)| counts);
            found.extend(
                counts.iter().enumerate().filter(|(place, count)| again.get(*place) != Some(count)).map(
                    |(place, count)| {
                        let quantity = format!("activity.{name}[{place}]");
                        ComparedNumber::new(quantity, None, json!(count), json!(again.get(place)))
                    },
                ),
            );
        }
    }
    found
}

fn named_counts(activity: &Activity) -> [(&'static str, &[u64]); 3] {
    let Activity { active_samples, pairs_above, units_never_above } = activity;
    [
        ("active_samples", active_samples),
        ("pairs_above", pairs_above),
        ("units_never_above", units_never_above),
    ]
}

/// The numbers after the last epoch that differ by more than rounding explains.
fn large_differences(stored: &Record, now: &Record) -> Vec<ComparedNumber> {
    let tolerance = |number: &ComparedNumber| {
        if number.quantity == FRACTION {
            FRACTION_TOLERANCE
        } else {
            DEAD_TOLERANCE * stored.spec.hidden as f64
        }
    };
    let value = |number: &Json| number.as_f64().unwrap_or(f64::NAN);
    // The bound itself belongs to the tolerance, whatever the rounding of the difference.
    let is_large = |number: &ComparedNumber| {
        (value(&number.stored) - value(&number.recomputed)).abs() > tolerance(number) + 1e-12
    };
    let large = last_numbers(stored, now).into_iter().filter(is_large);
    status_difference(stored, now).into_iter().chain(large).collect()
}

/// The activation fraction and the number of dead units after the last epoch; empty where a run has no result.
fn last_numbers(stored: &Record, now: &Record) -> Vec<ComparedNumber> {
    let (Some(before), Some(after)) = (stored.result(), now.result()) else { return Vec::new() };
    let compared = METRICS.iter().filter(|metric| [FRACTION, "dead_units"].contains(&metric.name));
    let number = |metric: &Metric| {
        let [before_number, after_number] = [before, after].map(|one| json!(metric.number(one)));
        ComparedNumber::new(metric.name, Some(before.epoch), before_number, after_number)
    };
    compared.map(number).collect()
}

fn status_difference(stored: &Record, now: &Record) -> Option<ComparedNumber> {
    let differs = stored.status != now.status;
    differs.then(|| {
        let [stored, now] = [stored, now].map(|record| json!(record.status)["status"].clone());
        ComparedNumber::new("status", None, stored, now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;
    use crate::training::Status;

    /// A record of a network of `hidden` units, a share `dead` of them dead.
    fn record(hidden: usize, fraction: f64, dead: f64) -> Record {
        let run =
            runs("sweep = { sigma_squared = [0.5], regularizer = ['dae'] }", |_| Some((fraction, dead)));
        let mut record = (*run[0].record).clone();
        record.spec.hidden = hidden;
        record.run_key = record.spec.key();
        record.measurements[0].dead_units = (dead * hidden as f64).round() as u64;
        record
    }

    fn elsewhere(mut record: Record) -> Record {
        record.processor.instruction_set = "another".to_owned();
        record
    }

    #[test]
    fn on_the_same_instruction_set_every_number_counts() {
        let stored = record(1000, 0.5, 0.25);
        assert_eq!(RecomputationResult::of(&stored, &stored), RecomputationResult::Identical);
        let mut now = stored.clone();
        let last = now.measurements.last_mut().unwrap();
        last.reconstruction = last.reconstruction.next_up();
        let result = RecomputationResult::of(&stored, &now);
        let [difference] = result.differences() else { panic!("{result:?}") };
        assert_eq!((difference.quantity.as_str(), difference.epoch), ("reconstruction", Some(1)));
        assert_ne!(difference.stored, difference.recomputed);

        let mut of_a_unit = stored.clone();
        of_a_unit.activity =
            Some(Activity { active_samples: vec![7, 8], pairs_above: vec![1], units_never_above: vec![0] });
        let mut other_unit = of_a_unit.clone();
        other_unit.activity.as_mut().unwrap().active_samples[1] = 9;
        let result = RecomputationResult::of(&of_a_unit, &other_unit);
        let expected = ComparedNumber::new("activity.active_samples[1]", None, json!(8), json!(9));
        assert_eq!(result, RecomputationResult::Different { differences: vec![expected] });
        // An earlier record has fewer numbers.
        assert_eq!(RecomputationResult::of(&stored, &of_a_unit), RecomputationResult::Identical);

        let mut diverged = stored.clone();
        diverged.status = Status::Diverged { epoch: 1, step: 2 };
        diverged.measurements.clear();
        let result = RecomputationResult::of(&stored, &diverged);
        let first = &result.differences()[0];
        assert_eq!((&first.stored, &first.recomputed), (&json!("completed"), &json!("diverged")));
        assert!(result.differences()[1..].iter().all(|difference| difference.recomputed.is_null()));
    }

    #[test]
    fn elsewhere_the_results_are_compared_within_tolerances() {
        let stored = elsewhere(record(1000, 0.5, 0.25));
        let result = |fraction, dead| RecomputationResult::of(&stored, &record(1000, fraction, dead));
        assert_eq!(result(0.503, 0.277), RecomputationResult::WithinTolerance);
        let quantities = |result: &RecomputationResult| {
            result.differences().iter().map(|difference| difference.quantity.clone()).collect::<Vec<_>>()
        };
        let different = result(0.5031, 0.25);
        assert_eq!(quantities(&different), ["avg_activation_fraction"]);
        assert!(matches!(different, RecomputationResult::Different { .. }));
        assert_eq!(quantities(&result(0.5, 0.278)), ["dead_units"]);
        // A run that was resumed elsewhere has numbers of both.
        let mut resumed = record(1000, 0.5, 0.25);
        resumed.earlier_processors = vec![stored.processor.clone()];
        let now = record(1000, 0.501, 0.25);
        assert_eq!(RecomputationResult::of(&resumed, &now), RecomputationResult::WithinTolerance);
        // How far rounding moves a small network is not known.
        let small = RecomputationResult::of(&elsewhere(record(100, 0.5, 0.25)), &record(100, 0.6, 0.25));
        assert!(matches!(small, RecomputationResult::NotComparable { .. }), "{small:?}");
    }
}
