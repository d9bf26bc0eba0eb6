//! Which figures a results folder gives, and their files.

use super::PaperFigure;
use super::chart;
use super::controls::{Page, is_control};
use super::figure::{Figure, Mixed, SigmaScale, figure_csv};
use super::theory::Study;
use crate::error::{Error, Result};
use crate::regular;
use crate::store::{Results, write_atomic};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

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
    /// The figures of all `results`: the paper's first, in its order and MNIST before CIFAR-10, then the others. Each has files of
    /// its own, beside those of the pictures of `controls` and `studies` from the same results.
    pub fn all(results: &[Results], controls: &[Page], studies: &[Study]) -> Vec<Self> {
        let mut drawings: Vec<_> = results.iter().flat_map(Self::of).collect();
        drawings.sort_by_key(Self::place);
        let pictures =
            controls.iter().map(|page| &page.picture).chain(studies.iter().flat_map(Study::pictures));
        let others: Vec<&str> = pictures.map(|picture| picture.stem.as_str()).collect();
        tell_apart(drawings.iter_mut().map(|drawing| &mut drawing.stem), &others);
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
        let rate =
            |figure: &Figure| figure.series.first().map(|series| series.learning_rate).unwrap_or_default();
        let figures = Figure::split(&results.runs, Mixed::Nothing);
        let rates: Vec<f64> = figures.iter().map(rate).collect();
        let named = figures.into_iter().zip(&rates).enumerate().map(|(index, (figure, rate))| {
            let is_alone = rates.iter().filter(|other| *other == rate).count() == 1;
            let (name, told) = if is_alone {
                (rate.to_string(), rate.to_string())
            } else {
                // Other settings differ too: the split has numbered them, and said which.
                let words = figure.title.split_once(": ").map_or(figure.title.as_str(), |(_, words)| words);
                (format!("{rate}-{}", index + 1), words.to_owned())
            };
            let title = format!("{}: {told}", paper.heading());
            Self {
                stem: format!("{stem}_{name}"),
                figure: Figure { id: paper.id.to_owned(), title, ..figure },
                paper: Some(paper),
            }
        });
        named.collect()
    }

    /// Whether `folder` has its files with these numbers, drawn in this way.
    pub fn is_in(&self, folder: &Path) -> bool {
        let file = |end: &str| folder.join(format!("{}.{end}", self.stem));
        let holds = |end: &str, bytes: &[u8]| regular::read(&file(end)).is_ok_and(|found| found == bytes);
        let svg = chart::svg(&self.figure);
        holds("csv", &figure_csv(&self.figure))
            && holds("svg", svg.as_bytes())
            && file("png").is_file() == chart::has_png(&svg, SCALE)
    }

    /// Writes `<stem>.csv`, `<stem>.svg` and `<stem>.png` to `folder`. Returns why there is no PNG where the picture is too large
    /// for one.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn write(&self, folder: &Path) -> Result<Option<Error>> {
        write_picture(folder, &self.stem, &chart::svg(&self.figure), &figure_csv(&self.figure))
    }
}

/// Spaces every axis of σ² of these pictures as `scale` says.
pub fn set_sigma_scale(drawings: &mut [Drawing], controls: &mut [Page], scale: SigmaScale) {
    drawings.iter_mut().for_each(|drawing| drawing.figure.sigma_scale = scale);
    controls.iter_mut().for_each(|page| page.picture.chart.set_sigma_scale(scale));
}

/// `name` as part of a file's name and of a link to it: `_` for all but letters, digits, `.` and `-`.
pub(super) fn file_stem(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || ['.', '-'].contains(&c);
    name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

/// Numbers the stems that come again or are among `others`, from 2 on: the first keeps what its folder alone gives it, and no number
/// makes another's stem. They are compared without case, for macOS and Windows have one file for both.
pub(super) fn tell_apart<'s>(stems: impl Iterator<Item = &'s mut String>, others: &[&str]) {
    let stems: Vec<&mut String> = stems.collect();
    let mut seen: BTreeSet<String> = others.iter().map(|stem| stem.to_lowercase()).collect();
    let mut taken = seen.clone();
    taken.extend(stems.iter().map(|stem| stem.to_lowercase()));
    for stem in stems {
        if seen.insert(stem.to_lowercase()) {
            continue;
        }
        let numbered = |number: usize| format!("{stem}_{number}");
        let mut number = 2;
        while !taken.insert(numbered(number).to_lowercase()) {
            number += 1;
        }
        let unlike = numbered(number);
        *stem = unlike;
    }
}

/// Writes a picture's numbers, its SVG and its PNG to `folder`. Where it is too large for a PNG, an earlier one of that name is removed,
/// which shows something else, and the reason is returned.
pub(super) fn write_picture(folder: &Path, stem: &str, svg: &str, csv: &[u8]) -> Result<Option<Error>> {
    let path = |end: &str| folder.join(format!("{stem}.{end}"));
    write_atomic(&path("csv"), csv)?;
    let png_path = path("png");
    let reason = match chart::png(svg, SCALE) {
        Ok(png) => write_atomic(&png_path, &png).map(|()| None)?,
        Err(reason) => match fs::remove_file(&png_path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io("remove", png_path)(error));
            }
            _ => Some(reason),
        },
    };
    // The SVG comes last: where it is the picture's, so is the PNG.
    write_atomic(&path("svg"), svg.as_bytes())?;
    Ok(reason)
}

/// The file of a picture that a page shows: `<stem>.png`, or `<stem>.svg` where it is too large for a PNG.
pub(super) fn image_file(stem: &str, svg: &str) -> String {
    let end = if chart::has_png(svg, SCALE) { "png" } else { "svg" };
    format!("{stem}.{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::controls::tests::folder;
    use crate::report::figure::tests::runs;
    use crate::report::html;

    /// A results folder with a figure for each combination of these settings.
    fn results(name: &str, sweep: &str) -> Results {
        let sweep = format!("sweep = {{ regularizer = ['dae'], sigma_squared = [0, 0.5]{sweep} }}");
        let mut runs = runs(&sweep, |_| Some((0.5, 0.0)));
        runs.iter_mut().for_each(|run| run.name = name.to_owned());
        folder(name, runs)
    }

    fn stems(drawings: &[Drawing]) -> Vec<&str> {
        drawings.iter().map(|drawing| drawing.stem.as_str()).collect()
    }

    const TWO: &str = ", activation = ['relu', 'sigmoid']";

    #[test]
    fn a_folder_called_as_anothers_figure_has_files_of_its_own() {
        let results =
            [results("figure1_mnist", ""), results("fig1_mnist", ""), results("x", TWO), results("x-1", "")];
        let drawings = Drawing::all(&results, &[], &[]);
        assert_eq!(stems(&drawings), ["figure1_mnist", "figure1_mnist_2", "x-1", "x-2", "x-1_2"]);
        assert_eq!(drawings[0].paper, Some(&PaperFigure::ALL[0]), "the paper's comes first");
        assert_eq!(drawings[4].figure.title, "x-1");
        // Alone, a folder gives the files that the report gives it where no other is called so.
        assert_eq!(stems(&Drawing::of(&results[2])), ["x-1", "x-2"]);
        assert_eq!(stems(&Drawing::of(&results[3])), ["x-1"]);

        let page = html::page(&results[2..], &[], &[], SigmaScale::Auto);
        for stem in ["x-1", "x-2", "x-1_2"] {
            assert_eq!(page.matches(&format!("id=\"{stem}\"")).count(), 1, "{stem}");
        }
    }

    /// Very many settings make a legend that is longer than a PNG may be high.
    #[test]
    fn a_picture_too_large_for_a_png_is_left_as_svg() {
        let values: Vec<String> = (1..=900).map(|rate| format!("{:.5}", 1e-5 * f64::from(rate))).collect();
        let rates = format!(", learning_rate = [{}]", values.join(", "));
        let results = [results("x", &rates)];
        let figure = Figure::from_runs("x", "x", &results[0].runs);
        let large = Drawing { stem: "x".to_owned(), figure, paper: None };
        let small = Drawing { figure: Figure::from_runs("x", "x", &[]), ..large.clone() };

        let folder = tempfile::tempdir().unwrap();
        let is_there = |end: &str| folder.path().join(format!("x.{end}")).exists();
        assert!(small.write(folder.path()).unwrap().is_none() && is_there("png"));
        let reason = large.write(folder.path()).unwrap().expect("it is too high").to_string();
        assert!(reason.contains("pixels; accepted: 1 to 16384") && reason.contains("SVG"), "{reason}");
        assert!(is_there("csv") && is_there("svg"));
        assert!(!is_there("png"), "the PNG of another figure is no picture of this one");
        assert_eq!(image_file("x", &chart::svg(&large.figure)), "x.svg");
        assert_eq!(image_file("x", &chart::svg(&small.figure)), "x.png");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_waits_for_a_pipe_in_the_place_of_numbers() {
        let drawing = Drawing::of(&results("x", "")).remove(0);
        let folder = tempfile::tempdir().unwrap();
        drawing.write(folder.path()).unwrap();
        assert!(drawing.is_in(folder.path()));
        let pipe = folder.path().join("x.csv");
        fs::remove_file(&pipe).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(!drawing.is_in(folder.path()));
    }

    /// The numbers are the same, so the picture tells whether a figure was drawn in this way.
    #[test]
    fn a_figure_that_was_drawn_with_another_axis_is_drawn_anew() {
        let mut drawings = Drawing::of(&results("x", ""));
        set_sigma_scale(&mut drawings, &mut [], SigmaScale::Linear);
        let folder = tempfile::tempdir().unwrap();
        drawings[0].write(folder.path()).unwrap();
        assert!(drawings[0].is_in(folder.path()));
        let sigma = Drawing {
            figure: Figure { sigma_scale: SigmaScale::Sigma, ..drawings[0].figure.clone() },
            ..drawings[0].clone()
        };
        assert!(!sigma.is_in(folder.path()));
        sigma.write(folder.path()).unwrap();
        assert!(sigma.is_in(folder.path()) && !drawings[0].is_in(folder.path()));
    }

    #[test]
    fn stems_differ_in_more_than_case() {
        let results = ["Tiny", "tiny", "TINY_2"].map(|name| results(name, ""));
        assert_eq!(
            stems(&Drawing::all(&results, &[], &[])),
            ["Tiny", "tiny_3", "TINY_2"],
            "a number makes no other's name"
        );
    }

    #[test]
    fn stems_of_other_pictures_are_left_to_them() {
        let mut stems = ["x_theorem2", "x", "X_theorem2", "x_theorem2_2"].map(str::to_owned);
        tell_apart(stems.iter_mut(), &["x_Theorem2", "y"]);
        assert_eq!(stems, ["x_theorem2_3", "x", "X_theorem2_4", "x_theorem2_2"]);
    }

    #[test]
    fn a_rate_that_comes_again_is_numbered() {
        let rates = ", learning_rate = [0.001, 0.002]";
        let stem = "figure_sensitivity_mnist";
        let alone = Drawing::of(&results("sensitivity_mnist", rates));
        assert_eq!(stems(&alone), [format!("{stem}_0.001"), format!("{stem}_0.002")]);
        assert_eq!(alone[0].figure.title, "ReLU, unit-length weights, learning rate: 0.001");

        let drawings = Drawing::of(&results("sensitivity_mnist", &format!("{rates}{TWO}")));
        let expected = ["0.001-1", "0.002-2", "0.001-3", "0.002-4"].map(|end| format!("{stem}_{end}"));
        assert_eq!(stems(&drawings), expected);
        let titles: Vec<&str> = drawings.iter().map(|drawing| drawing.figure.title.as_str()).collect();
        assert_eq!(titles[2], "ReLU, unit-length weights, learning rate: sigmoid, learning rate 0.001");
        let results = [results("sensitivity_mnist", &format!("{rates}{TWO}"))];
        assert_eq!(drawings, Drawing::all(&results, &[], &[]));
    }
}
