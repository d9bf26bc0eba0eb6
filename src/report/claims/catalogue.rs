//! The claims of section 3, each with its place in the paper and the runs that it is about.

use super::curves::{LEARNING_RATE, Series};
use super::direction::{Directions, directions};
use super::equality::{Difference, equal};
use super::level::{floor, lower, onset_of_death};
use super::margins::{DEAD_FRACTION, DEATH_ONSET, DEATH_ONSET_TOLERANCE, FLOOR, FLOOR_TOLERANCE, MARGIN};
use super::part::{DATASETS, Finding, Level, Runs, Which, part};
use super::sample::{Cells, Needs, Sample};
use super::trend::falls;
use super::verdict::{Claim, Part, Verdict};
use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind::{self, Cae, Dae, Edae, KlSae, Mdae};
use crate::report::text::{confidence_level, plain};

/// A claim before any results.
pub(super) struct Definition {
    id: &'static str,
    statement: &'static str,
    source: &'static str,
    activation: ActivationKind,
    constraint: &'static str,
    models: &'static [RegularizerKind],
    question: Question,
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

const fn claim(
    id: &'static str,
    (statement, source): (&'static str, &'static str),
    (activation, constraint): (ActivationKind, &'static str),
    models: &'static [RegularizerKind],
    question: Question,
) -> Definition {
    Definition { id, statement, source, activation, constraint, models, question }
}

/// The claims that are repeated at other learning rates.
const REPEATED: [&str; 3] = ["1", "2", "3"];

/// The claims, in order.
pub(super) const CLAIMS: &[Definition] = {
    use ActivationKind::{Relu, Sigmoid, Softplus};
    use Question::{AsSigmoid, DataSetsDiffer, Equal, Falls, Floor, LowerWithUnitNorm, Onset, Unchanged};
    &[
        claim(
            "1",
            ("ReLU, unit-length weights: CAE and mDAE are as active at every σ² as at 0", "§3.1, Figure 1"),
            (Relu, UNIT_NORM),
            &[Cae, Mdae],
            Unchanged,
        ),
        claim(
            "2",
            (
                "ReLU, unit-length weights: CAE and mDAE are equally active at every σ²",
                "§3.1, footnote 3, Figure 1",
            ),
            (Relu, UNIT_NORM),
            &[Cae, Mdae],
            Equal,
        ),
        claim(
            "3",
            ("ReLU, unit-length weights: DAE gets less active as σ² grows", "§3.1.1, Figure 1"),
            (Relu, UNIT_NORM),
            &[Dae],
            Falls,
        ),
        claim(
            "4",
            (
                "ReLU, unit-length weights: DAE's units die only below an activation fraction of about 0.05",
                "§3.1, Figure 1",
            ),
            (Relu, UNIT_NORM),
            &[Dae],
            Onset,
        ),
        claim(
            "5",
            ("ReLU, free weights: DAE's activation fraction does not go below 0.1", "§3.1, Figure 2"),
            (Relu, FREE),
            &[Dae],
            Floor,
        ),
        claim(
            "5a",
            (
                "ReLU, free weights: the activation fraction of DAE, CAE, mDAE and SAE does not go below 0.1",
                "§3.1, Figure 2, read of all its curves",
            ),
            (Relu, FREE),
            &[Dae, Cae, Mdae, KlSae],
            Floor,
        ),
        claim(
            "6",
            (
                "ReLU, free weights: CAE and mDAE have other trends on MNIST than on CIFAR-10",
                "§3.1, Figure 2",
            ),
            (Relu, FREE),
            &[Cae, Mdae],
            DataSetsDiffer,
        ),
        claim(
            "7",
            ("ReLU, unit-length weights: eDAE gets less active as σ² grows", "§3.1.1, Figure 3"),
            (Relu, UNIT_NORM),
            &[Edae],
            Falls,
        ),
        claim(
            "7u",
            (
                "ReLU, free weights: eDAE gets less active as σ² grows",
                "§3.1.1, Figure 3, where the constraint is not stated",
            ),
            (Relu, FREE),
            &[Edae],
            Falls,
        ),
        claim(
            "8",
            (
                "Sigmoid, unit-length weights: DAE, CAE, mDAE and SAE get less active as σ² grows",
                "§3.2, Figure 4",
            ),
            (Sigmoid, UNIT_NORM),
            &[Dae, Cae, Mdae, KlSae],
            Falls,
        ),
        claim(
            "9",
            (
                "Sigmoid, free weights: CAE and mDAE have other trends on MNIST than on CIFAR-10",
                "§3.2, Figure 5",
            ),
            (Sigmoid, FREE),
            &[Cae, Mdae],
            DataSetsDiffer,
        ),
        claim(
            "10",
            (
                "Softplus, unit-length weights: each model has the trend that it has with Sigmoid",
                "footnote 4",
            ),
            (Softplus, UNIT_NORM),
            &[Dae, Cae, Mdae, KlSae],
            AsSigmoid,
        ),
        claim(
            "11",
            (
                "ReLU: within the sweep and before units die, DAE gets sparser with unit-length weights than with free ones",
                "§3.1",
            ),
            (Relu, FREE),
            &[Dae],
            LowerWithUnitNorm,
        ),
        claim(
            "12",
            ("ReLU, unit-length weights: SAE gets less active as σ² grows", "Corollary 1, Figure 1"),
            (Relu, UNIT_NORM),
            &[KlSae],
            Falls,
        ),
    ]
};

impl Definition {
    /// Whether the claim is repeated at other learning rates than the main one.
    pub(super) fn repeated(&self) -> bool {
        REPEATED.contains(&self.id)
    }

    /// Whether `series` is one of those that the claim compares, at whichever learning rate.
    pub(super) fn is_about(&self, series: &Series) -> bool {
        let is_model = |model: &RegularizerKind| model.name() == series.regularizer;
        series.activation == self.activation.name()
            && series.constraint == self.constraint
            && series.trains_encoder_bias()
            && self.models.iter().any(is_model)
    }

    /// The claim by `runs`, on the data sets `datasets`, indices of [`DATASETS`].
    pub(super) fn judge(&self, runs: Runs<'_>, datasets: &[usize], repetition: bool) -> Claim {
        let contrasts = self.contrasts(datasets);
        let mut notes: Vec<String> = Vec::new();
        for note in contrasts.iter().flat_map(|(_, which)| runs.notes(which)) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        let curves =
            contrasts.iter().flat_map(|(_, which)| which).filter_map(|which| runs.curve(*which).ok());
        let folders = curves.flat_map(|curve| curve.folders.iter().cloned()).collect();
        for (_, absent) in DATASETS.iter().enumerate().filter(|(index, _)| !datasets.contains(index)) {
            notes.push(format!("without {}, of which there are no runs at this learning rate", absent.1));
        }
        let both: Vec<usize> = (0..DATASETS.len()).collect();
        let level = Level { parts: self.contrasts(&both).len() };
        let planned = self.seeds(runs.learning_rate);
        let part = |(label, which): (String, Vec<Which>)| {
            let samples = runs.samples(&which, !self.question.is_about_directions(), self.question.needs());
            part(label, &which, samples, &planned, |samples| self.question.find(samples, level))
        };
        let parts: Vec<Part> = contrasts.into_iter().map(part).collect();
        let verdict = Verdict::of_all(parts.iter().map(|part| part.verdict));
        let would = Verdict::of_all(parts.iter().map(|part| part.would.unwrap_or(part.verdict)));
        Claim {
            id: self.id,
            learning_rate: runs.learning_rate,
            repetition,
            statement: self.statement,
            source: self.source,
            contradicted_by: self.question.contradicted_by(),
            verdict,
            would: (verdict == Verdict::Undecided && would != Verdict::Undecided).then_some(would),
            exploratory: (parts.iter())
                .any(|part| part.exploratory && verdict != Verdict::Undecided && part.verdict == verdict),
            parts,
            notes,
            folders,
        }
    }

    /// The seeds that were fixed with the rules, for runs at this rate.
    fn seeds(&self, learning_rate: f64) -> Vec<u64> {
        let last = match self.question {
            Question::Unchanged | Question::Equal if learning_rate == LEARNING_RATE => 10,
            _ => 3,
        };
        (1..=last).collect()
    }

    /// The parts: each with its label and the curves that it compares.
    fn contrasts(&self, datasets: &[usize]) -> Vec<(String, Vec<Which>)> {
        let name = |dataset: usize| DATASETS[dataset].1;
        let which = |dataset: usize, model: &RegularizerKind| Which {
            dataset,
            activation: self.activation.name(),
            constraint: self.constraint,
            model: *model,
        };
        let of_models = |dataset: &usize| {
            let models = self.models.iter().map(|model| which(*dataset, model));
            (name(*dataset).to_owned(), models.collect())
        };
        let of_datasets = |model: &RegularizerKind| {
            (model.legend().to_owned(), datasets.iter().map(|dataset| which(*dataset, model)).collect())
        };
        let of_one = |dataset: usize, model: &RegularizerKind| {
            let own = which(dataset, model);
            let curves = match self.question {
                Question::AsSigmoid => vec![Which { activation: ActivationKind::Sigmoid.name(), ..own }, own],
                Question::LowerWithUnitNorm => vec![own, Which { constraint: UNIT_NORM, ..own }],
                _ => vec![own],
            };
            (format!("{}, {}", name(dataset), model.legend()), curves)
        };
        match self.question {
            Question::Equal => datasets.iter().map(of_models).collect(),
            Question::DataSetsDiffer => self.models.iter().map(of_datasets).collect(),
            _ => {
                let on = |dataset: &usize| self.models.iter().map(|model| of_one(*dataset, model)).collect();
                datasets.iter().flat_map::<Vec<_>, _>(on).collect()
            }
        }
    }
}

impl Question {
    /// Whether it asks for the directions of two curves, each with its own seeds.
    fn is_about_directions(self) -> bool {
        matches!(self, Self::DataSetsDiffer | Self::AsSigmoid)
    }

    /// The runs that it takes to answer.
    fn needs(self) -> Needs {
        match self {
            Self::DataSetsDiffer | Self::AsSigmoid => Needs { cells: Cells::Ends, activity: true },
            Self::Falls => Needs { cells: Cells::EveryOrEnds, activity: true },
            Self::Unchanged | Self::Equal => Needs { cells: Cells::EveryOrAny, activity: true },
            Self::Onset | Self::Floor | Self::LowerWithUnitNorm => {
                Needs { cells: Cells::EveryOrAny, activity: false }
            }
        }
    }

    /// Whether results at a σ² that is missing could overturn `verdict`.
    fn hangs_on_every_sigma(self, verdict: Verdict) -> bool {
        match self {
            Self::Unchanged | Self::Equal | Self::Onset | Self::Floor | Self::Falls => {
                verdict == Verdict::Supported
            }
            Self::LowerWithUnitNorm => true,
            Self::DataSetsDiffer | Self::AsSigmoid => false,
        }
    }

    /// What the runs show: `samples` has one sample of all curves of the contrast, or one of each.
    fn find(self, samples: &[Sample], level: Level) -> Finding {
        let finding = self.find_in_what_there_is(samples, level);
        let complete = samples.iter().all(Sample::is_complete);
        if complete || !self.hangs_on_every_sigma(finding.verdict) {
            return finding;
        }
        Finding { verdict: Verdict::Undecided, ..finding }
    }

    fn find_in_what_there_is(self, samples: &[Sample], level: Level) -> Finding {
        match self {
            Self::Unchanged => equal(&samples[0], Difference::FromZero, level),
            Self::Equal => equal(&samples[0], Difference::BetweenCurves, level),
            Self::Falls => falls(&samples[0], level),
            Self::Onset => onset_of_death(&samples[0], level),
            Self::Floor => floor(&samples[0], level),
            Self::DataSetsDiffer => {
                let names = DATASETS.map(|(_, name)| name);
                directions([&samples[0], &samples[1]], names, Directions::Other, level)
            }
            Self::AsSigmoid => {
                let names = ["Sigmoid", "Softplus"];
                directions([&samples[0], &samples[1]], names, Directions::Same, level)
            }
            Self::LowerWithUnitNorm => lower(&samples[0], ["free", "unit-length"], level),
        }
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
