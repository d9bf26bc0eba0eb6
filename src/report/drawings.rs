//! Which figures a results folder gives, and their files.

use super::PaperFigure;
use super::chart;
use super::controls::is_control;
use super::figure::{Figure, Mixed, figure_csv};
use crate::error::Result;
use crate::store::{Results, write_atomic};
use std::path::{Path, PathBuf};

/// Pixels of a PNG for each unit of its SVG.
const SCALE: f32 = 2.0;

/// A figure and the name of its files.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The files' name without their ends: `figure1_mnist`.
    pub stem: String,
    /// What they show.
    pub figure: Figure,
    /// The figure of the paper that this is a half of, if it is one.
    pub paper: Option<&'static PaperFigure>,
}

impl Drawing {
    /// The figures of all `results`: the paper's first, in its order and MNIST before CIFAR-10, then the others.
    pub fn all(results: &[Results]) -> Vec<Self> {
        let mut drawings: Vec<_> = results.iter().flat_map(Self::of).collect();
        drawings.sort_by_key(Self::place);
        drawings
    }

    /// Figure and half, counted from 0; others come behind.
    fn place(&self) -> (usize, usize) {
        let index = PaperFigure::ALL.iter().position(|figure| Some(figure) == self.paper);
        let half = self.paper.and_then(|paper| {
            paper.configs.iter().position(|half| self.stem.starts_with(&paper.stem(half.dataset)))
        });
        (index.unwrap_or(usize::MAX), half.unwrap_or_default())
    }

    /// The figures of a results folder: the paper's where the folder has the name of one of their configurations,
    /// otherwise one for each combination of settings but regularizer, σ² and seed. Controls have pages of their own.
    pub fn of(results: &Results) -> Vec<Self> {
        if is_control(&results.name) {
            return Vec::new();
        }
        let halves =
            PaperFigure::ALL.iter().flat_map(|figure| figure.configs.iter().map(move |half| (figure, half)));
        let mut named = halves.filter(|(_, half)| half.file.strip_suffix(".toml") == Some(&results.name));
        match named.next() {
            Some((figure, half)) => Self::of_paper(figure, figure.stem(half.dataset), results),
            None => Figure::split(&results.runs, Mixed::Nothing)
                .into_iter()
                .map(|figure| Self { stem: file_stem(&figure.id), figure, paper: None })
                .collect(),
        }
    }

    fn of_paper(paper: &'static PaperFigure, stem: String, results: &Results) -> Vec<Self> {
        if !paper.by_learning_rate {
            let figure = Figure::from_runs(paper.id, paper.heading(), &results.runs);
            return vec![Self { stem, figure, paper: Some(paper) }];
        }
        let figures = Figure::split(&results.runs, Mixed::Nothing).into_iter();
        let named = figures.map(|figure| {
            let rate = figure.series.first().map(|series| series.learning_rate).unwrap_or_default();
            let title = format!("{}: {rate}", paper.heading());
            Self {
                stem: format!("{stem}_{rate}"),
                figure: Figure { id: paper.id.to_owned(), title, ..figure },
                paper: Some(paper),
            }
        });
        named.collect()
    }

    /// Writes `<stem>.csv`, `<stem>.svg` and `<stem>.png` to `folder` and returns their paths.
    ///
    /// # Errors
    /// Where the system refuses.
    ///
    /// # Panics
    /// Where the picture can't be rendered, a fault of the program.
    pub fn write(&self, folder: &Path) -> Result<[PathBuf; 3]> {
        write_picture(folder, &self.stem, chart::svg(&self.figure), figure_csv(&self.figure))
    }
}

/// `name` as part of a file's name and of a link to it: `_` for all but letters, digits, `.` and `-`.
pub(super) fn file_stem(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || ['.', '-'].contains(&c);
    name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

/// Writes a picture's numbers, its SVG and its PNG to `folder` and returns their paths.
pub(super) fn write_picture(folder: &Path, stem: &str, svg: String, csv: Vec<u8>) -> Result<[PathBuf; 3]> {
    let png = chart::png(&svg, SCALE).expect("the program's own SVG is sound");
    let files = [("csv", csv), ("svg", svg.into_bytes()), ("png", png)]
        .map(|(end, bytes)| (folder.join(format!("{stem}.{end}")), bytes));
    for (path, bytes) in &files {
        write_atomic(path, bytes)?;
    }
    Ok(files.map(|(path, _)| path))
}
