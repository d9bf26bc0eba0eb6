//! Styles of curves: colour, marker and dashes, each of which alone distinguishes the first seven.
//!
//! The colours are six of Okabe and Ito's, which are distinct for all common kinds of colour blindness, and grey. Black and
//! yellow are left out, because each is invisible on one of the backgrounds, black and white.

use super::sheet::{INK, coordinate, draw_path};
use crate::regularizer::RegularizerKind as Kind;
use std::fmt::Write as _;

/// The look of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) color: &'static str,
    pub(super) marker: Marker,
    /// SVG's stroke-dasharray; empty: a solid line.
    pub(super) dashes: &'static str,
    pub(super) width: f64,
}

/// A disk of this radius, or a polygon with these corners relative to its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Marker {
    radius: f64,
    corners: &'static [(f64, f64)],
    /// Whether it is an outline, through which lower layers show.
    pub(super) is_hollow: bool,
}

const fn marker(radius: f64, corners: &'static [(f64, f64)], is_hollow: bool) -> Marker {
    Marker { radius, corners, is_hollow }
}

const DISK: Marker = marker(3.8, &[], false);
const SQUARE: Marker = marker(0.0, &[(-3.4, -3.4), (3.4, -3.4), (3.4, 3.4), (-3.4, 3.4)], false);
const DIAMOND: Marker = marker(0.0, &[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)], true);
const TRIANGLE: Marker = marker(0.0, &[(0.0, -4.8), (4.6, 3.4), (-4.6, 3.4)], false);
/// A triangle upside down, like ∇.
const GRADIENT: Marker = marker(0.0, &[(0.0, 5.0), (4.8, -3.6), (-4.8, -3.6)], true);
const CIRCLE: Marker = marker(4.2, &[], true);
const BAR: Marker = marker(0.0, &[(-1.6, -5.0), (1.6, -5.0), (1.6, 5.0), (-1.6, 5.0)], false);

/// The styles of the first curves; further curves recombine them.
const STYLES: [Style; 7] = [
    Style { color: "#d55e00", marker: DISK, dashes: "9 3", width: 2.0 },
    Style { color: "#0072b2", marker: SQUARE, dashes: "", width: 2.6 },
    Style { color: "#cc79a7", marker: DIAMOND, dashes: "4 4", width: 2.0 },
    Style { color: "#009e73", marker: TRIANGLE, dashes: "9 3 2 3", width: 2.0 },
    Style { color: "#e69f00", marker: GRADIENT, dashes: "5 3", width: 2.0 },
    Style { color: "#56b4e9", marker: CIRCLE, dashes: "2 2", width: 2.0 },
    Style { color: "#8c8c8c", marker: BAR, dashes: "14 3 3 3", width: 2.0 },
];

/// The models that have the first six of [`STYLES`].
const STYLED_MODELS: [Kind; 6] = [Kind::Dae, Kind::Cae, Kind::Mdae, Kind::KlSae, Kind::Edae, Kind::L1];

/// The order in which other curves get [`STYLES`]: first the styles whose models are in fewest figures.
const SPARE: [usize; STYLES.len()] = [6, 5, 4, 2, 3, 0, 1];

/// The style of the plain auto-encoder: a horizontal line without markers.
const LEVEL: Style = Style { color: INK, marker: DISK, dashes: "1 4", width: 1.6 };

/// A style for each curve, by its label. A model has the same style in every figure, unless an earlier curve of the figure has
/// it.
pub(super) fn styles<'l>(labels: impl Iterator<Item = &'l str>) -> Vec<Style> {
    let (mut taken, mut level_taken) = (Vec::<usize>::new(), false);
    let style = |label: &str| {
        let name = label.split('(').next().unwrap_or(label);
        let kind = Kind::from_name(name);
        if kind == Some(Kind::None) && !level_taken {
            level_taken = true;
            return LEVEL;
        }
        let own = STYLED_MODELS.iter().position(|model| kind == Some(*model));
        let own = own.filter(|index| !taken.contains(index));
        let index = own
            .or_else(|| SPARE.into_iter().chain(STYLES.len()..).find(|index| !taken.contains(index)))
            .unwrap_or(0);
        taken.push(index);
        combination(index)
    };
    labels.map(style).collect()
}

/// The style with this index: the first seven are [`STYLES`], and each further seven combine the colours with another marker and
/// other dashes. After seven turns, 49 styles, they repeat.
fn combination(index: usize) -> Style {
    let (turn, place) = (index / STYLES.len(), index % STYLES.len());
    let other = |shift: usize| STYLES[(place + shift) % STYLES.len()];
    Style { marker: other(turn).marker, dashes: other(3 * turn).dashes, ..STYLES[place] }
}

impl Style {
    /// Draws the line `path`.
    pub(super) fn draw_line(&self, body: &mut String, path: &str) {
        let mut more = format!(r#" stroke-width="{}" stroke-linejoin="round""#, self.width);
        if !self.dashes.is_empty() {
            let _ = write!(more, r#" stroke-dasharray="{}""#, self.dashes);
        }
        draw_path(body, path, self.color, &more);
    }

    /// The marker at (x, y).
    pub(super) fn mark(&self, x: f64, y: f64) -> String {
        let Marker { radius, corners, is_hollow } = self.marker;
        let shape = if corners.is_empty() {
            format!(r#"<circle cx="{}" cy="{}" r="{radius}""#, coordinate(x), coordinate(y))
        } else {
            let corners =
                corners.iter().map(|(dx, dy)| format!("{},{}", coordinate(x + dx), coordinate(y + dy)));
            format!(r#"<path d="M{}Z""#, corners.collect::<Vec<_>>().join("L"))
        };
        if is_hollow {
            format!(r#"{shape} fill="none" stroke="{}" stroke-width="1.6"/>"#, self.color)
        } else {
            format!(r#"{shape} fill="{}"/>"#, self.color)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_of_a_figure_has_its_own_look() {
        let labels = (0..40).map(|i| format!("kl_sae(rho=0.{i})")).collect::<Vec<_>>();
        let styles = styles(labels.iter().map(String::as_str));
        for (i, style) in styles.iter().enumerate() {
            assert!(styles[..i].iter().all(|other| other != style), "{i}");
            for other in styles[..i.min(7)].iter().filter(|_| i < 7) {
                assert!(other.color != style.color && other.marker != style.marker);
                assert_ne!(other.dashes, style.dashes);
            }
        }
    }

    #[test]
    fn a_model_looks_the_same_in_every_figure() {
        let all = styles(["dae", "cae", "mdae", "kl_sae"].into_iter());
        let some = styles(["none", "kl_sae(rho=0.05)", "cae", "cae(x=1)"].into_iter());
        assert_eq!((some[0], some[1], some[2]), (LEVEL, all[3], all[1]));
        assert!(!all[1..].contains(&some[3]), "an earlier curve has CAE's look");
        let levels = styles(["none", "none"].into_iter());
        assert_ne!(levels[0], levels[1], "under two constraints");
    }
}
