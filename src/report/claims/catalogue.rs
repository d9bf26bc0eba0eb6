//! The claims of section 3, each with its place in the paper and the runs that it is about.

use super::curves::{Curves, LEARNING_RATE, Series};
use super::direction::{Directions, directions};
use super::equality::equal;
use super::finding::{Finding, Level};
use super::level::{floor, lower, onset_of_death};
use super::margins::{DEAD_FRACTION, DEATH_ONSET, DEATH_ONSET_TOLERANCE, FLOOR, FLOOR_TOLERANCE, MARGIN};
use super::sample::{Cells, Sample};
use super::trend::falls;
use super::verdict::{Claim, Part, Verdict};
use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind;
use crate::report::catalogue::{DATASETS, Dataset};
use crate::report::figure::{distinct, grouped};
use crate::report::text::{confidence_level, plain};

/// A claim before any results.
pub(super) struct Definition {
    id: &'static str,
    question: Question,
    activation: ActivationKind,
    constraint: &'static str,
    models: &'static [RegularizerKind],
    source: &'static str,
    statement: &'static str,
}

/// How a claim is put to the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Each model is as active at every σ² as at 0.
    Unchanged,
    /// The two models are equally active at every σ² > 0.
    Equal,
    /// Each model falls.
    Falls,
    /// Units die only below the paper's level.
    Onset,
    /// Each model stays above the paper's level.
    Floor,
    /// Each model has another direction on one data set than on the other.
    DataSetsDiffer,
    /// Each model has the direction that it has with sigmoid units.
    AsSigmoid,
    /// The model gets lower with unit-length weights than as it is, at the σ² of the sweep, before units die.
    LowerWithUnitNorm,
}

const UNIT_NORM: &str = "unit_norm";
const FREE: &str = "none";

macro_rules! claims {
    ($($id:literal $question:ident $activation:ident $constraint:ident [$($model:ident)+] $source:literal $statement:literal)+) => {
        &[$(Definition {
            id: $id,
            question: Question::$question,
            activation: ActivationKind::$activation,
            constraint: $constraint,
            models: &[$(RegularizerKind::$model),+],
            source: $source,
            statement: $statement,
        }),+]
    };
}

/// The claims, in order: id, question, runs, place in the paper, statement.
pub(super) const CLAIMS: &[Definition] = claims! {
    "1" Unchanged Relu UNIT_NORM [Cae Mdae] "§3.1, Figure 1"
        "ReLU, unit-length weights: CAE and mDAE are as active at every σ² as at 0"
    "2" Equal Relu UNIT_NORM [Cae Mdae] "§3.1, footnote 3, Figure 1"
        "ReLU, unit-length weights: CAE and mDAE are equally active at every σ²"
    "3" Falls Relu UNIT_NORM [Dae] "§3.1.1, Figure 1"
        "ReLU, unit-length weights: DAE gets less active as σ² grows"
    "4" Onset Relu UNIT_NORM [Dae] "§3.1, Figure 1"
        "ReLU, unit-length weights: DAE's units die only below an activation fraction of about 0.05"
    "5" Floor Relu FREE [Dae] "§3.1, Figure 2"
        "ReLU, free weights: DAE's activation fraction does not go below 0.1"
    "5a" Floor Relu FREE [Dae Cae Mdae KlSae] "§3.1, Figure 2, read of all its curves"
        "ReLU, free weights: the activation fraction of DAE, CAE, mDAE and SAE does not go below 0.1"
    "6" DataSetsDiffer Relu FREE [Cae Mdae] "§3.1, Figure 2"
        "ReLU, free weights: CAE and mDAE have other trends on MNIST than on CIFAR-10"
    "7" Falls Relu UNIT_NORM [Edae] "§3.1.1, Figure 3"
        "ReLU, unit-length weights: eDAE gets less active as σ² grows"
    "7u" Falls Relu FREE [Edae] "§3.1.1, Figure 3, where the constraint is not stated"
        "ReLU, free weights: eDAE gets less active as σ² grows"
    "8" Falls Sigmoid UNIT_NORM [Dae Cae Mdae KlSae] "§3.2, Figure 4"
        "Sigmoid, unit-length weights: DAE, CAE, mDAE and SAE get less active as σ² grows"
    "9" DataSetsDiffer Sigmoid FREE [Cae Mdae] "§3.2, Figure 5"
        "Sigmoid, free weights: CAE and mDAE have other trends on MNIST than on CIFAR-10"
    "10" AsSigmoid Softplus UNIT_NORM [Dae Cae Mdae KlSae] "footnote 4"
        "Softplus, unit-length weights: each model has the trend that it has with Sigmoid"
    "11" LowerWithUnitNorm Relu FREE [Dae] "§3.1"
        "ReLU: within the sweep and before units die, DAE gets sparser with unit-length weights than with free ones"
    "12" Falls Relu UNIT_NORM [KlSae] "Corollary 1, Figure 1"
        "ReLU, unit-length weights: SAE gets less active as σ² grows"
};

/// The claims, of the first, that are repeated at other learning rates.
pub(super) const REPEATED: usize = 3;

impl Definition {
    /// Whether there are runs on `dataset` that the claim compares.
    pub(super) fn has_runs(&self, curves: &Curves<'_>, learning_rate: f64, dataset: Dataset) -> bool {
        let contrasts = self.contrasts(&[dataset], learning_rate);
        contrasts.iter().flat_map(|(_, series)| series).any(|series| curves.get(series).is_ok())
    }

    /// The claim by `curves` of this learning rate, on `datasets`.
    pub(super) fn judge(&self, curves: &Curves<'_>, learning_rate: f64, datasets: &[Dataset]) -> Claim {
        let contrasts = self.contrasts(datasets, learning_rate);
        let series = contrasts.iter().flat_map(|(_, series)| series);
        let judged: Vec<_> = series.filter_map(|series| curves.get(series).ok()).collect();
        let mut notes = distinct(judged.iter().flat_map(|curve| curve.notes.iter().cloned()));
        for (_, absent) in DATASETS.iter().filter(|dataset| !datasets.contains(dataset)) {
            notes.push(format!("without {absent}, of which there are no runs at this learning rate"));
        }
        let level = Level { parts: self.contrasts(&DATASETS, learning_rate).len() };
        let part = |(label, series): (String, Vec<Series>)| self.part(curves, label, &series, level);
        let parts: Vec<Part> = contrasts.into_iter().map(part).collect();
        let verdict = Verdict::of_all(parts.iter().map(|part| part.verdict));
        let would = Verdict::of_all(parts.iter().map(|part| part.would.unwrap_or(part.verdict)));
        let is_undecided = verdict == Verdict::Undecided;
        Claim {
            id: self.id,
            learning_rate,
            repetition: learning_rate != LEARNING_RATE,
            statement: self.statement,
            source: self.source,
            contradicted_by: self.question.contradicted_by(),
            verdict,
            would: (is_undecided && would != Verdict::Undecided).then_some(would),
            exploratory: !is_undecided
                && parts.iter().any(|part| part.exploratory && part.verdict == verdict),
            parts,
            notes,
            folders: judged.iter().flat_map(|curve| curve.folders.iter().cloned()).collect(),
        }
    }

    /// The parts: each with its label and the curves that it compares.
    fn contrasts(&self, datasets: &[Dataset], learning_rate: f64) -> Vec<(String, Vec<Series>)> {
        type Case<'d> = (&'d Dataset, &'d RegularizerKind);
        let label = |(dataset, model): &Case<'_>| match self.question {
            Question::Equal => dataset.1.to_owned(),
            Question::DataSetsDiffer => model.legend().to_owned(),
            _ => format!("{}, {}", dataset.1, model.legend()),
        };
        let compared = |(dataset, model): Case<'_>| {
            let own = Series {
                dataset: dataset.0.to_owned(),
                activation: self.activation.name().to_owned(),
                constraint: self.constraint.to_owned(),
                regularizer: model.name().to_owned(),
                learning_rate,
            };
            match self.question {
                Question::AsSigmoid => {
                    vec![Series { activation: ActivationKind::Sigmoid.name().to_owned(), ..own.clone() }, own]
                }
                Question::LowerWithUnitNorm => {
                    vec![own.clone(), Series { constraint: UNIT_NORM.to_owned(), ..own }]
                }
                _ => vec![own],
            }
        };
        let cases = datasets.iter().flat_map(|dataset| self.models.iter().map(move |model| (dataset, model)));
        let contrasts = grouped(cases, label).into_iter();
        contrasts.map(|(label, cases)| (label, cases.into_iter().flat_map(compared).collect())).collect()
    }

    /// The part called `label` of the curves `series`: undecided with the reason where they can't be compared. With one seed it says
    /// what would follow. A verdict from other seeds than were fixed with the rules is exploratory.
    fn part(&self, curves: &Curves<'_>, label: String, series: &[Series], level: Level) -> Part {
        let shared = |name: fn(&Series) -> &String| {
            let first = name(&series[0]);
            series.iter().all(|other| name(other) == first).then(|| first.clone())
        };
        let part = Part {
            label,
            dataset: shared(|series| &series.dataset),
            regularizer: shared(|series| &series.regularizer),
            ..Part::default()
        };
        let sample = match self.question.sample(curves, series) {
            Ok(sample) => sample,
            Err(note) => return Part { note, ..part },
        };
        let Finding { measures, verdict, outlook, mut notes } = self.question.find(&sample, level);
        if sample.basis().spread.is_none() {
            notes.insert(0, NO_INTERVAL.to_owned());
        }
        notes.extend(sample.notes);
        let part = Part { measures, note: notes.join("; "), ..part };
        let is_decided = verdict != Verdict::Undecided;
        if sample.seeds.len() == 1 {
            return Part { would: is_decided.then_some(verdict), ..part };
        }
        let planned = 1..=self.question.last_seed(series[0].learning_rate);
        let exploratory = is_decided && sample.seeds.into_iter().ne(planned);
        Part { verdict, exploratory, outlook, ..part }
    }
}

const NO_INTERVAL: &str =
    "one seed, and its records have no counts by unit: no interval; other seeds, or training again, give one";

impl Question {
    /// The last of the seeds that were fixed with the rules, for runs at this rate.
    fn last_seed(self, learning_rate: f64) -> u64 {
        let is_about_equality = matches!(self, Self::Unchanged | Self::Equal);
        if is_about_equality && learning_rate == LEARNING_RATE { 10 } else { 3 }
    }

    /// The runs of the curves `series` that it takes to answer.
    ///
    /// # Errors
    /// What is missing, or that the curves were trained differently.
    fn sample(self, curves: &Curves<'_>, series: &[Series]) -> Result<Sample, String> {
        let (cells, must_be_active) = match self {
            Self::DataSetsDiffer | Self::AsSigmoid => (Cells::Ends, true),
            Self::Falls => (Cells::EveryOrEnds, true),
            Self::Unchanged | Self::Equal => (Cells::EveryOrAny, true),
            Self::Onset | Self::Floor | Self::LowerWithUnitNorm => (Cells::EveryOrAny, false),
        };
        let compared = series.iter().map(|series| curves.get(series)).collect::<Result<Vec<_>, _>>()?;
        Sample::new(&compared, cells, must_be_active, &curves.bootstrap)
    }

    /// What the runs show. A verdict that results at a σ² that is missing could overturn is none.
    fn find(self, sample: &Sample, level: Level) -> Finding {
        let mut finding = match self {
            Self::Unchanged | Self::Equal => equal(sample, level),
            Self::Falls => falls(sample, level),
            Self::Onset => onset_of_death(sample, level),
            Self::Floor => floor(sample, level),
            Self::DataSetsDiffer => {
                directions(sample, DATASETS.map(|(_, name)| name), Directions::Other, level)
            }
            Self::AsSigmoid => directions(sample, ["Sigmoid", "Softplus"], Directions::Same, level),
            Self::LowerWithUnitNorm => lower(sample, ["free", "unit-length"], level),
        };
        let hangs_on_every_sigma = match self {
            Self::DataSetsDiffer | Self::AsSigmoid => false,
            Self::LowerWithUnitNorm => true,
            _ => finding.verdict == Verdict::Supported,
        };
        if hangs_on_every_sigma && !sample.is_complete() {
            finding.verdict = Verdict::Undecided;
        }
        finding
    }

    /// The findings that would contradict the claim, in words.
    fn contradicted_by(self) -> String {
        let dead = confidence_level(DEAD_FRACTION);
        match self {
            Self::Unchanged => format!("at some σ² a model is certainly more than {MARGIN} from its σ² = 0"),
            Self::Equal => format!("at some σ² the two are certainly more than {MARGIN} apart"),
            Self::Falls => format!(
                "a model's drop from σ² = 0 to the largest is certainly below {MARGIN}, or from some σ² to a larger one it \
                 certainly rises by more than that"
            ),
            Self::Onset => format!(
                "more than {dead} of the units are dead where the fraction is certainly above {}",
                plain(DEATH_ONSET + DEATH_ONSET_TOLERANCE)
            ),
            Self::Floor => {
                format!("at some σ² a model's fraction is certainly below {}", plain(FLOOR - FLOOR_TOLERANCE))
            }
            Self::DataSetsDiffer => format!(
                "a model certainly falls on both data sets, rises on both or stays on both (by more or less than {MARGIN})"
            ),
            Self::AsSigmoid => format!(
                "of a model's two curves, one certainly falls, rises or stays (by more or less than {MARGIN}) and the \
                 other certainly doesn't"
            ),
            Self::LowerWithUnitNorm => format!(
                "among σ² with at most {dead} of the units dead, unit length certainly doesn't get lower than free weights by more \
                 than {MARGIN}"
            ),
        }
    }
}
