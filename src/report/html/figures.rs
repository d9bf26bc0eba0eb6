//! The figures, those that belong together side by side, each with its numbers.

use crate::report::PaperFigure;
use crate::report::chart::{self, GRID, INK, MUTED, PAPER};
use crate::report::claims::text;
use crate::report::drawings::Drawing;
use crate::report::figure::{Estimate, Figure};
use maud::{Markup, PreEscaped, html};

/// All `drawings`, in their order; the halves of a figure under one heading.
pub(super) fn figures(drawings: &[Drawing]) -> Markup {
    let mut groups: Vec<(String, Vec<&Drawing>)> = Vec::new();
    for drawing in drawings {
        let heading = drawing.paper.map_or_else(|| drawing.figure.title.clone(), PaperFigure::heading);
        match groups.last_mut().filter(|(last, _)| *last == heading) {
            Some((_, members)) => members.push(drawing),
            None => groups.push((heading, vec![drawing])),
        }
    }
    html! {
        p {
            "Activation fraction: the share of pairs of sample and hidden unit with h > δ_min, over all clean training \
             samples (Eq. 14). A dead unit is active on none of them. σ² is the variance of the noise for DAE and \
             eDAE, and the coefficient of the penalty for the others."
        }
        @for (heading, members) in groups {
            h3 { (heading) }
            div.pair { @for drawing in members { (one(drawing)) } }
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

/// The picture with the page's colours in place of the paper's, so that it follows the theme. Whole attributes alone: a name may
/// hold a colour, but no quotation mark, which is escaped in text.
pub(in crate::report) fn themed(svg: &str) -> String {
    [(INK, "ink"), (MUTED, "muted"), (GRID, "grid"), (PAPER, "panel")]
        .into_iter()
        .fold(svg.to_owned(), |svg, (color, variable)| {
            svg.replace(&format!("=\"{color}\""), &format!("=\"var(--{variable})\""))
        })
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
                            td.number { (point.alive_activation_fraction.map(text::number).unwrap_or_default()) }
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
    let bounds = interval.map(|bounds| format!(" {}", text::interval(bounds)));
    text::number(mean) + &bounds.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_in_names_stay_text() {
        let title = format!("{INK} fill=\"{MUTED}\"");
        let figure = Figure::from_runs("x", title, &[]);
        let page = themed(&chart::svg(&figure));
        assert!(page.contains("<title>#1a1a1a fill=&quot;#555555&quot;</title>"), "{page}");
        for color in [INK, MUTED, GRID, PAPER] {
            assert!(!page.contains(&format!("=\"{color}\"")), "{color} doesn't follow the theme");
        }
    }
}
