//! The figures, those that belong together side by side, each with its numbers.

use super::Section;
use crate::report::PaperFigure;
use crate::report::chart::{self, GRID, INK, MUTED, PAPER};
use crate::report::drawings::Drawing;
use crate::report::figure::{Estimate, Figure};
use maud::{Markup, PreEscaped, html};

/// All figures: the paper's in its order, then those of other folders.
pub(super) fn figures(sections: &[Section<'_>]) -> Markup {
    let drawings = || sections.iter().flat_map(|section| &section.drawings);
    let paper = PaperFigure::ALL.iter().map(|paper| {
        let members: Vec<_> = drawings().filter(|drawing| drawing.figure.id == paper.id).collect();
        (paper.heading(), members)
    });
    let others = sections.iter().map(|section| {
        let is_other = |drawing: &&Drawing| PaperFigure::from_id(&drawing.figure.id).is_none();
        (section.results.name.clone(), section.drawings.iter().filter(is_other).collect())
    });
    html! {
        p {
            "Activation fraction: the share of pairs of sample and hidden unit with h > δ_min, over all clean training \
             samples (Eq. 14). A dead unit is active on none of them. σ² is the variance of the noise for DAE and \
             eDAE, and the coefficient of the penalty for the others."
        }
        @for (heading, members) in paper.chain(others) {
            @if !members.is_empty() {
                h3 { (heading) }
                div.pair { @for drawing in members { (one(drawing)) } }
            }
        }
    }
}

fn one(drawing: &Drawing) -> Markup {
    html! {
        figure id=(drawing.stem) {
            (PreEscaped(themed(&chart::svg(&drawing.figure))))
            figcaption {
                details {
                    summary { "Numbers" }
                    div.scroll { (numbers(&drawing.figure)) }
                }
            }
        }
    }
}

/// The picture with the page's colours in place of the paper's, so that it follows the theme.
fn themed(svg: &str) -> String {
    [(INK, "var(--ink)"), (MUTED, "var(--muted)"), (GRID, "var(--grid)"), (PAPER, "var(--panel)")]
        .into_iter()
        .fold(svg.to_owned(), |svg, (color, variable)| svg.replace(color, variable))
}

fn numbers(figure: &Figure) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "model" }
                    @for title in ["σ²", "activation fraction", "of alive units", "dead units", "seeds"] {
                        th.number scope="col" { (title) }
                    }
                }
            }
            tbody {
                @for series in &figure.series {
                    @for point in &series.points {
                        tr {
                            th scope="row" { (series.legend) }
                            td.number { (point.sigma_squared) }
                            td.number { (estimate(point.avg_activation_fraction)) }
                            td.number { (point.alive_activation_fraction.map(fraction).unwrap_or_default()) }
                            td.number { (estimate(point.dead_fraction)) }
                            td.number {
                                (point.seeds)
                                @if point.diverged > 0 { " (" (point.diverged) " diverged)" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Mean and interval: `0.0242 [0.0201, 0.0283]`.
fn estimate(estimate: Option<Estimate>) -> String {
    let Some(Estimate { mean, interval }) = estimate else { return "diverged".to_owned() };
    let bounds = interval.map(|i| format!(" [{}, {}]", fraction(i.low), fraction(i.high)));
    fraction(mean) + &bounds.unwrap_or_default()
}

fn fraction(value: f64) -> String {
    format!("{value:.4}")
}
