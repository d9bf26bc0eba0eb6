//! The paper's figures and their configurations, which are compiled into the program.

/// A figure, or another study of the same kind, on both data sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperFigure {
    /// `1` to `5`, or a word: what `aesparse figures` calls it, and the `figure` column.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Its halves.
    pub configs: [BuiltIn; 2],
    /// Whether each learning rate has a picture of its own.
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

/// The configurations `configs/<name>_mnist.toml` and `configs/<name>_cifar10.toml`.
macro_rules! halves {
    ($name:literal) => {
        [
            BuiltIn {
                dataset: "mnist",
                file: concat!($name, "_mnist.toml"),
                text: include_str!(concat!("../../configs/", $name, "_mnist.toml")),
            },
            BuiltIn {
                dataset: "cifar10",
                file: concat!($name, "_cifar10.toml"),
                text: include_str!(concat!("../../configs/", $name, "_cifar10.toml")),
            },
        ]
    };
}

impl PaperFigure {
    /// Every one, the paper's five first.
    pub const ALL: [Self; 7] = [
        Self::new("1", "ReLU, unit-length weights", halves!("fig1")),
        Self::new("2", "ReLU, unconstrained weights", halves!("fig2")),
        Self::new("3", "ReLU, eDAE", halves!("fig3")),
        Self::new("4", "Sigmoid, unit-length weights", halves!("fig4")),
        Self::new("5", "Sigmoid, unconstrained weights", halves!("fig5")),
        Self::new("softplus", "Softplus, unit-length weights", halves!("softplus")),
        Self {
            by_learning_rate: true,
            ..Self::new("sensitivity", "ReLU, unit-length weights, learning rate", halves!("sensitivity"))
        },
    ];

    const fn new(id: &'static str, title: &'static str, configs: [BuiltIn; 2]) -> Self {
        Self { id, title, configs, by_learning_rate: false }
    }

    /// The paper's own figures.
    pub const PAPER: &'static [Self] = Self::ALL.split_at(5).0;

    /// The figure called `id`.
    pub fn from_id(id: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|figure| figure.id == id)
    }

    /// Number and title: `Figure 1: ReLU, unit-length weights`.
    pub fn heading(&self) -> String {
        if self.is_numbered() { format!("Figure {}: {}", self.id, self.title) } else { self.title.to_owned() }
    }

    fn is_numbered(&self) -> bool {
        self.id.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The name of the figure's files without their ends: `figure1_mnist`, `figure_softplus_cifar10`.
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
            assert_eq!(PaperFigure::from_id(figure.id), Some(figure));
            for built_in in &figure.configs {
                let config = config::parse(built_in.text, Path::new(built_in.file), &[]);
                let config = config.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(format!("{}.toml", config.name()), built_in.file);
                assert!(config.name().ends_with(built_in.dataset));
            }
        }
        assert_eq!(PaperFigure::PAPER.len(), 5);
        assert_eq!(PaperFigure::PAPER[0].stem("mnist"), "figure1_mnist");
        assert_eq!(PaperFigure::from_id("softplus").unwrap().stem("cifar10"), "figure_softplus_cifar10");
    }
}
