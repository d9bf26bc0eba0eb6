//! The claims of section 3: each with its place in the paper, the runs that it is about, and its rule.

use super::contrast::{Contrast, RequiredCells};
use super::curves::{ClaimCurves, CurveSettings, LEARNING_RATE};
use super::direction::{Directions, directions};
use super::editions::first_edition;
use super::equality::equal;
use super::finding::{ContradictionLevel, Finding};
use super::level::{floor, lower, onset_of_death};
use super::margins::{
    DEAD_FRACTION, DEATH_ONSET, DEATH_ONSET_TOLERANCE, FLOOR, FLOOR_TOLERANCE, MARGIN, UNEXPLAINED_SHARE,
};
use super::share::share;
use super::text::claim_name;
use super::trend::falls;
use super::verdict::{Claim, ClaimPart, Verdict};
use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind;
use crate::report::catalogue::{DATASETS, PaperDataset};
use crate::report::figure::{distinct, grouped};
use crate::report::text::{decimal, exact_percent};

/// A claim, before it is judged.
pub(super) struct ClaimDefinition {
    id: &'static str,
    rule: Rule,
    activation: ActivationKind,
    constraint: &'static str,
    models: &'static [RegularizerKind],
    source: &'static str,
    statement: &'static str,
}

/// The rule by which a claim is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Each model has the same activation at every σ² as at 0.
    Unchanged,
    /// The two models have the same activation at every σ² > 0.
    Equal,
    /// Each model's activation falls.
    Falls,
    /// Units die only below the paper's level.
    Onset,
    /// Each model stays above the paper's level.
    Floor,
    /// Each model's curve has different directions on the two data sets.
    DataSetsDiffer,
    /// Each model's curve has the same direction as with sigmoid units.
    AsSigmoid,
    /// With unit-length weights the model's activation gets lower than with free ones, at the σ² of the sweep and before units
    /// die.
    LowerWithUnitNorm,
    /// With antithetic pairs of noise the model keeps only a part of its fall with independent pairs.
    ShareOfFall,
}

const UNIT_NORM: &str = "unit_norm";
const FREE: &str = "none";

macro_rules! claims {
    ($($id:literal $rule:ident $activation:ident $constraint:ident [$($model:ident)+] $source:literal $statement:literal)+) => {
        &[$(ClaimDefinition {
            id: $id,
            rule: Rule::$rule,
            activation: ActivationKind::$activation,
            constraint: $constraint,
            models: &[$(RegularizerKind::$model),+],
            source: $source,
            statement: $statement,
        }),+]
    };
}

/// The claims, in order: id, rule, runs, place in the paper, statement.
pub(super) const CLAIMS: &[ClaimDefinition] = claims! {
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
    "13" ShareOfFall Relu UNIT_NORM [Dae] "§3.1.1"
        "ReLU, unit-length weights: without the first-order term, by antithetic pairs of noise, less than half of DAE's fall is left"
};

/// Number of claims, the first ones, that are repeated at other learning rates.
pub(super) const REPEATED: usize = 3;

/// The labels of claim 13's models: two draws of each sample as an antithetic pair, and two independent draws.
const PAIRS: [&str; 2] = ["dae(draws=2,pairing=antithetic)", "dae(draws=2)"];

impl ClaimDefinition {
    /// Whether the claim is about the runs of a control, and not about the paper's.
    pub(super) fn is_about_a_control(&self) -> bool {
        self.rule == Rule::ShareOfFall
    }

    /// Whether the claim has runs on `dataset`.
    pub(super) fn has_runs(
        &self,
        curves: &ClaimCurves<'_>,
        learning_rate: f64,
        dataset: PaperDataset,
    ) -> bool {
        let contrasts = self.contrasts(&[dataset], learning_rate);
        contrasts.iter().flat_map(|(_, settings)| settings).any(|settings| curves.get(settings).is_ok())
    }

    /// The claim judged by the `curves` with this learning rate on `datasets`.
    pub(super) fn judge(
        &self,
        curves: &ClaimCurves<'_>,
        learning_rate: f64,
        datasets: &[PaperDataset],
    ) -> Claim {
        let contrasts = self.contrasts(datasets, learning_rate);
        let settings = contrasts.iter().flat_map(|(_, settings)| settings);
        let judged: Vec<_> = settings.filter_map(|settings| curves.get(settings).ok()).collect();
        let mut notes = distinct(judged.iter().flat_map(|curve| curve.notes.iter().cloned()));
        for (_, absent) in DATASETS.iter().filter(|dataset| !datasets.contains(dataset)) {
            notes.push(format!("without {absent}, of which there are no runs at this learning rate"));
        }
        let level = ContradictionLevel { parts: self.contrasts(&DATASETS, learning_rate).len() };
        let part =
            |(label, settings): (String, Vec<CurveSettings>)| self.part(curves, label, &settings, level);
        let parts: Vec<ClaimPart> = contrasts.into_iter().map(part).collect();
        let verdict = Verdict::of_all(parts.iter().map(|part| part.verdict));
        let would = Verdict::of_all(parts.iter().map(|part| part.would.unwrap_or(part.verdict)));
        let is_undecided = verdict == Verdict::Undecided;
        let mut deciding = parts.iter().filter(|part| part.verdict == verdict);
        let exploratory = match verdict {
            Verdict::Undecided => false,
            Verdict::Supported => deciding.any(|part| part.exploratory),
            Verdict::Contradicted => deciding.all(|part| part.exploratory),
        };
        let repetition = learning_rate != LEARNING_RATE;
        Claim {
            id: self.id,
            learning_rate,
            repetition,
            statement: self.statement,
            source: self.source,
            contradicted_by: self.rule.contradicted_by(),
            verdict,
            would: (is_undecided && would != Verdict::Undecided).then_some(would),
            exploratory,
            first_edition: first_edition(&claim_name(self.id, repetition.then_some(learning_rate))),
            parts,
            notes,
            folders: judged.iter().flat_map(|curve| curve.folders.iter().cloned()).collect(),
        }
    }

    /// The label of each part and the curves that it compares.
    fn contrasts(&self, datasets: &[PaperDataset], learning_rate: f64) -> Vec<(String, Vec<CurveSettings>)> {
        type DatasetModel<'d> = (&'d PaperDataset, &'d RegularizerKind);
        let label = |(dataset, model): &DatasetModel<'_>| match self.rule {
            Rule::Equal => dataset.1.to_owned(),
            Rule::DataSetsDiffer => model.legend().to_owned(),
            _ => format!("{}, {}", dataset.1, model.legend()),
        };
        let compared = |(dataset, model): DatasetModel<'_>| {
            let own = CurveSettings {
                dataset: dataset.0.to_owned(),
                activation: self.activation.name().to_owned(),
                constraint: self.constraint.to_owned(),
                regularizer: model.name().to_owned(),
                learning_rate,
            };
            match self.rule {
                Rule::AsSigmoid => {
                    vec![
                        CurveSettings {
                            activation: ActivationKind::Sigmoid.name().to_owned(),
                            ..own.clone()
                        },
                        own,
                    ]
                }
                Rule::LowerWithUnitNorm => {
                    vec![own.clone(), CurveSettings { constraint: UNIT_NORM.to_owned(), ..own }]
                }
                Rule::ShareOfFall => {
                    PAIRS.map(|label| CurveSettings { regularizer: label.to_owned(), ..own.clone() }).into()
                }
                _ => vec![own],
            }
        };
        let cases = datasets.iter().flat_map(|dataset| self.models.iter().map(move |model| (dataset, model)));
        let contrasts = grouped(cases, label).into_iter();
        contrasts.map(|(label, cases)| (label, cases.into_iter().flat_map(compared).collect())).collect()
    }

    /// The part `label`, which compares the curves of `settings`. It is undecided, with the reason, where they can't be compared.
    /// With one seed it says what would follow. A verdict from other seeds than the rules fix is exploratory.
    fn part(
        &self,
        curves: &ClaimCurves<'_>,
        label: String,
        settings: &[CurveSettings],
        level: ContradictionLevel,
    ) -> ClaimPart {
        let shared = |name: fn(&CurveSettings) -> &String| {
            let first = name(&settings[0]);
            settings.iter().all(|other| name(other) == first).then(|| first.clone())
        };
        let part = ClaimPart {
            label,
            dataset: shared(|settings| &settings.dataset),
            regularizer: shared(|settings| &settings.regularizer),
            ..ClaimPart::default()
        };
        let contrast = match self.rule.contrast(curves, settings) {
            Ok(contrast) => contrast,
            Err(note) => return ClaimPart { note, ..part },
        };
        let Finding { measures, verdict, outlook, mut notes } = self.rule.find(&contrast, level);
        if contrast.basis().spread.is_none() {
            notes.insert(0, NO_INTERVAL.to_owned());
        }
        notes.extend(contrast.notes);
        let part = ClaimPart { measures, note: notes.join("; "), ..part };
        let is_decided = verdict != Verdict::Undecided;
        if contrast.seeds.len() == 1 {
            return ClaimPart { would: is_decided.then_some(verdict), ..part };
        }
        let planned = 1..=self.rule.last_seed(settings[0].learning_rate);
        let exploratory = is_decided && contrast.seeds.into_iter().ne(planned);
        ClaimPart { verdict, exploratory, outlook, ..part }
    }
}

const NO_INTERVAL: &str =
    "one seed, and its records have no counts by unit: no interval; other seeds, or training again, give one";

impl Rule {
    /// The last of the seeds that the rules fix, for runs at this learning rate.
    fn last_seed(self, learning_rate: f64) -> u64 {
        let is_about_equality = matches!(self, Self::Unchanged | Self::Equal);
        if is_about_equality && learning_rate == LEARNING_RATE { 10 } else { 3 }
    }

    /// The runs that the rule compares, from the curves of `settings`.
    ///
    /// # Errors
    /// The missing runs, or the settings in which the curves were trained differently.
    fn contrast(self, curves: &ClaimCurves<'_>, settings: &[CurveSettings]) -> Result<Contrast, String> {
        let (cells, must_be_active) = match self {
            Self::DataSetsDiffer | Self::AsSigmoid => (RequiredCells::Ends, true),
            Self::Falls => (RequiredCells::EveryOrEnds, true),
            Self::Unchanged | Self::Equal | Self::ShareOfFall => (RequiredCells::EveryOrAny, true),
            Self::Onset | Self::Floor | Self::LowerWithUnitNorm => (RequiredCells::EveryOrAny, false),
        };
        let compared = settings.iter().map(|settings| curves.get(settings)).collect::<Result<Vec<_>, _>>()?;
        Contrast::new(&compared, cells, must_be_active, &curves.bootstrap)
    }

    /// The finding of the rule. It is undecided where a missing σ² could overturn the verdict.
    fn find(self, contrast: &Contrast, level: ContradictionLevel) -> Finding {
        let mut finding = match self {
            Self::Unchanged | Self::Equal => equal(contrast, level),
            Self::Falls => falls(contrast, level),
            Self::Onset => onset_of_death(contrast, level),
            Self::Floor => floor(contrast, level),
            Self::DataSetsDiffer => {
                directions(contrast, DATASETS.map(|(_, name)| name), Directions::Different, level)
            }
            Self::AsSigmoid => directions(contrast, ["Sigmoid", "Softplus"], Directions::Same, level),
            Self::LowerWithUnitNorm => lower(contrast, ["free", "unit-length"], level),
            Self::ShareOfFall => share(contrast, ["antithetic pairs", "independent pairs"], level),
        };
        let needs_every_sigma = !matches!(self, Self::DataSetsDiffer | Self::AsSigmoid);
        if needs_every_sigma && !contrast.is_complete() {
            if finding.verdict == Verdict::Supported || self == Self::LowerWithUnitNorm {
                finding.verdict = Verdict::Undecided;
            }
            // More seeds without the missing σ² could not support.
            finding.outlook = None;
        }
        finding
    }

    /// The finding that would contradict the claim, in words.
    fn contradicted_by(self) -> String {
        let dead = exact_percent(DEAD_FRACTION);
        match self {
            Self::Unchanged => format!("at some σ² a model is certainly more than {MARGIN} from its σ² = 0"),
            Self::Equal => format!("at some σ² the two are certainly more than {MARGIN} apart"),
            Self::Falls => format!(
                "a model's drop from σ² = 0 to the largest is certainly below {MARGIN}, or from some σ² to a larger one it \
                 certainly rises by more than that"
            ),
            Self::Onset => format!(
                "more than {dead} of the units are dead where the fraction is certainly above {}",
                decimal(DEATH_ONSET + DEATH_ONSET_TOLERANCE)
            ),
            Self::Floor => {
                format!(
                    "at some σ² a model's fraction is certainly below {}",
                    decimal(FLOOR - FLOOR_TOLERANCE)
                )
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
            Self::ShareOfFall => format!(
                "at some σ² where independent pairs certainly fall by more than {MARGIN}, certainly more than {UNEXPLAINED_SHARE} \
                 of their fall is left with antithetic pairs"
            ),
        }
    }
}
