//! The paper's figures: their settings and their configurations, which are compiled into the program.

use crate::activation::ActivationKind;
use crate::optimizer::EncoderBias;
use crate::regularizer::RegularizerKind;
use crate::store::StoredRun;
use crate::training::RunSpec;
use std::collections::BTreeSet;

/// A figure of the paper, or a study like one, on both data sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperFigure {
    /// `1` to `5`, or a word: its name for `aesparse figures` and in the column `figure`.
    pub id: &'static str,
    /// Its title, without the number.
    pub title: &'static str,
    /// Its configurations: MNIST, then CIFAR-10.
    pub configs: [BuiltIn; 2],
    /// The activation.
    pub activation: ActivationKind,
    /// The labels of the constraints.
    pub constraints: &'static [&'static str],
    /// The models, each with its default parameters.
    pub models: &'static [RegularizerKind],
    /// Whether it compares learning rates; each of them then has its own picture.
    pub by_learning_rate: bool,
}

/// A configuration that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// The data set: `mnist` or `cifar10`.
    pub dataset: &'static str,
    /// The file in `configs/`.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// A data set of the paper: its name in results and in the paper.
pub(super) type PaperDataset = (&'static str, &'static str);

/// The data sets of the two halves of a figure.
pub(super) const DATASETS: [PaperDataset; 2] = [("mnist", "MNIST"), ("cifar10", "CIFAR-10")];

/// The half of a figure that is on a data set, by the data set's name in results.
pub(super) fn half(dataset: &str) -> Option<usize> {
    DATASETS.iter().position(|(name, _)| *name == dataset)
}

/// The configurations `configs/<name>_mnist.toml` and `configs/<name>_cifar10.toml`.
macro_rules! halves {
    ($name:literal) => {
        [halves!($name "mnist"), halves!($name "cifar10")]
    };
    ($name:literal $dataset:literal) => {
        BuiltIn {
            dataset: $dataset,
            file: concat!($name, "_", $dataset, ".toml"),
            text: include_str!(concat!("../../configs/", $name, "_", $dataset, ".toml")),
        }
    };
}

/// The activation, the constraints and the models of a figure.
type FigureSettings = (ActivationKind, &'static [&'static str], &'static [RegularizerKind]);

impl PaperFigure {
    /// All figures, the paper's five first.
    pub const ALL: [Self; 7] = {
        use ActivationKind::{Relu, Sigmoid, Softplus};
        use RegularizerKind::{Cae, Dae, Edae, KlSae, Mdae};
        const MODELS: &[RegularizerKind] = &[Dae, Cae, Mdae, KlSae];
        const UNIT: &[&str] = &["unit_norm"];
        const FREE: &[&str] = &["none"];
        const BOTH: &[&str] = &["unit_norm", "none"];
        [
            Self::new("1", "ReLU, unit-length weights", (Relu, UNIT, MODELS), halves!("fig1")),
            Self::new("2", "ReLU, unconstrained weights", (Relu, FREE, MODELS), halves!("fig2")),
            Self::new("3", "ReLU, eDAE", (Relu, BOTH, &[Edae]), halves!("fig3")),
            Self::new("4", "Sigmoid, unit-length weights", (Sigmoid, UNIT, MODELS), halves!("fig4")),
            Self::new("5", "Sigmoid, unconstrained weights", (Sigmoid, FREE, MODELS), halves!("fig5")),
            Self::new(
                "softplus",
                "Softplus, unit-length weights",
                (Softplus, UNIT, MODELS),
                halves!("softplus"),
            ),
            Self {
                by_learning_rate: true,
                ..Self::new(
                    "sensitivity",
                    "ReLU, unit-length weights, learning rate",
                    (Relu, UNIT, MODELS),
                    halves!("sensitivity"),
                )
            },
        ]
    };

    const fn new(
        id: &'static str,
        title: &'static str,
        settings: FigureSettings,
        configs: [BuiltIn; 2],
    ) -> Self {
        let (activation, constraints, models) = settings;
        Self { id, title, configs, activation, constraints, models, by_learning_rate: false }
    }

    /// The figure that has these runs, and the index of its half. Data set, activation, constraints, models and the number of
    /// learning rates must be the figure's, and the encoder bias trained; σ², seeds and the length of training may differ.
    pub fn of(runs: &[StoredRun]) -> Option<(&'static Self, usize)> {
        let distinct = |value: fn(&RunSpec) -> String| -> BTreeSet<String> {
            runs.iter().map(|run| value(&run.spec)).collect()
        };
        let (activations, constraints) =
            (distinct(|s| s.activation.label()), distinct(|s| s.constraint.label()));
        let (models, rates) =
            (distinct(|s| s.regularizer.label()), distinct(|s| s.learning_rate.to_string()));
        let dataset = &runs.first()?.dataset;
        let half = half(dataset).filter(|_| runs.iter().all(|run| run.dataset == *dataset))?;
        let is_trained = runs.iter().all(|run| run.spec.encoder_bias == EncoderBias::Trained);
        let is_it = |figure: &&Self| {
            activations.iter().eq([figure.activation.name()])
                && constraints == figure.constraints.iter().map(|label| (*label).to_owned()).collect()
                && models == figure.models.iter().map(|model| model.name().to_owned()).collect()
                && (rates.len() > 1) == figure.by_learning_rate
        };
        Self::ALL.iter().filter(|_| is_trained).find(is_it).map(|figure| (figure, half))
    }

    /// The paper's own figures.
    pub const PAPER: &'static [Self] = Self::ALL.split_at(5).0;

    /// Number and title: `Figure 1: ReLU, unit-length weights`.
    pub fn heading(&self) -> String {
        if self.is_numbered() { format!("{}: {}", self.name(), self.title) } else { self.title.to_owned() }
    }

    /// `Figure 1`; the title of a study that has no number.
    pub fn name(&self) -> String {
        if self.is_numbered() { format!("Figure {}", self.id) } else { self.title.to_owned() }
    }

    fn is_numbered(&self) -> bool {
        self.id.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The name of the figure's files without extension: `figure1_mnist`, `figure_softplus_cifar10`.
    pub fn stem(&self, dataset: &str) -> String {
        let separator = if self.is_numbered() { "" } else { "_" };
        format!("figure{separator}{}_{dataset}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::config;
    use std::path::Path;

    #[test]
    fn every_configuration_is_sound_and_on_its_data_set() {
        for figure in &PaperFigure::ALL {
            assert_eq!(PaperFigure::ALL.iter().filter(|other| other.id == figure.id).count(), 1);
            for built_in in &figure.configs {
                let config = config::parse(built_in.text, Path::new(built_in.file), &[]);
                let config = config.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(format!("{}.toml", config.name()), built_in.file);
                assert!(config.name().ends_with(built_in.dataset));
            }
        }
        assert_eq!(PaperFigure::PAPER.len(), 5);
        assert_eq!(PaperFigure::PAPER[0].stem("mnist"), "figure1_mnist");
        assert_eq!(PaperFigure::ALL[5].stem("cifar10"), "figure_softplus_cifar10");
    }
}
