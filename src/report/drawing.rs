//! A drawing and its files: SVG, PNG, and the numbers as CSV.

use super::chart::{self, Bars, Multiples};
use super::document::{Image, Picture, Text, anchor};
use super::figure::{Figure, SigmaScale};
use super::numbers::Numbers;
use crate::error::{Error, Result};
use crate::regular;
use crate::store::write_atomic;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Pixels of a PNG for each unit of its SVG.
const SCALE: f32 = 2.0;

/// The name of the folder of the drawings' files, beside the page.
pub const FIGURES: &str = "figures";

/// A drawing and the name of its files.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The name of its files without extension: `figure1_mnist`.
    pub stem: String,
    /// The chart of a drawing.
    pub chart: Chart,
    /// How to read the drawing; empty where the text around it explains it.
    pub caption: String,
    pub(super) numbers: Numbers,
    /// The rendered chart.
    svg: String,
}

/// The chart of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Activation fraction and dead units over σ².
    Figure(Figure),
    /// Fraction of variance unexplained over activation fraction.
    Fidelity(Figure),
    /// Rows of small panels.
    Multiples(Multiples),
    /// One panel of bars.
    Bars(Bars),
}

impl Drawing {
    pub(super) fn new(stem: String, chart: Chart, caption: impl Into<String>, numbers: Numbers) -> Self {
        let svg = chart.svg();
        Self { stem, chart, caption: caption.into(), numbers, svg }
    }

    /// Sets the scale of the axis of σ².
    pub fn set_sigma_scale(&mut self, scale: SigmaScale) {
        let before = self.chart.clone();
        match &mut self.chart {
            Chart::Figure(figure) => figure.sigma_scale = scale,
            Chart::Multiples(multiples) => multiples.set_sigma_scale(scale),
            Chart::Fidelity(_) | Chart::Bars(_) => {}
        }
        if self.chart != before {
            self.svg = self.chart.svg();
        }
    }

    /// Writes `<stem>.csv`, `<stem>.svg` and `<stem>.png` to `folder`. Where the drawing is too large for a PNG, the reason is
    /// returned, and an earlier PNG of that name is removed, because it shows another drawing.
    ///
    /// # Errors
    /// Where a file can't be written or removed.
    pub fn write(&self, folder: &Path) -> Result<Option<Error>> {
        let path = |end: &str| folder.join(format!("{}.{end}", self.stem));
        write_atomic(&path("csv"), &self.numbers.csv())?;
        let reason = match chart::png(&self.svg, SCALE) {
            Ok(png) => write_atomic(&path("png"), &png).map(|()| None)?,
            Err(reason) => match fs::remove_file(path("png")) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::io("remove", path("png"))(error));
                }
                _ => Some(reason),
            },
        };
        // The SVG is written last, so that a current SVG implies a current PNG.
        write_atomic(&path("svg"), self.svg.as_bytes())?;
        Ok(reason)
    }

    /// Whether `folder` has this drawing's CSV and SVG, byte for byte, and a PNG exactly where the drawing has one.
    pub fn is_in(&self, folder: &Path) -> bool {
        let file = |end: &str| folder.join(format!("{}.{end}", self.stem));
        let holds = |end: &str, bytes: &[u8]| regular::read(&file(end)).is_ok_and(|found| found == bytes);
        holds("csv", &self.numbers.csv())
            && holds("svg", self.svg.as_bytes())
            && file("png").is_file() == chart::has_png(&self.svg, SCALE)
    }

    /// The picture for a page beside the folder [`FIGURES`]; `command` reproduces it.
    pub(super) fn picture(&self, command: Option<String>) -> Picture {
        let end = if chart::has_png(&self.svg, SCALE) { "png" } else { "svg" };
        let file = |end: &str| format!("{FIGURES}/{}.{end}", self.stem);
        Picture {
            id: self.id(),
            title: self.title().to_owned(),
            image: Image::Svg(self.svg.clone()),
            file: file(end),
            caption: if self.caption.is_empty() { Text::default() } else { self.caption.as_str().into() },
            csv: Some(file("csv")),
            command,
        }
    }

    /// The id of the picture on the page.
    pub(super) fn id(&self) -> String {
        anchor(&["picture", &self.stem])
    }

    fn title(&self) -> &str {
        match &self.chart {
            Chart::Figure(figure) | Chart::Fidelity(figure) => &figure.title,
            Chart::Multiples(multiples) => &multiples.title,
            Chart::Bars(bars) => &bars.title,
        }
    }

    /// The panels of a drawing that has them.
    #[cfg(test)]
    pub(super) fn multiples(&self) -> &Multiples {
        match &self.chart {
            Chart::Multiples(multiples) => multiples,
            _ => panic!("{} has no rows of panels", self.stem),
        }
    }

    /// The rendered chart.
    pub(super) fn svg(&self) -> &str {
        &self.svg
    }
}

impl Chart {
    fn svg(&self) -> String {
        match self {
            Self::Figure(figure) => chart::svg(figure),
            Self::Fidelity(figure) => chart::fidelity_svg(figure),
            Self::Multiples(multiples) => multiples.svg(),
            Self::Bars(bars) => bars.svg(),
        }
    }
}

/// Appends `_2`, `_3`, … to stems that are already taken; the first of equal stems stays. Case is ignored, because file names
/// that differ in case alone are one file on macOS and Windows.
pub(super) fn make_unique<'s>(stems: impl Iterator<Item = &'s mut String>) {
    let stems: Vec<&mut String> = stems.collect();
    let mut seen = BTreeSet::new();
    let mut taken: BTreeSet<String> = stems.iter().map(|stem| stem.to_lowercase()).collect();
    for stem in stems {
        if seen.insert(stem.to_lowercase()) {
            continue;
        }
        let numbered = |number: usize| format!("{stem}_{number}");
        let mut number = 2;
        while !taken.insert(numbered(number).to_lowercase()) {
            number += 1;
        }
        let unique = numbered(number);
        *stem = unique;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(runs: usize) -> Drawing {
        let rates: Vec<String> = (1..=runs).map(|rate| format!("{:.5}", 1e-5 * rate as f64)).collect();
        let sweep = format!(
            "sweep = {{ regularizer = ['dae'], sigma_squared = [0, 0.5], learning_rate = [{}] }}",
            rates.join(", ")
        );
        let figure =
            Figure::from_runs("x", "x", &crate::report::figure::tests::runs(&sweep, |_| Some((0.5, 0.0))));
        let numbers = crate::report::figure::numbers(&figure);
        Drawing::new("x".to_owned(), Chart::Figure(figure), "", numbers)
    }

    /// 900 learning rates make a legend that is higher than a PNG may be.
    #[test]
    fn a_drawing_too_large_for_a_png_is_left_as_svg() {
        let (large, small) = (drawing(900), drawing(1));
        let folder = tempfile::tempdir().unwrap();
        let is_there = |end: &str| folder.path().join(format!("x.{end}")).exists();
        assert!(small.write(folder.path()).unwrap().is_none() && is_there("png"));
        let reason = large.write(folder.path()).unwrap().expect("it is too high").to_string();
        assert!(reason.contains("pixels; accepted: 1 to 16384") && reason.contains("SVG"), "{reason}");
        assert!(is_there("csv") && is_there("svg"));
        assert!(!is_there("png"), "the PNG of another figure is no picture of this one");
        assert_eq!(large.picture(None).file, "figures/x.svg");
        assert_eq!(small.picture(None).file, "figures/x.png");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_place_of_the_csv_does_not_block() {
        let drawing = drawing(1);
        let folder = tempfile::tempdir().unwrap();
        drawing.write(folder.path()).unwrap();
        assert!(drawing.is_in(folder.path()));
        let pipe = folder.path().join("x.csv");
        fs::remove_file(&pipe).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(!drawing.is_in(folder.path()));
    }

    /// The CSV is the same under each scale, so only the SVG shows the difference.
    #[test]
    fn a_figure_with_another_scale_is_not_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let mut drawing = drawing(1);
        drawing.set_sigma_scale(SigmaScale::Linear);
        drawing.write(folder.path()).unwrap();
        assert!(drawing.is_in(folder.path()));
        drawing.set_sigma_scale(SigmaScale::Sigma);
        assert!(!drawing.is_in(folder.path()));
    }

    #[test]
    fn stems_differ_in_more_than_case() {
        let mut stems = ["Tiny", "tiny", "TINY_2", "x", "x"].map(str::to_owned);
        make_unique(stems.iter_mut());
        assert_eq!(stems, ["Tiny", "tiny_3", "TINY_2", "x", "x_2"], "a number makes no other's name");
    }
}
