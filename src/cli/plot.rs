//! A figure drawn with characters on the terminal.

use super::screen;
use crate::report::document::Block;
use crate::report::figure::{Figure, Point};
use std::fmt::Write as _;

/// Least and largest width of the plot area in characters.
const WIDTHS: [usize; 2] = [16, 72];
/// Width of the vertical axis.
const AXIS: usize = 7;
/// Number of lines from the fraction 0 to 1.
const HEIGHT: usize = 20;
/// The character where points of several curves meet.
const SEVERAL: char = '*';

/// The activation fraction (Eq. 14) against σ²: a letter for each model, dots between its points; in lines of `width` characters if the
/// terminal is not very narrow.
pub(super) fn plot(figure: &Figure, width: usize) -> String {
    let width = width.saturating_sub(AXIS).clamp(WIDTHS[0], WIDTHS[1]);
    let letters = letters(figure.series.iter().map(|series| series.legend.as_str()));
    let largest = figure.points().map(|(_, point)| point.sigma_squared);
    let largest = largest.fold(0.0, f64::max);
    let column = |sigma_squared: f64| {
        if largest > 0.0 { (sigma_squared / largest * (width - 1) as f64).round() as usize } else { 0 }
    };
    let row = |fraction: f64| ((1.0 - fraction.clamp(0.0, 1.0)) * HEIGHT as f64).round() as usize;
    let mut canvas = vec![vec![' '; width]; HEIGHT + 1];
    let curves: Vec<Vec<(f64, f64)>> = figure
        .series
        .iter()
        .map(|series| {
            let point = |point: &Point| Some((point.sigma_squared, point.avg_activation_fraction?.mean));
            series.points.iter().filter_map(point).collect()
        })
        .collect();
    for pair in curves.iter().flat_map(|points| points.windows(2)) {
        let [(from, start), (to, end)] = [pair[0], pair[1]];
        let (first, last) = (column(from), column(to));
        (first + 1..last).for_each(|x| {
            let share = (x - first) as f64 / (last - first) as f64;
            canvas[row(start + share * (end - start))][x] = '·';
        });
    }
    for (letter, points) in letters.iter().zip(&curves) {
        for (sigma_squared, fraction) in points {
            let character = &mut canvas[row(*fraction)][column(*sigma_squared)];
            *character = if character.is_alphanumeric() && character != letter || *character == SEVERAL {
                SEVERAL
            } else {
                *letter
            };
        }
    }
    let words = |words: String| screen::text(vec![Block::Paragraph(words.into())]);
    let mut text = format!("\n{}", words(format!("{}: activation fraction", figure.title)));
    for (y, line) in canvas.iter().enumerate() {
        let fraction = 1.0 - y as f64 / HEIGHT as f64;
        let label = if y % 5 == 0 { format!("{fraction:.2}") } else { String::new() };
        let line: String = line.iter().collect();
        let _ = writeln!(text, "{label:>5} |{}", line.trim_end());
    }
    let _ = writeln!(
        text,
        "{:>5} +{}\n{:>6} {:<half$}{:>rest$}",
        "",
        "-".repeat(width),
        "",
        "0",
        largest,
        half = width / 2,
        rest = width - width / 2
    );
    let names =
        letters.iter().zip(&figure.series).map(|(letter, series)| format!("{letter} {}", series.legend));
    text + &words(format!("horizontally σ²; {}; {SEVERAL} several", names.collect::<Vec<_>>().join(", ")))
}

/// A letter for each name: the first of its letters that no name before it has.
fn letters<'n>(names: impl Iterator<Item = &'n str>) -> Vec<char> {
    let mut taken = Vec::new();
    for name in names {
        let free = |c: &char| c.is_ascii_alphanumeric() && !taken.contains(c);
        let letter = name.chars().map(|c| c.to_ascii_uppercase()).find(free);
        let letter = letter.or_else(|| ('A'..='Z').chain('0'..='9').find(free));
        taken.push(letter.unwrap_or('?'));
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::{Series, SigmaScale};
    use crate::report::statistics::Estimate;

    fn series(legend: &str, points: &[(f64, Option<f64>)]) -> Series {
        let point = |(sigma_squared, fraction): &(f64, Option<f64>)| Point {
            sigma_squared: *sigma_squared,
            avg_activation_fraction: fraction.map(|mean| Estimate { mean, interval: None }),
            alive_activation_fraction: None,
            dead_fraction: None,
            fraction_variance_unexplained: None,
            completed: Vec::new(),
            diverged: Vec::new(),
        };
        Series {
            regularizer: legend.to_owned(),
            constraint: "none".to_owned(),
            learning_rate: 0.001,
            encoder_bias: "trained".to_owned(),
            legend: legend.to_owned(),
            points: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn points_are_drawn_at_their_coordinates() {
        let figure = Figure {
            id: "x".to_owned(),
            title: "x".to_owned(),
            subtitle: String::new(),
            dataset: "mnist".to_owned(),
            series: vec![
                series("DAE", &[(0.0, Some(1.0)), (0.5, Some(0.5)), (1.0, Some(0.0))]),
                series("dae (masking)", &[(0.0, Some(1.0)), (0.5, None), (1.0, Some(1.0))]),
            ],
            sigma_scale: SigmaScale::Auto,
        };
        let text = plot(&figure, 100);
        let rows: Vec<&str> = text.lines().skip(2).collect();
        let character_at = |y: usize, x: usize| rows[y].chars().nth(7 + x);
        assert_eq!(character_at(0, 0), Some(SEVERAL));
        assert_eq!(character_at(0, WIDTHS[1] - 1), Some('A'));
        assert_eq!(character_at(HEIGHT / 2, 36), Some('D'));
        assert_eq!(character_at(HEIGHT, WIDTHS[1] - 1), Some('D'));
        // The second curve passes over its diverged point.
        assert_eq!(character_at(0, 36), Some('·'));
        assert!(rows[0].starts_with(" 1.00 |") && rows[HEIGHT].starts_with(" 0.00 |"), "{text}");
        assert!(text.contains("D DAE, A dae (masking); * several"), "{text}");
    }

    #[test]
    fn figures_with_one_point_or_none_are_drawn() {
        let figure = |points: &[(f64, Option<f64>)]| Figure {
            id: "x".to_owned(),
            title: "x".to_owned(),
            subtitle: String::new(),
            dataset: "mnist".to_owned(),
            series: vec![series("DAE", points)],
            sigma_scale: SigmaScale::Auto,
        };
        assert!(
            plot(&figure(&[(0.0, Some(0.5))]), 100).contains(" 0.50 |D")
                || plot(&figure(&[(0.0, Some(0.5))]), 100).contains("|D")
        );
        assert!(!plot(&figure(&[]), 100).contains("|D"));
    }
}
